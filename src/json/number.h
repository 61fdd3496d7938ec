// Numbers as text, both ways (rule J3).
#pragma once

#include <compare>
#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

#include "json/value.h"

namespace pawl::json {

enum class NumberError : std::uint8_t { malformed, out_of_range };

// Digits after the point that PostgreSQL's numeric, and so jsonb, can hold.
inline constexpr std::int64_t fraction_digits = 16'383;

// A whole JSON number (RFC 8259 section 6). A whole value within 64 bits is an integer however it is written; any other
// is the nearest double, and keeps its digits if these are not the shortest that name that double. Out of range: beyond
// a double, or more fraction digits than jsonb holds.
std::expected<Value, NumberError> parse_number(std::string_view text);

// The order of two texts as Value::digits keeps them.
std::strong_ordering compare_digits(std::string_view a, std::string_view b);

}  // namespace pawl::json
