#include "dsl/programs.h"

#include <algorithm>

#include "dsl/suggest.h"

namespace pawl::dsl {
namespace {

// The variable at the offset of an `unknown-variable` problem.
std::string_view variable_at(std::string_view text, std::size_t offset) {
  const std::size_t dollar = text.find('$', std::min(offset, text.size()));
  if (dollar == text.npos) return {};
  std::string_view name = text.substr(dollar + 1);
  const auto is_part = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  const auto end = std::ranges::find_if_not(name, is_part);
  return name.substr(0, static_cast<std::size_t>(end - name.begin()));
}

void report_variable(Context& context, const expr::SyntaxProblem& problem, std::string_view text,
                     const std::string& pointer, std::span<const std::string_view> variables) {
  const std::string name(variable_at(text, problem.offset));
  if (name == "secrets" || name == "authorization") return unsupported(context, pointer, "$" + name, Part::value);
  std::string hint = problem.hint;
  if (std::ranges::find(argument_names, name) != argument_names.end()) {
    hint = "$" + name + " is not given to a program in this place";
  } else if (const std::string_view meant = closest(name, variables); !meant.empty()) {
    hint = "did you mean $" + std::string(meant) + "?";
  }
  context.problems.error(problem.code, pointer, problem.message, std::move(hint));
}

void report(Context& context, const expr::SyntaxProblem& problem, std::string_view text, const std::string& pointer,
            std::span<const std::string_view> variables) {
  if (problem.code == "unknown-variable") return report_variable(context, problem, text, pointer, variables);
  context.problems.error(problem.code, pointer, problem.message, problem.hint);
}

std::optional<expr::Expression> compile_expression(Context& context, std::string_view text, const std::string& pointer,
                                                   const View& view) {
  if (!context.problems.has_room()) return std::nullopt;
  const auto variables = visible(view.site, view.locals);
  auto expression = expr::compile_expression(text, variables);
  if (expression) return std::move(*expression);
  report(context, expression.error(), text, pointer, variables);
  return std::nullopt;
}

// Each string of a template that is no program. One by one, since to explain a mistake costs far more than to find that
// there is one: of very many, the rest are left out.
void report_strings(Context& context, const json::Value& value, const std::string& pointer,
                    std::span<const std::string_view> variables) {
  if (!context.problems.has_room()) return;
  if (value.is_string()) {
    const auto compiled = expr::Template::compile(value, variables);
    if (!compiled) report(context, compiled.error().problem, value.text(), pointer, variables);
  }
  for (std::size_t i = 0; i < value.items().size(); ++i) {
    report_strings(context, value.items()[i], json::append_pointer(pointer, i), variables);
  }
  for (const json::Member& member : value.members()) {
    report_strings(context, member.value, json::append_pointer(pointer, member.key()), variables);
  }
}

// Members of a duration object, the largest unit first.
struct DurationUnits {
  std::int64_t days = 0, hours = 0, minutes = 0, seconds = 0, milliseconds = 0;
};

constexpr std::array<std::pair<std::string_view, std::int64_t DurationUnits::*>, 5> duration_units{{
    {"days", &DurationUnits::days},
    {"hours", &DurationUnits::hours},
    {"minutes", &DurationUnits::minutes},
    {"seconds", &DurationUnits::seconds},
    {"milliseconds", &DurationUnits::milliseconds},
}};

// As far as an ISO 8601 duration reaches (base/time.h), so that nothing overflows in the sum.
constexpr std::int64_t days_at_most = 9'999 * 366LL;

std::optional<CalendarDuration> sum(const DurationUnits& units) {
  using std::chrono::hours, std::chrono::minutes, std::chrono::seconds, std::chrono::milliseconds;
  constexpr std::int64_t seconds_at_most = days_at_most * 86'400;
  const bool fits = units.days <= days_at_most && units.hours <= days_at_most * 24 &&
                    units.minutes <= days_at_most * 1'440 && units.seconds <= seconds_at_most &&
                    units.milliseconds <= seconds_at_most * 1'000;
  if (!fits) return std::nullopt;
  CalendarDuration duration;
  duration.days = units.days;
  duration.rest =
      hours{units.hours} + minutes{units.minutes} + seconds{units.seconds} + milliseconds{units.milliseconds};
  return duration;
}

Duration read_duration_object(Context& context, const json::Value& value, const std::string& pointer) {
  static constexpr std::array<std::string_view, 5> names{"days", "hours", "minutes", "seconds", "milliseconds"};
  const std::size_t errors = context.problems.error_count();
  check_members(context, value, pointer, {names});
  DurationUnits units;
  for (const auto& [name, unit] : duration_units) {
    const json::Value* count = value.find(name);
    if (count == nullptr) continue;
    const std::string place = json::append_pointer(pointer, name);
    if (!count->is_integer()) {
      wrong_type(context, *count, place, "a whole number",
                 count->is_string() ? "a duration that is computed is one expression that gives ISO 8601 text" : "");
    } else if (count->integer() < 0) {
      context.problems.error("negative-duration", place, "a duration cannot be negative");
    } else {
      units.*unit = count->integer();
    }
  }
  const auto duration = sum(units);
  if (value.members().empty()) {
    context.problems.error("invalid-duration", pointer, "a duration has at least one unit",
                           "{seconds: 0} is none at all");
  } else if (!duration && errors == context.problems.error_count()) {
    context.problems.error("invalid-duration", pointer, "a duration is at most 9999 years");
  }
  return duration.value_or(CalendarDuration{});
}

// The scheme must be plain to see: a member's value is percent-encoded, so none could come from a template.
bool is_http(std::string_view uri) {
  const auto begins = [uri](std::string_view scheme) {
    return uri.size() > scheme.size() && std::ranges::equal(uri.substr(0, scheme.size()), scheme, [](char a, char b) {
             return (a >= 'A' && a <= 'Z' ? a - 'A' + 'a' : a) == b;
           });
  };
  const std::size_t host = begins("http://") ? 7 : begins("https://") ? 8 : 0;
  return host != 0 && !std::string_view("/?#:@").contains(uri[host]);
}

// Between braces stands the name of a member as it is (S10), unless they look like a program's.
bool has_space(std::string_view uri) {
  const bool names_may = !uri.contains("${");
  bool in_name = false;
  return std::ranges::any_of(uri, [&](char c) {
    if (c == '{' || c == '}') in_name = names_may && c == '{';
    return !in_name && (static_cast<unsigned char>(c) <= ' ' || c == '\x7f');
  });
}

}  // namespace

std::optional<expr::Expression> read_expression(Context& context, const json::Value& value, const std::string& pointer,
                                                const View& view) {
  if (value.is_boolean()) {
    wrong_type(context, value, pointer, "an expression", "quote it: \"" + json::to_text(value) + "\"");
    return std::nullopt;
  }
  if (!expect_string(context, value, pointer, "an expression")) return std::nullopt;
  return compile_expression(context, value.text(), pointer, view);
}

expr::Template read_template(Context& context, const json::Value& value, const std::string& pointer, const View& view) {
  if (!context.problems.has_room()) return nothing();
  const auto variables = visible(view.site, view.locals);
  auto compiled = expr::Template::compile(value, variables);
  if (!compiled) {
    report_strings(context, value, pointer, variables);
    return nothing();
  }
  for (const auto& [problem, inside] : compiled->warnings()) {
    context.problems.warning(problem.code, pointer + inside, problem.message, problem.hint);
  }
  return std::move(*compiled);
}

Data read_data(Context& context, const json::Value& value, const std::string& pointer, const View& view) {
  if (value.is_object()) return read_template(context, value, pointer, view);
  if (!value.is_string()) {
    wrong_type(context, value, pointer, "an expression or an object");
    return nothing();
  }
  if (auto expression = compile_expression(context, value.text(), pointer, view)) return std::move(*expression);
  return nothing();
}

Duration read_duration(Context& context, const json::Value& value, const std::string& pointer, const View& view) {
  if (value.is_object()) return read_duration_object(context, value, pointer);
  if (!value.is_string()) {
    wrong_type(context, value, pointer, "a duration", "for example PT30S or {seconds: 30}");
    return CalendarDuration{};
  }
  const std::string_view text = value.text();
  if (expr::braced(text)) {
    auto expression = compile_expression(context, text, pointer, view);
    if (expression) return std::move(*expression);
    return CalendarDuration{};
  }
  if (const auto duration = parse_iso_duration(text)) return *duration;
  if (text.starts_with("-") && parse_iso_duration(text.substr(1))) {
    context.problems.error("negative-duration", pointer, "a duration cannot be negative");
  } else {
    context.problems.error("invalid-duration", pointer, "this is no ISO 8601 duration",
                           "for example PT30S, PT1H30M, P2D or {seconds: 30}; only seconds may have a fraction");
  }
  return CalendarDuration{};
}

Endpoint read_endpoint(Context& context, const json::Value& value, const std::string& pointer, const View& view) {
  static const expr::UriTemplate none = *expr::UriTemplate::compile("");
  if (!expect_string(context, value, pointer, "a URI")) return none;
  const std::string_view text = value.text();
  if (expr::braced(text)) {
    auto expression = compile_expression(context, text, pointer, view);
    if (expression) return std::move(*expression);
    return none;
  }
  auto uri = expr::UriTemplate::compile(text);
  if (!uri) {
    context.problems.error(uri.error().code, pointer, uri.error().message, uri.error().hint);
    return none;
  }
  const std::string hint =
      text.contains("${") ? "an expression takes the whole text: ${ \"https://example.com/\\(.id)\" }" : "";
  if (!is_http(text) || has_space(text)) {
    context.problems.error("invalid-uri", pointer,
                           "the URI must begin with http:// or https:// and a host, without spaces", hint);
    return none;
  }
  if (!hint.empty()) {
    context.problems.warning("literal-looks-like-expression", pointer, "this is a URI template, not a program", hint);
  }
  return std::move(*uri);
}

}  // namespace pawl::dsl
