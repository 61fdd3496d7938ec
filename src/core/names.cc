// The words of events, states and waits, in one place each.
#include <array>
#include <utility>

#include "core/event.h"
#include "core/status.h"

namespace pawl::core {
namespace {

template <class Enum, std::size_t count>
using Words = std::array<std::pair<Enum, std::string_view>, count>;

constexpr Words<EventType, 16> event_words{{
    {EventType::run_started, "run.started"},
    {EventType::run_completed, "run.completed"},
    {EventType::run_faulted, "run.faulted"},
    {EventType::run_cancelling, "run.cancelling"},
    {EventType::run_cancelled, "run.cancelled"},
    {EventType::task_started, "task.started"},
    {EventType::task_completed, "task.completed"},
    {EventType::task_skipped, "task.skipped"},
    {EventType::task_faulted, "task.faulted"},
    {EventType::task_cancelled, "task.cancelled"},
    {EventType::task_retrying, "task.retrying"},
    {EventType::iteration_started, "iteration.started"},
    {EventType::wait_opened, "wait.opened"},
    {EventType::wait_closed, "wait.closed"},
    {EventType::invocation_requested, "invocation.requested"},
    {EventType::invocation_late, "invocation.late"},
}};

constexpr Words<RunStatus, 11> status_words{{
    {RunStatus::pending, "pending"},
    {RunStatus::running, "running"},
    {RunStatus::waiting, "waiting"},
    {RunStatus::suspended, "suspended"},
    {RunStatus::cancelling, "cancelling"},
    {RunStatus::compensating, "compensating"},
    {RunStatus::completed, "completed"},
    {RunStatus::faulted, "faulted"},
    {RunStatus::cancelled, "cancelled"},
    {RunStatus::compensated, "compensated"},
    {RunStatus::compensation_failed, "compensation_failed"},
}};

constexpr Words<WaitKind, 4> wait_words{{
    {WaitKind::timer, "timer"},
    {WaitKind::retry, "retry"},
    {WaitKind::timeout, "timeout"},
    {WaitKind::continue_, "continue"},
}};

template <class Enum, std::size_t count>
std::string_view word(const Words<Enum, count>& words, Enum value) {
  for (const auto& [key, text] : words) {
    if (key == value) return text;
  }
  return {};
}

template <class Enum, std::size_t count>
std::optional<Enum> parse(const Words<Enum, count>& words, std::string_view text) {
  for (const auto& [key, known] : words) {
    if (!text.empty() && known == text) return key;
  }
  return std::nullopt;
}

}  // namespace

std::string_view name(EventType type) { return word(event_words, type); }
std::optional<EventType> parse_event_type(std::string_view text) { return parse(event_words, text); }
std::string_view name(RunStatus status) { return word(status_words, status); }
std::optional<RunStatus> parse_run_status(std::string_view text) { return parse(status_words, text); }
std::string_view name(WaitKind kind) { return word(wait_words, kind); }
std::optional<WaitKind> parse_wait_kind(std::string_view text) { return parse(wait_words, text); }

}  // namespace pawl::core
