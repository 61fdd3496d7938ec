// Built-in functions written in C++: they take an input and arguments and give one result or an error.
#pragma once

#include <cstdint>
#include <expected>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "expr/meter.h"
#include "expr/regex.h"
#include "json/value.h"

namespace pawl::expr {

// A result, or the value of the error that `try` catches.
using Outcome = std::expected<json::Value, json::Value>;

inline std::unexpected<json::Value> raise(std::string_view message) {
  return std::unexpected(json::Value::string(message));
}

struct NativeCall {
  Meter& meter;
  RegexCache& regexes;
  Time now;
  json::Value input;
  std::span<json::Value> arguments;  // may be moved from
};

struct Native {
  std::string_view name;
  std::uint16_t arity;
  Outcome (*function)(NativeCall&);
};

// All natives; an instruction names one by its place in this list.
std::span<const Native> natives();
// Nullopt-like: the size of the list when there is none.
std::size_t find_native(std::string_view name, std::size_t arity);

// The parts of the list, one per file.
std::span<const Native> core_natives();
std::span<const Native> path_natives();
std::span<const Native> string_natives();
std::span<const Native> array_natives();
std::span<const Native> math_natives();
std::span<const Native> regex_natives();
std::span<const Native> date_natives();

}  // namespace pawl::expr
