// JSON text (RFC 8259) to a value, with limits, refusing everything that PostgreSQL's jsonb could not store or that two
// parsers could read differently.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/problem.h"
#include "json/value.h"

namespace pawl::json {

struct Limits {
  std::size_t bytes = 1 << 20;    // of text
  std::uint32_t depth = 128;      // levels of arrays and objects
  std::uint32_t nodes = 1 << 18;  // values in all, members' names not counted
};

// The deepest that any text may be, whatever the limits say; expressions allow the same.
inline constexpr std::uint32_t deepest = 512;

// One JSON value and nothing after it but white space. Problems, all with status 400:
//   invalid-json        not JSON (also a literal NaN, a byte order mark); `instance` is "line L, column C"
//   invalid-string      not UTF-8, a lone surrogate, or U+0000 in a string or a key
//   number-out-of-range beyond a double (J3)
//   json-too-large, json-too-deep, json-too-many-nodes   `instance` names the limit
// Duplicate members: the last wins. -0 is 0. Thread-safe.
Result<Value> parse(std::string_view text, const Limits& limits = {});

}  // namespace pawl::json
