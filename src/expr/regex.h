// Regular expressions: Oniguruma's syntax, as jq has it, translated for RE2 (rule J5).
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace pawl::expr {

// Whether the first argument of this built-in is a regular expression.
bool takes_regex(std::string_view function);

// What is wrong with a pattern, or nothing.
std::optional<std::string> check_regex(std::string_view pattern);

}  // namespace pawl::expr
