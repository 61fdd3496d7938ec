// Errors: how they are raised, caught and retried (language-semantics.md section 4, "try").
#include <algorithm>
#include <cmath>

#include "core/errors.h"
#include "core/limits.h"
#include "core/walker.h"
#include "json/builder.h"

namespace pawl::core {

using json::Value;

void Walker::work(Activation& at, const dsl::TryTask&) {
  start_attempt_timer(begin(at, EventType::task_started, input_payload(at)));
}

void Walker::start_attempt_timer(Execution& attempt) {
  const auto& kind = std::get<dsl::TryTask>(task_of(attempt).work);
  if (!kind.retry || !kind.retry->attempt_duration) return;
  const Activation at = activation_of(attempt);
  const auto due =
      evaluation_.instant(*kind.retry->attempt_duration, now_, at.input, {.activation = &at, .input = &at.input});
  if (!due) return raise(at, error_of(due.error(), task_of(attempt).reference));
  open_wait(&attempt, WaitKind::timeout, attempt.path, *due, attempt.retries + 1);
}

void Walker::raise(const Activation& at, Value error) { raise(*at.scope, at.path, at.execution, std::move(error)); }

// The error leaves one task after the other until a try catches it: each is faulted, what else was open inside
// cancelled.
void Walker::raise(Scope& from, std::string path, Execution* execution, Value error) {
  Scope* scope = &from;
  for (;;) {
    if (execution != nullptr) cancel_below(*execution);
    const Catch caught = catch_of(*scope, error);
    Execution* owner = scope->owner;
    json::ObjectBuilder payload(4);
    payload.add("error", error);
    if (effect_ && *effect_ != Effect::not_done) {
      payload.add("effect", *effect_ == Effect::done ? "done" : "unknown");
    }
    effect_.reset();
    if (execution != nullptr) {
      if (auto context = context_left_by(*execution)) payload.add("context", std::move(*context));
    }
    if (caught.how == Catch::How::handles) payload.add("caughtBy", owner->path);
    emit(EventType::task_faulted, std::move(path), payload.finish());
    if (caught.how == Catch::How::retries) {
      // With the try's beginning: cancelled in this decision, the try was never there to be retried.
      const Value retry =
          Value::object({{"attempt", Value::integer(owner->retries + 1)}, {"dueAt", format_time(caught.retry_at)}});
      emit_with(*owner, EventType::task_retrying, owner->path, retry);
      open_wait(owner, WaitKind::retry, owner->path, caught.retry_at);
      return;
    }
    if (caught.how == Catch::How::handles) {
      const dsl::Task& task = task_of(*owner);
      const auto& kind = std::get<dsl::TryTask>(task.work);
      if (!kind.catch_list) complete(activation_of(*owner), owner->input, kind.catch_then.value_or(task.then));
      return;
    }
    error = caught.error;
    if (owner == nullptr) return emit(EventType::run_faulted, {}, Value::object({{"error", std::move(error)}}));
    execution = owner;
    path = owner->path;
    scope = owner->scope;
  }
}

// What the try around `scope`, if there is one, does with an error that leaves the scope.
Walker::Catch Walker::catch_of(Scope& scope, const Value& error) {
  if (scope.role != Scope::Role::attempt) return {.how = Catch::How::passes, .error = error};
  Execution& owner = *scope.owner;
  const dsl::Task& task = task_of(owner);
  const auto& kind = std::get<dsl::TryTask>(task.work);
  const Activation at = activation_of(owner);
  std::vector<Value> locals = owner.scope->locals;
  locals.push_back(error);
  const Arguments arguments{.activation = &at, .locals = &locals, .input = &owner.input};
  const auto failing = [&](const Problem& problem) {
    return Catch{.how = Catch::How::passes, .error = error_of(problem, task.reference)};
  };

  const auto caught = catches(kind, error, arguments);
  if (!caught) return failing(caught.error());
  if (!*caught) return {.how = Catch::How::passes, .error = error};
  if (kind.retry) {
    const auto at_time = retry_time(owner, *kind.retry, error, arguments);
    if (!at_time) return failing(at_time.error());
    if (*at_time) return {.how = Catch::How::retries, .error = {}, .retry_at = **at_time};
    // Exhausted, and nothing else to do with it: the error goes on.
    if (!kind.catch_list && !kind.catch_then) return {.how = Catch::How::passes, .error = error};
  }
  return {.how = Catch::How::handles, .error = {}};
}

Result<bool> Walker::catches(const dsl::TryTask& task, const Value& error, const Arguments& arguments) {
  if (!matches(task.errors_with, error)) return false;
  if (task.when) {
    const auto holds = evaluation_.test(*task.when, error, arguments);
    if (!holds || !*holds) return holds;
  }
  if (task.except_when) {
    const auto holds = evaluation_.test(*task.except_when, error, arguments);
    if (!holds) return holds;
    return !*holds;
  }
  return true;
}

// When the next attempt is due; none when the policy says that there is none.
Result<std::optional<Time>> Walker::retry_time(Execution& attempt, const dsl::RetryPolicy& policy, const Value& error,
                                               const Arguments& arguments) {
  const std::uint32_t number = attempt.retries + 1;
  if (policy.count && number > *policy.count) return std::nullopt;
  for (const auto* condition : {&policy.when, &policy.except_when}) {
    if (!*condition) continue;
    const auto holds = evaluation_.test(**condition, error, arguments);
    if (!holds) return fail(holds.error());
    if (*holds != (condition == &policy.when)) return std::nullopt;
  }
  const auto delay = retry_delay(policy, number, error, arguments);
  if (!delay) return fail(delay.error());
  const Time due = now_ + *delay;
  if (policy.duration) {
    const auto limit = evaluation_.instant(*policy.duration, attempt.started_at, error, arguments);
    if (!limit) return fail(limit.error());
    if (due > *limit) return std::nullopt;
  }
  return due;
}

Result<Microseconds> Walker::retry_delay(const dsl::RetryPolicy& policy, std::uint32_t number, const Value& error,
                                         const Arguments& arguments) {
  constexpr auto longest = std::chrono::duration_cast<Microseconds>(retry_delay_longest);
  double delay = 0;
  if (policy.delay) {
    const auto length = evaluation_.length(*policy.delay, error, arguments);
    if (!length) return fail(length.error());
    delay = static_cast<double>(length->count());
  }
  if (policy.backoff == dsl::RetryPolicy::Backoff::linear) delay *= number;
  if (policy.backoff == dsl::RetryPolicy::Backoff::exponential)
    delay = std::ldexp(delay, static_cast<int>(std::min(number - 1, 64U)));
  Microseconds low{0}, high{0};
  if (policy.jitter_from) {
    const auto length = evaluation_.length(*policy.jitter_from, error, arguments);
    if (!length) return fail(length.error());
    low = *length;
  }
  if (policy.jitter_to) {
    const auto length = evaluation_.length(*policy.jitter_to, error, arguments);
    if (!length) return fail(length.error());
    high = *length;
  }
  if (high > low)
    delay += static_cast<double>(low.count()) + random_unit() * static_cast<double>((high - low).count());
  else
    delay += static_cast<double>(low.count());
  Microseconds result = longest;
  if (delay < static_cast<double>(longest.count())) result = Microseconds(static_cast<std::int64_t>(delay));
  if (retry_after_) result = std::max(result, std::min(*retry_after_, longest));
  return result;
}

// splitmix64 over the decision's random word.
double Walker::random_unit() {
  random_ += 0x9e3779b97f4a7c15ULL;
  std::uint64_t z = random_;
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
  return static_cast<double>((z ^ (z >> 31)) >> 11) * 0x1.0p-53;
}

}  // namespace pawl::core
