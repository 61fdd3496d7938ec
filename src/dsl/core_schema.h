// The core schema of YAML 1.2 (section 10.3): what a plain scalar means. `on`, `no`, `yes` and dates are strings.
#pragma once

#include <expected>
#include <string>
#include <string_view>

#include "json/value.h"

namespace pawl::dsl {

// The value of a plain scalar, numbers as rule J3 has them. The error says why a number cannot be one of JSON: .inf,
// .nan, beyond a double's range, or a hexadecimal or octal one beyond 64 bits.
std::expected<json::Value, std::string> plain_scalar(std::string_view text);

// The value of a scalar with an explicit core tag: `kind` is str, int, float, bool or null. The error says that the
// text is none of that kind.
std::expected<json::Value, std::string> tagged_scalar(std::string_view kind, std::string_view text);

}  // namespace pawl::dsl
