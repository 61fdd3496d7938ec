// Values of a definition whose braced strings are programs (rules S6 and S7).
#pragma once

#include <cstdint>
#include <expected>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.h"
#include "json/value.h"

namespace pawl::expr {

// What stands between `${` and `}` when the string, trimmed of white space and line breaks, begins and ends with them;
// nullopt for a literal. Says nothing about whether it is one program.
std::optional<std::string_view> braced(std::string_view text);

// A field of the class "expression": the program bare, or in braces (S6). Offsets count from the beginning of `text`.
std::expected<Expression, SyntaxProblem> compile_expression(std::string_view text,
                                                            std::span<const std::string_view> variables);

struct TemplateProblem {
  SyntaxProblem problem;
  std::string pointer;  // RFC 6901, of the string inside the value
};

// Cheap to copy, immutable, usable from any thread.
class Template {
 public:
  // Every braced string in `value`, at any depth, is compiled; keys are never evaluated. Without one, the template is
  // constant and evaluates to `value` itself.
  static std::expected<Template, TemplateProblem> compile(const json::Value& value,
                                                          std::span<const std::string_view> variables);
  // All problems instead of the first, for diagnostics.
  static std::vector<TemplateProblem> check(const json::Value& value, std::span<const std::string_view> variables);

  bool is_constant() const;
  bool uses(std::size_t variable) const;
  const json::Value& source() const;
  // Strings that look like programs but are literals (code `literal-looks-like-expression`).
  const std::vector<TemplateProblem>& warnings() const;

  // Problems as those of expr::evaluate. `instance` is the pointer of the failing string inside the value, unless a
  // budget ran out: then it names the limit.
  Result<json::Value> evaluate(const Frame& frame, Budget& budget) const;

 private:
  struct Compiled;
  explicit Template(std::shared_ptr<const Compiled> compiled) : compiled_(std::move(compiled)) {}
  std::shared_ptr<const Compiled> compiled_;
};

}  // namespace pawl::expr
