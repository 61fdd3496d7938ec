#include "core/evaluation.h"

#include <utility>

#include "base/version.h"
#include "json/builder.h"

namespace pawl::core {
namespace {

using json::Value;

constexpr std::size_t slot(dsl::Argument argument) { return static_cast<std::size_t>(argument); }

Value runtime_argument() {
  static const Value runtime =
      Value::object({{"name", "pawl"}, {"version", std::string(version())}, {"metadata", Value::object()}});
  return runtime;
}

// A DateTime descriptor, as the language's specification has it. Epoch: of 1970, rounded down.
Value descriptor(Time time) {
  using std::chrono::floor, std::chrono::seconds, std::chrono::milliseconds;
  const auto since = time.time_since_epoch();
  return Value::object(
      {{"iso8601", format_time(time)},
       {"epoch", Value::object({{"seconds", Value::integer(floor<seconds>(since).count())},
                                {"milliseconds", Value::integer(floor<milliseconds>(since).count())}})}});
}

Problem not_a_duration(const Value& value) {
  return {.status = 400,
          .code = "expression",
          .title = "Not a duration",
          .detail = "expected an ISO 8601 duration such as PT5M, got " + json::to_text(value).substr(0, 100),
          .instance = {},
          .hint = {}};
}

}  // namespace

template <class Source_>
std::vector<Value> Evaluation::variables(const Source_& source, const Arguments& arguments) const {
  std::vector<Value> values;
  const auto uses = [&](dsl::Argument argument) { return source.uses(slot(argument)); };
  const auto put = [&](std::size_t index, Value value) {
    if (values.size() <= index) values.resize(index + 1);
    values[index] = std::move(value);
  };
  const Activation* activation = arguments.activation;
  if (uses(dsl::Argument::context)) {
    Scope* scope = activation != nullptr ? activation->scope : frames_.main.get();
    if (scope != nullptr) put(slot(dsl::Argument::context), context_of(*scope));
  }
  if (uses(dsl::Argument::input) && arguments.input != nullptr) put(slot(dsl::Argument::input), *arguments.input);
  if (uses(dsl::Argument::output) && arguments.output != nullptr) put(slot(dsl::Argument::output), *arguments.output);
  if (uses(dsl::Argument::task) && activation != nullptr) put(slot(dsl::Argument::task), task_argument(arguments));
  if (uses(dsl::Argument::workflow)) put(slot(dsl::Argument::workflow), workflow_argument());
  if (uses(dsl::Argument::runtime)) put(slot(dsl::Argument::runtime), runtime_argument());
  const std::vector<Value>* locals = arguments.locals;
  if (locals == nullptr && activation != nullptr) locals = &activation->scope->locals;
  for (std::size_t i = 0; locals != nullptr && i < locals->size(); ++i) {
    if (source.uses(dsl::argument_count + i)) put(dsl::argument_count + i, (*locals)[i]);
  }
  return values;
}

template <class Run>
auto Evaluation::metered(Run&& run) {
  expr::Budget budget = budget_;
  auto result = run(budget);
  steps_used_ += budget_.steps - budget.steps;
  return result;
}

Result<Value> Evaluation::value(const expr::Template& source, const Value& dot, const Arguments& arguments) {
  if (source.is_constant()) return source.source();
  const std::vector<Value> values = variables(source, arguments);
  return metered([&](expr::Budget& budget) { return source.evaluate({dot, values, now_of(arguments)}, budget); });
}

Result<Value> Evaluation::value(const expr::Expression& source, const Value& dot, const Arguments& arguments) {
  const std::vector<Value> values = variables(source, arguments);
  return metered(
      [&](expr::Budget& budget) { return expr::evaluate(source, {dot, values, now_of(arguments)}, budget); });
}

Result<Value> Evaluation::value(const Source& source, const Value& dot, const Arguments& arguments) {
  return std::visit([&](const auto& program) { return value(program, dot, arguments); }, source);
}

Result<bool> Evaluation::test(const expr::Expression& condition, const Value& dot, const Arguments& arguments) {
  const std::vector<Value> values = variables(condition, arguments);
  return metered([&](expr::Budget& budget) { return expr::test(condition, {dot, values, now_of(arguments)}, budget); });
}

namespace {

Result<CalendarDuration> duration_of(const Value& value) {
  const auto parsed = value.is_string() ? parse_iso_duration(value.text()) : std::nullopt;
  if (!parsed) return fail(not_a_duration(value));
  return *parsed;
}

}  // namespace

Result<Time> Evaluation::instant(const dsl::Duration& duration, Time start, const Value& dot,
                                 const Arguments& arguments) {
  if (const auto* fixed = std::get_if<CalendarDuration>(&duration)) return add(start, *fixed);
  const auto result = value(std::get<expr::Expression>(duration), dot, arguments);
  if (!result) return fail(result.error());
  const auto parsed = duration_of(*result);
  if (!parsed) return fail(parsed.error());
  return add(start, *parsed);
}

Result<Microseconds> Evaluation::length(const dsl::Duration& duration, const Value& dot, const Arguments& arguments) {
  const auto end = instant(duration, now_, dot, arguments);
  if (!end) return fail(end.error());
  return *end - now_;
}

Value Evaluation::task_argument(const Arguments& arguments) const {
  const Activation& activation = *arguments.activation;
  json::ObjectBuilder task(7);
  task.add("name", activation.task->name);
  task.add("reference", activation.task->reference);
  task.add("definition", activation.task->definition);
  if (const Value* with = activation.task->definition.find("with")) task.add("with", *with);
  task.add("input", activation.raw);
  if (arguments.raw_output != nullptr) task.add("output", *arguments.raw_output);
  task.add("startedAt", descriptor(activation.started_at));
  return task.finish();
}

Value Evaluation::workflow_argument() const {
  return Value::object({{"id", frames_.run.text()},
                        {"definition", program_.document},
                        {"input", frames_.input},
                        {"startedAt", descriptor(frames_.started_at)}});
}

// D2: `now` is the recorded start of the execution.
Time Evaluation::now_of(const Arguments& arguments) const {
  return arguments.activation != nullptr ? arguments.activation->started_at : now_;
}

}  // namespace pawl::core
