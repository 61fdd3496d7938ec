// JSON pointers (RFC 6901), which name tasks (rule S3), places in diagnostics and parts of values.
#pragma once

#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace pawl::json {

// `~` and `/` of a name as `~0` and `~1`.
std::string escape_pointer(std::string_view name);
// `pointer` with one more token, escaped.
std::string append_pointer(std::string_view pointer, std::string_view name);
std::string append_pointer(std::string_view pointer, std::size_t index);

// The unescaped tokens; the empty pointer has none. Nullopt when it does not begin with `/` or has a stray `~`.
std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer);

// The part of `root` that the pointer names, or null when there is none (or the pointer is malformed). Array indices
// are decimal without leading zeros; `-` names nothing.
const Value* look_up(const Value& root, std::string_view pointer);

}  // namespace pawl::json
