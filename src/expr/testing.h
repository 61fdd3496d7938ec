// For the tests of this room: programs evaluated to text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "expr/expression.h"
#include "json/parse.h"
#include "json/write.h"

namespace pawl::expr::testing {

// The results as compact texts with a space between, then the problem's code and detail, if there is one. `$context` is
// {"id":7}; `now` is 2026-11-21T00:00:00.5Z.
inline std::string results_of(std::string_view program, std::string_view input, Budget& budget) {
  constexpr std::string_view names[] = {"context", "input", ""};
  const json::Value variables[] = {json::Value::object({{"id", json::Value::integer(7)}}), json::Value("in"), {}};
  const auto value = json::parse(input, {.depth = json::deepest});
  if (!value) return "input: " + value.error().detail;
  const auto expression = Expression::compile(program, names);
  if (!expression) return expression.error().code;
  std::string out;
  const Time now{std::chrono::milliseconds(1'795'219'200'500)};
  const auto done = evaluate_each(*expression, {*value, variables, now}, budget, [&out](json::Value result) {
    if (!out.empty()) out += ' ';
    json::write(result, out);
    return true;
  });
  if (!done) {
    if (!out.empty()) out += ' ';
    out += done.error().code + ": " + (done.error().instance.empty() ? done.error().detail : done.error().instance);
  }
  return out;
}

inline std::string results_of(std::string_view program, std::string_view input = "null") {
  Budget budget;
  return results_of(program, input, budget);
}

struct Row {
  std::string_view program, input, results;
};

}  // namespace pawl::expr::testing
