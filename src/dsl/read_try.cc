// try, catch and retry policies.
#include <array>
#include <limits>

#include "dsl/names.h"
#include "dsl/tasks.h"
#include "dsl/use.h"

namespace pawl::dsl {
namespace {

// Only what can be compared before the run: without calendar units of no fixed length.
std::optional<Microseconds> fixed_length(const std::optional<Duration>& duration) {
  if (!duration) return std::nullopt;
  const auto* fixed = std::get_if<CalendarDuration>(&*duration);
  if (fixed == nullptr || fixed->years != 0 || fixed->months != 0) return std::nullopt;
  return std::chrono::days{fixed->days} + fixed->rest;
}

// Reads members of one object; `place` is the pointer to it. The last local of the view is the error variable.
struct PolicyPart {
  Context& context;
  const json::Value& value;
  std::string place;
  View view;

  std::optional<Duration> duration(std::string_view name) const {
    const json::Value* member = value.find(name);
    if (member == nullptr) return std::nullopt;
    return read_duration(context, *member, json::append_pointer(place, name), view);
  }
  std::optional<expr::Expression> expression(std::string_view name) const {
    const json::Value* member = value.find(name);
    if (member == nullptr) return std::nullopt;
    return read_expression(context, *member, json::append_pointer(place, name), view);
  }
  std::optional<PolicyPart> part(std::string_view name, std::span<const std::string_view> known) const {
    const json::Value* member = value.find(name);
    if (member == nullptr) return std::nullopt;
    std::string at = json::append_pointer(place, name);
    if (!check_members(context, *member, at, {known})) return std::nullopt;
    return PolicyPart{context, *member, std::move(at), view};
  }
};

void read_backoff(const PolicyPart& policy, RetryPolicy& retry) {
  using Backoff = RetryPolicy::Backoff;
  static constexpr std::array<std::string_view, 3> known{"constant", "linear", "exponential"};
  static constexpr std::array<Backoff, 3> shapes{Backoff::constant, Backoff::linear, Backoff::exponential};
  const auto backoff = policy.part("backoff", known);
  if (!backoff) return;
  std::size_t chosen = 0;
  for (std::size_t i = 0; i < known.size(); ++i) {
    if (backoff->value.find(known[i]) == nullptr) continue;
    ++chosen;
    retry.backoff = shapes[i];
    static_cast<void>(backoff->part(known[i], {}));  // an empty object: the shapes have no settings
  }
  if (chosen != 1) {
    policy.context.problems.error("invalid-value", backoff->place,
                                  "a backoff is exactly one of constant, linear and exponential",
                                  "for example {linear: {}}");
  }
}

void read_limit(const PolicyPart& policy, RetryPolicy& retry) {
  static constexpr std::array<std::string_view, 2> known{"attempt", "duration"};
  static constexpr std::array<std::string_view, 2> known_of_attempt{"count", "duration"};
  const auto limit = policy.part("limit", known);
  if (!limit) return;
  retry.duration = limit->duration("duration");
  const auto attempt = limit->part("attempt", known_of_attempt);
  if (!attempt) return;
  PolicyPart beginning = *attempt;  // of an attempt: there is no error yet
  beginning.view.locals = policy.view.locals.first(policy.view.locals.size() - 1);
  retry.attempt_duration = beginning.duration("duration");
  const json::Value* count = attempt->value.find("count");
  if (count == nullptr) return;
  const std::string place = json::append_pointer(attempt->place, "count");
  if (!count->is_integer()) {
    wrong_type(policy.context, *count, place, "a whole number");
  } else if (count->integer() < 0 || count->integer() > std::numeric_limits<std::uint32_t>::max()) {
    policy.context.problems.error("invalid-value", place, "the number of retries is 0 to 4294967295");
  } else {
    retry.count = static_cast<std::uint32_t>(count->integer());
  }
}

void read_jitter(const PolicyPart& policy, RetryPolicy& retry) {
  static constexpr std::array<std::string_view, 2> known{"from", "to"};
  const auto jitter = policy.part("jitter", known);
  if (!jitter) return;
  for (const std::string_view name : known) require(policy.context, jitter->value, jitter->place, name);
  retry.jitter_from = jitter->duration("from");
  retry.jitter_to = jitter->duration("to");
  const auto from = fixed_length(retry.jitter_from);
  const auto to = fixed_length(retry.jitter_to);
  if (from && to && *from > *to) {
    policy.context.problems.error("invalid-value", jitter->place, "the jitter's from is longer than its to");
  }
}

RetryPolicy read_named_retry(Context& context, std::string_view name, const std::string& pointer, const View& view) {
  if (!check_literal_name(context, name, pointer)) return {};
  const json::Value* found = find_reusable(context, context.use.retries, "retries", name, pointer);
  if (found == nullptr) return {};
  auto& compiled = context.use.retries_compiled[std::string(name)];
  const std::string key = scope_key(view.site, view.locals);
  if (const auto known = compiled.find(key); known != compiled.end()) return known->second;
  RetryPolicy retry = read_retry(context, *found, json::append_pointer("/use/retries", name), view);
  return compiled.emplace(key, std::move(retry)).first->second;
}

// `catch.errors.with`: members that are compared with the error's. Literals.
json::Value read_error_filter(Context& context, const json::Value& errors, const std::string& pointer) {
  static constexpr std::array<std::string_view, 1> known_of_errors{"with"};
  static constexpr std::array<std::string_view, 5> known{"type", "status", "title", "detail", "instance"};
  if (!check_members(context, errors, pointer, {known_of_errors})) return {};
  const json::Value* with = errors.find("with");
  if (with == nullptr) return {};
  const std::string place = json::append_pointer(pointer, "with");
  if (!check_members(context, *with, place, {known})) return {};
  if (with->members().empty()) {
    context.problems.error("invalid-value", place, "there is nothing to compare",
                           "leave errors out to catch every error");
  }
  for (const json::Member& member : with->members()) {
    const std::string at = json::append_pointer(place, member.key());
    if (member.key() == "status") {
      if (!member.value.is_integer()) wrong_type(context, member.value, at, "a whole number");
    } else if (expect_string(context, member.value, at, "a text") && expr::braced(member.value.text())) {
      context.problems.warning("literal-looks-like-expression", at, "this is compared as it stands, not evaluated",
                               "use catch.when for an expression");
    }
  }
  return *with;
}

}  // namespace

RetryPolicy read_retry(Context& context, const json::Value& value, const std::string& pointer, const View& view) {
  static constexpr std::array<std::string_view, 6> known{"when", "exceptWhen", "delay", "backoff", "limit", "jitter"};
  RetryPolicy retry;
  if (!check_members(context, value, pointer, {known})) return retry;
  const PolicyPart policy{context, value, pointer, view};
  retry.when = policy.expression("when");
  retry.except_when = policy.expression("exceptWhen");
  retry.delay = policy.duration("delay");
  read_backoff(policy, retry);
  read_limit(policy, retry);
  read_jitter(policy, retry);
  return retry;
}

Work read_try(Context& context, const Reading& reading) {
  static constexpr std::array<std::string_view, 7> known{"errors", "as", "when", "exceptWhen", "retry", "do", "then"};
  TryTask task{.list = main_list,
               .error_name = "error",
               .errors_with = {},
               .when = {},
               .except_when = {},
               .retry = {},
               .catch_list = {},
               .catch_then = {}};
  if (const json::Value* list = require(context, reading.definition, reading.reference, "try")) {
    task.list = read_list(context, *list, reading.at("try"), inner_scope(reading));
  }
  const json::Value* handler = require(context, reading.definition, reading.reference, "catch");
  const std::string pointer = reading.at("catch");
  if (handler == nullptr || !check_members(context, *handler, pointer, {known})) return task;

  const auto at = [&](std::string_view name) { return json::append_pointer(pointer, name); };
  if (const json::Value* name = handler->find("as"); name != nullptr && check_variable_name(context, *name, at("as"))) {
    task.error_name = name->text();
  }
  const Scope inside = inner_scope(reading, std::span(&task.error_name, 1));
  const View view{Site::work, inside.locals};
  if (const json::Value* errors = handler->find("errors")) {
    task.errors_with = read_error_filter(context, *errors, at("errors"));
  }
  if (const json::Value* when = handler->find("when")) task.when = read_expression(context, *when, at("when"), view);
  if (const json::Value* except = handler->find("exceptWhen")) {
    task.except_when = read_expression(context, *except, at("exceptWhen"), view);
  }
  if (const json::Value* retry = handler->find("retry")) {
    task.retry = retry->is_string() ? read_named_retry(context, retry->text(), at("retry"), view)
                                    : read_retry(context, *retry, at("retry"), view);
  }
  if (const json::Value* list = handler->find("do")) task.catch_list = read_list(context, *list, at("do"), inside);
  if (const json::Value* then = handler->find("then")) {
    task.catch_then = read_then(context, *then, at("then"), reading.siblings);
  }
  return task;
}

}  // namespace pawl::dsl
