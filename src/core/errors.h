// Errors as a run sees them: {type, status, title, detail?, instance}. The eight standard types of the Open Workflow
// DSL.
#pragma once

#include <string>
#include <string_view>

#include "base/problem.h"
#include "json/value.h"

namespace pawl::core {

enum class StandardError : std::uint8_t {
  configuration,
  validation,
  expression,
  authentication,
  authorization,
  timeout,
  communication,
  runtime
};

// `detail` may be empty: then it is left out.
json::Value make_error(StandardError type, int status, std::string_view detail, std::string_view instance);

// What an evaluation failed with, raised at `instance` (rule S9; the stop flag's `runtime` 503 stays one).
json::Value error_of(const Problem& problem, std::string_view instance);

// A worker's or service's error with what every error has filled in where it is missing; `instance` is the task's
// reference.
json::Value complete_error(const json::Value& given, std::string_view instance);

// Whether every member of a catch's `errors.with` equals the error's; null catches all. Standard types match under both
// hosts and both paths that the specification has used (rule "try", Types).
bool matches(const json::Value& errors_with, const json::Value& error);

}  // namespace pawl::core
