#include "core/state.h"

#include <algorithm>

#include "core/decide.h"
#include "core/frames.h"

namespace pawl::core {
namespace {

// What an open execution or scope costs beside its values.
constexpr std::size_t execution_bytes = 400;
constexpr std::size_t scope_bytes = 300;
constexpr std::size_t attempt_bytes = 96;  // of a path in Execution::attempts

std::size_t size_of(const Execution& execution);

std::size_t size_of(const Scope& scope) {
  std::size_t bytes = scope_bytes + scope.value.size_bytes() + (scope.context ? scope.context->size_bytes() : 0);
  return bytes + (scope.active ? size_of(*scope.active) : 0);
}

std::size_t size_of(const Execution& execution) {
  std::size_t bytes = execution_bytes + execution.items.size_bytes();
  // The raw input is the scope's value, counted there; most tasks have no other.
  if (!json::Value::identical(execution.raw, execution.input)) bytes += execution.input.size_bytes();
  for (const auto& [path, count] : execution.attempts) bytes += attempt_bytes + path.size();
  for (const auto& scope : execution.scopes) bytes += size_of(*scope);
  return bytes;
}

}  // namespace

RunState::RunState(Uuid tenant, Uuid run) : frames_(std::make_unique<Frames>()) {
  frames_->tenant = tenant;
  frames_->run = run;
}
RunState::RunState(RunState&&) noexcept = default;
RunState& RunState::operator=(RunState&&) noexcept = default;
RunState::~RunState() = default;

Uuid RunState::tenant() const { return frames_->tenant; }
Uuid RunState::run() const { return frames_->run; }
RunStatus RunState::status() const { return frames_->status; }
std::uint32_t RunState::revision() const { return frames_->revision; }
Time RunState::started_at() const { return frames_->started_at; }
Time RunState::last_ts() const { return frames_->last_ts; }
std::optional<Time> RunState::ended_at() const { return frames_->ended_at; }
const json::Value& RunState::input() const { return frames_->input; }
const json::Value& RunState::output() const { return frames_->output; }
const json::Value& RunState::error() const { return frames_->error; }

std::size_t RunState::size_bytes() const { return state_bytes(*frames_); }

std::size_t state_bytes(const Frames& frames) {
  std::size_t bytes = sizeof(Frames) + frames.input.size_bytes() + frames.output.size_bytes();
  for (const auto& [id, open] : frames.invocations) bytes += open.invocation.with.size_bytes();
  return bytes + (frames.main ? size_of(*frames.main) : 0);
}

void settle_status(Frames& frames) {
  if (has_ended(frames.status) || frames.status == RunStatus::cancelling) return;
  const bool busy = !frames.invocations.empty() || frames.continue_wait != 0 || frames.waits.empty();
  frames.status = busy ? RunStatus::running : RunStatus::waiting;
}

Pending pending(const RunState& state) {
  Pending pending;
  for (const auto& [wait_no, open] : state.frames().waits) pending.waits.push_back(open.wait);
  for (const auto& [id, open] : state.frames().invocations) pending.invocations.push_back(open.invocation);
  std::sort(pending.invocations.begin(), pending.invocations.end(),
            [](const Invocation& a, const Invocation& b) { return a.event_seq < b.event_seq; });
  return pending;
}

}  // namespace pawl::core
