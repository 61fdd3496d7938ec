#include "core/decide.h"

#include <algorithm>

#include "base/limits.h"
#include "core/errors.h"
#include "core/walker.h"
#include "json/builder.h"

namespace pawl::core {

using json::Value;

Walker::Walker(const dsl::Program& program, Frames& frames, const Inputs& inputs)
    : program_(program),
      frames_(frames),
      inputs_(inputs),
      now_(std::max(inputs.now, frames.last_ts)),
      evaluation_(program, frames, inputs.budget, now_),
      first_wait_(frames.next_wait),
      random_(inputs.random) {
  frames_.changes = &changes_;
}

Walker::~Walker() { frames_.changes = nullptr; }

Decision Walker::decide(const Stimulus& stimulus) {
  std::visit([&](const auto& kind) { on(kind); }, stimulus);
  if (!ignored_) {
    walk();
    enforce_state_limit();
  }
  return finish(stimulus);
}

void Walker::on(const Start& start) {
  if (frames_.status != RunStatus::pending) return ignore("run-started", "the run has started");
  Result<Value> transformed = start.input;
  if (program_.input_from) transformed = evaluation_.value(*program_.input_from, start.input, Arguments{});
  json::ObjectBuilder payload(6);
  payload.add("definition", program_.namespace_ + "/" + program_.name);
  payload.add("version", program_.version);
  payload.add("input", start.input);
  payload.add("trigger", start.trigger);
  if (!start.queue.empty()) payload.add("queue", start.queue);
  if (transformed && *transformed != start.input) payload.add("transformed", *transformed);
  emit(EventType::run_started, {}, payload.finish());
  if (!transformed) {
    return emit(EventType::run_faulted, {}, Value::object({{"error", error_of(transformed.error(), "/input")}}));
  }
  if (!program_.timeout) return;
  const auto due = evaluation_.instant(*program_.timeout, now_, start.input, Arguments{});
  if (!due) { return emit(EventType::run_faulted, {}, Value::object({{"error", error_of(due.error(), "/timeout")}})); }
  open_wait(nullptr, WaitKind::timeout, "/timeout", *due);
}

Execution* Walker::open_invocation(const Uuid& invocation, std::uint32_t attempt) {
  const auto found = frames_.invocations.find(invocation);
  if (found == frames_.invocations.end() || found->second.invocation.attempt != attempt) return nullptr;
  return found->second.execution;
}

// P4: a result that nobody waits for any more is recorded, and changes nothing.
void Walker::late(const Uuid& invocation, std::uint32_t attempt, std::uint32_t lease, std::string_view key,
                  Value what) {
  if (frames_.status == RunStatus::pending) return ignore("run-not-started", "the run has not started");
  late_ = true;
  emit(EventType::invocation_late, {},
       Value::object({{"invocation", invocation.text()},
                      {"attempt", Value::integer(attempt)},
                      {"lease", Value::integer(lease)},
                      {key, std::move(what)}}));
}

void Walker::on(const Completed& completed) {
  Execution* execution = open_invocation(completed.invocation, completed.attempt);
  if (execution == nullptr) {
    return late(completed.invocation, completed.attempt, completed.lease, "output", completed.output);
  }
  effect_ = Effect::done;
  complete(activation_of(*execution), completed.output, task_of(*execution).then);
  effect_.reset();
}

void Walker::on(const Failed& failed) {
  Execution* execution = open_invocation(failed.invocation, failed.attempt);
  if (execution == nullptr) return late(failed.invocation, failed.attempt, failed.lease, "error", failed.error);
  effect_ = failed.effect;
  retry_after_ = failed.retry_after;
  raise(activation_of(*execution), complete_error(failed.error, task_of(*execution).reference));
  retry_after_.reset();
}

void Walker::on(const TimerFired& fired) {
  const auto found = frames_.waits.find(fired.wait_no);
  if (found == frames_.waits.end()) return ignore("wait-closed", "the wait is not open");
  const Wait wait = found->second.wait;
  Execution* execution = found->second.execution;
  const bool of_attempt = execution != nullptr && execution->attempt_wait == wait.wait_no;
  emit(EventType::wait_closed, wait.path, Value::object({{"wait", Value::integer(wait.wait_no)}}));
  switch (wait.kind) {
    case WaitKind::continue_:
      return;
    case WaitKind::timer:
      return complete(activation_of(*execution), execution->input, task_of(*execution).then);
    case WaitKind::retry:
      return start_attempt_timer(*execution);
    case WaitKind::timeout:
      break;
  }
  if (execution == nullptr) {
    cancel_everything();
    const Value error = make_error(StandardError::timeout, 408, "the workflow's time is over", "/timeout");
    return emit(EventType::run_faulted, {}, Value::object({{"error", error}}));
  }
  const std::string& reference = task_of(*execution).reference;
  if (!of_attempt) {
    return raise(activation_of(*execution),
                 make_error(StandardError::timeout, 408, "the task's time is over", reference));
  }
  end_attempt_in_time(*execution->scopes.front(),
                      make_error(StandardError::timeout, 408, "the attempt's time is over", reference));
}

// An attempt's time is over: the task that is open in it fails, so that the try may catch and retry it. When the
// decision was cut between two tasks, the next one fails before it begins; behind the last, the attempt was in time.
void Walker::end_attempt_in_time(Scope& scope, Value error) {
  if (scope.active) return raise(activation_of(*scope.active), std::move(error));
  if (scope.cursor == dsl::no_task) return;
  const dsl::Task& next = program_.tasks[scope.cursor];
  raise(scope, path_of(scope, next, scope.visits[next.position] + 1), nullptr, std::move(error));
}

void Walker::on(const Cancel& cancel) {
  if (frames_.status == RunStatus::pending || has_ended(frames_.status)) {
    return ignore("run-ended", "the run is " + std::string(name(frames_.status)));
  }
  const Value reason = cancel.reason.empty() ? Value::object() : Value::object({{"reason", cancel.reason}});
  emit(EventType::run_cancelling, {}, reason);
  cancel_everything();
  emit(EventType::run_cancelled, {}, reason);
}

void Walker::on(const Poisoned& poisoned) {
  if (frames_.status == RunStatus::pending || has_ended(frames_.status)) {
    return ignore("run-ended", "the run is " + std::string(name(frames_.status)));
  }
  cancel_everything();
  emit(EventType::run_faulted, {}, Value::object({{"error", poisoned.error}}));
}

void Walker::enforce_state_limit() {
  if (has_ended(frames_.status) || frames_.status == RunStatus::pending) return;
  const std::size_t bytes = state_bytes(frames_);
  if (bytes <= limits::run_state_bytes) return;
  cancel_everything();
  const Value error = make_error(StandardError::runtime, 500,
                                 "the run's state has " + std::to_string(bytes) + " bytes, the limit run-state is " +
                                     std::to_string(limits::run_state_bytes),
                                 "/");
  emit(EventType::run_faulted, {}, Value::object({{"error", error}}));
}

Decision Walker::finish(const Stimulus& stimulus) {
  Decision decision;
  decision.late = late_;
  decision.ignored = std::move(ignored_);
  frames_.next_wait = first_wait_;
  for (std::size_t i = 0; i < events_.size(); ++i) {
    if (taken_back_[i]) continue;
    Event& event = events_[i];
    event.seq = ++frames_.revision;
    if (event.type == EventType::wait_opened) {
      const auto wait_no = static_cast<std::uint32_t>(event.payload.find("wait")->integer());
      frames_.next_wait = std::max(frames_.next_wait, wait_no + 1);
    } else if (event.type == EventType::invocation_requested) {
      const auto open = frames_.invocations.find(*Uuid::parse(event.payload.find("invocation")->text()));
      if (open != frames_.invocations.end()) open->second.invocation.event_seq = event.seq;
    }
    decision.events.push_back(std::move(event));
  }
  if (!decision.events.empty()) {
    frames_.last_ts = now_;
    settle_status(frames_);
  }
  decision.opened = std::move(changes_.opened);
  decision.closed = std::move(changes_.closed);
  for (Invocation& invocation : changes_.requested) {
    invocation.event_seq = frames_.invocations.at(invocation.id).invocation.event_seq;
    decision.requested.push_back(std::move(invocation));
  }
  for (const Changes::Ended& ended : changes_.ended) {
    Resolved resolved{ended.id, ended.attempt, Resolved::How::revoked};
    if (const auto* completed = std::get_if<Completed>(&stimulus); completed && completed->invocation == ended.id) {
      resolved.how = Resolved::How::completed;
    }
    if (const auto* failed = std::get_if<Failed>(&stimulus); failed && failed->invocation == ended.id) {
      resolved.how = Resolved::How::failed;
    }
    decision.resolved.push_back(resolved);
  }
  return decision;
}

Decision decide(const dsl::Program& program, RunState& state, const Stimulus& stimulus, const Inputs& inputs) {
  return Walker(program, state.frames(), inputs).decide(stimulus);
}

}  // namespace pawl::core
