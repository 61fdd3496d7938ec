// Entering and leaving tasks and scopes: rule D1 around the work itself, rules F1 to F3.
#include "core/errors.h"
#include "core/walker.h"
#include "json/builder.h"

namespace pawl::core {

using json::Value;

namespace {

bool is_fork(const dsl::Task& task) { return std::holds_alternative<dsl::ForkTask>(task.work); }

}  // namespace

void Walker::walk() {
  while (!has_ended(frames_.status)) {
    if (frames_.end_value) {
      const Value value = *frames_.end_value;
      cancel_everything();
      end_run(value);
      return;
    }
    if (frames_.ready.empty()) return;
    if (must_cut()) return cut();
    ++steps_;
    Scope& scope = *frames_.ready.back();
    if (scope.cursor != dsl::no_task) {
      enter(scope);
    } else {
      leave(scope);
    }
  }
}

// At least one step a decision, so that every continuation gets further.
bool Walker::must_cut() const {
  if (steps_ == 0) return false;
  return events_.size() >= inputs_.max_events || bytes_ >= inputs_.max_bytes ||
         evaluation_.steps_used() >= inputs_.budget.steps;
}

void Walker::cut() { open_wait(nullptr, WaitKind::continue_, {}, now_); }

void Walker::enter(Scope& scope) {
  const dsl::Task& task = program_.tasks[scope.cursor];
  const std::uint32_t visit = scope.visits[task.position] + 1;
  Activation at{.scope = &scope,
                .task = &task,
                .path = path_of(scope, task, visit),
                .visit = visit,
                .raw = scope.value,
                .input = scope.value,
                .started_at = now_,
                .timeout_due = std::nullopt};
  const Arguments arguments{.activation = &at};
  if (task.condition) {
    const auto holds = evaluation_.test(*task.condition, at.raw, arguments);
    if (!holds) return raise(at, error_of(holds.error(), task.reference));
    if (!*holds) return emit(EventType::task_skipped, at.path, Value::object());
  }
  if (task.timeout) {
    const auto due = evaluation_.instant(*task.timeout, now_, at.raw, arguments);
    if (!due) return raise(at, error_of(due.error(), task.reference));
    at.timeout_due = *due;
  }
  if (task.input_from) {
    auto input = evaluation_.value(*task.input_from, at.raw, arguments);
    if (!input) return raise(at, error_of(input.error(), task.reference));
    at.input = std::move(*input);
  }
  std::visit([&](const auto& kind) { work(at, kind); }, task.work);
}

void Walker::leave(Scope& scope) {
  const Value value = scope.value;
  if (scope.owner == nullptr) return end_run(value);
  Execution& owner = *scope.owner;
  const dsl::Task& task = task_of(owner);
  switch (scope.role) {
    case Scope::Role::iteration:
      return next_iteration(owner, scope.index + 1);
    case Scope::Role::branch:
      return join(owner);
    case Scope::Role::handler: {
      const auto& attempt = std::get<dsl::TryTask>(task.work);
      return complete(activation_of(owner), value, attempt.catch_then.value_or(task.then));
    }
    default:
      return complete(activation_of(owner), value, task.then);
  }
}

// Steps 8 to 14 of rule D1. They are atomic: if one fails, neither output nor context changes.
void Walker::complete(Activation at, Value raw_output, const dsl::Then& then, std::string_view case_name) {
  const dsl::Task& task = *at.task;
  const auto evaluate = [&](const Evaluation::Source& source, const Value& dot, const Value* output) {
    auto result = evaluation_.value(
        source, dot, {.activation = &at, .input = &at.input, .output = output, .raw_output = &raw_output});
    if (!result) {
      const bool joined = is_fork(task) && at.execution != nullptr;  // a fork without branches joins nothing
      if (joined) context_of(*at.scope) = at.execution->context_before;
      raise(at, error_of(result.error(), task.reference));
    }
    return result;
  };
  Value output = raw_output;
  if (task.output_as) {
    auto result = evaluate(*task.output_as, raw_output, nullptr);
    if (!result) return;
    output = std::move(*result);
  }
  std::optional<Value> context;
  if (task.export_as) {
    auto result = evaluate(*task.export_as, output, &output);
    if (!result) return;
    context = std::move(*result);
  }
  if (at.execution != nullptr) {
    auto inner = context_left_by(*at.execution);
    if (!context) context = std::move(inner);
  }
  json::ObjectBuilder payload(4);
  payload.add("output", std::move(output));
  if (context) payload.add("context", std::move(*context));
  if (!case_name.empty()) payload.add("case", case_name);
  if (std::string next = next_of(then); !next.empty()) payload.add("next", next);
  emit(EventType::task_completed, at.path, payload.finish());
}

// Takes the beginning back if it is of this decision. What the tasks inside exported must then stand in the end of this
// one, as must what the branches of a fork left when they were joined.
std::optional<Value> Walker::context_left_by(const Execution& execution) {
  const bool begun_here = take_back_beginning(execution);
  if (!begun_here && !is_fork(task_of(execution))) return std::nullopt;
  const Value& now = context_of(*execution.scope);
  if (Value::identical(now, execution.context_before)) return std::nullopt;
  return now;
}

std::string Walker::next_of(const dsl::Then& then) const {
  switch (then.kind) {
    case dsl::Then::Kind::exit:
      return "exit";
    case dsl::Then::Kind::end:
      return "end";
    case dsl::Then::Kind::task:
      return program_.tasks[then.task].name;
    default:
      return {};
  }
}

void Walker::end_run(const Value& value) {
  Value output = value;
  if (program_.output_as) {
    auto result = evaluation_.value(*program_.output_as, value, Arguments{});
    if (!result) {
      return emit(EventType::run_faulted, {}, Value::object({{"error", error_of(result.error(), "/output")}}));
    }
    output = std::move(*result);
  }
  emit(EventType::run_completed, {}, Value::object({{"output", std::move(output)}}));
}

// Innermost first, so that the history never shows a task that outlives the one around it.
void Walker::cancel_active(Scope& scope) {
  if (!scope.active) return;
  Execution& execution = *scope.active;
  cancel_below(execution);
  if (!take_back_beginning(execution)) return emit(EventType::task_cancelled, execution.path, Value::object());
  // It has never begun: an attempt that was counted a moment ago is not one.
  if (Execution* outer = outermost_try(program_, scope); outer != nullptr && execution.invocation) {
    const auto counted = outer->attempts.find(execution.path);
    if (counted != outer->attempts.end() && --counted->second == 0) outer->attempts.erase(counted);
  }
  frames_.remove_active(scope);
}

void Walker::cancel_below(Execution& execution) {
  for (const auto& scope : execution.scopes) cancel_active(*scope);
}

void Walker::cancel_everything() {
  if (frames_.main) cancel_active(*frames_.main);
}

Activation Walker::activation_of(Execution& execution) const {
  return {.scope = execution.scope,
          .task = &task_of(execution),
          .path = execution.path,
          .visit = execution.visit,
          .raw = execution.raw,
          .input = execution.input,
          .started_at = execution.started_at,
          .timeout_due = std::nullopt,
          .execution = &execution};
}

}  // namespace pawl::core
