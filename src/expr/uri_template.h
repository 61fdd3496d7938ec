// URI templates of the language (rule S10): `{name}` is replaced by the percent-encoded top-level member of that name.
#pragma once

#include <expected>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "expr/expression.h"
#include "json/value.h"

namespace pawl::expr {

class UriTemplate {
 public:
  // Refuses an unbalanced brace and an empty name (code `uri-template`).
  static std::expected<UriTemplate, SyntaxProblem> compile(std::string_view text);

  bool is_constant() const { return names_.empty(); }

  // Missing members, and an input that is no object, give the empty string; an array or object is an `expression`
  // problem.
  Result<std::string> expand(const json::Value& input) const;

 private:
  std::vector<std::string> literals_;  // one more than names: literal, name, literal, … literal
  std::vector<std::string> names_;
};

}  // namespace pawl::expr
