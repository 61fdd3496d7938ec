#include "dsl/names.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "base/time.h"
#include "dsl/scope.h"
#include "expr/template.h"

namespace pawl::dsl {
namespace {

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_alphanumeric(char c) { return is_digit(c) || is_letter(c); }
bool is_word(char c) { return is_alphanumeric(c) || c == '_' || c == '-'; }
bool is_identifier_of_version(char c) { return is_alphanumeric(c) || c == '-'; }

// The text up to the separator, which is taken off too.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = rest.find(separator);
  const std::string_view part = rest.substr(0, end);
  rest = end == rest.npos ? std::string_view() : rest.substr(end + 1);
  return part;
}

bool is_number_without_leading_zero(std::string_view text) {
  return !text.empty() && std::ranges::all_of(text, is_digit) && (text.size() == 1 || text[0] != '0');
}

// The dot-separated identifiers of a pre-release or of build metadata.
bool are_identifiers(std::string_view text, bool leading_zeros_allowed) {
  if (text.empty() || text.ends_with('.')) return false;
  while (!text.empty()) {
    const std::string_view part = take_part(text, '.');
    if (part.empty() || !std::ranges::all_of(part, is_identifier_of_version)) return false;
    const bool numeric = std::ranges::all_of(part, is_digit);
    if (numeric && !leading_zeros_allowed && !is_number_without_leading_zero(part)) return false;
  }
  return true;
}

}  // namespace

bool is_dns_label(std::string_view text) {
  return !text.empty() && text.size() <= 63 && is_alphanumeric(text.front()) && is_alphanumeric(text.back()) &&
         std::ranges::all_of(text, is_identifier_of_version);
}

bool is_semantic_version(std::string_view text) {
  if (text.size() > limits::name_bytes) return false;
  if (const std::size_t plus = text.find('+'); plus != text.npos) {
    if (!are_identifiers(text.substr(plus + 1), true)) return false;
    text = text.substr(0, plus);
  }
  if (const std::size_t hyphen = text.find('-'); hyphen != text.npos) {
    if (!are_identifiers(text.substr(hyphen + 1), false)) return false;
    text = text.substr(0, hyphen);
  }
  if (std::ranges::count(text, '.') != 2) return false;
  for (int part = 0; part < 3; ++part) {
    if (!is_number_without_leading_zero(take_part(text, '.'))) return false;
  }
  return true;
}

bool is_action_name(std::string_view text) {
  if (text.size() > limits::name_bytes || !text.contains('.') || text.ends_with('.')) return false;
  while (!text.empty()) {
    const std::string_view part = take_part(text, '.');
    if (part.empty() || !is_letter(part[0]) || !std::ranges::all_of(part, is_word)) return false;
  }
  return true;
}

bool is_iso_duration(std::string_view text) { return parse_iso_duration(text).has_value(); }

bool check_literal_name(Context& context, std::string_view name, const std::string& pointer) {
  if (!expr::braced(name)) return true;
  context.problems.error("invalid-name", pointer, "a name cannot be an expression", "write the name itself");
  return false;
}

bool check_task_name(Context& context, std::string_view name, const std::string& pointer) {
  static constexpr std::array<std::string_view, 3> directives{"continue", "exit", "end"};
  if (name.empty() || name.size() > limits::name_bytes) {
    const std::string message = "a name has 1 to " + std::to_string(limits::name_bytes) + " bytes";
    context.problems.error("invalid-name", pointer, message, "", Part::key);
    return false;
  }
  if (std::ranges::find(directives, name) != directives.end()) {
    context.problems.error("reserved-task-name", pointer, "\"" + std::string(name) + "\" is a flow directive",
                           "take another name: then could not tell the two apart", Part::key);
    return false;
  }
  if (expr::braced(name)) {
    context.problems.error("invalid-name", pointer, "a name cannot be an expression", "write the name itself",
                           Part::key);
    return false;
  }
  return true;
}

bool check_variable_name(Context& context, const json::Value& value, const std::string& pointer) {
  if (!expect_string(context, value, pointer, "the name of a variable")) return false;
  const std::string_view name = value.text();
  const bool shaped = !name.empty() && name.size() <= variable_bytes_at_most && !is_digit(name[0]) &&
                      std::ranges::all_of(name, [](char c) { return is_alphanumeric(c) || c == '_'; });
  if (!shaped) {
    const bool dollar = name.starts_with('$');
    context.problems.error("invalid-name", pointer,
                           "the name of a variable is letters, digits and _, at most " +
                               std::to_string(variable_bytes_at_most) + ", not beginning with a digit",
                           dollar ? "write it without the $" : "");
    return false;
  }
  // A name that the expression language keeps for itself ($if, say) is found by trying it.
  const std::array<std::string_view, 1> variables{name};
  if (is_reserved_variable(name) || !expr::Expression::compile("$" + std::string(name), variables)) {
    context.problems.error("invalid-name", pointer, "$" + std::string(name) + " has a meaning of its own",
                           "take another name");
    return false;
  }
  return true;
}

}  // namespace pawl::dsl
