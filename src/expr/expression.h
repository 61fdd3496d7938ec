// Programs in the language of jq 1.7 (rules S8, S9 and J1–J6 of language-semantics.md): compiled once, at deployment,
// evaluated often. Nothing here does I/O or knows the time: `now` is given.
#pragma once

#include <cstddef>
#include <expected>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "base/time.h"
#include "expr/budget.h"
#include "json/value.h"

namespace pawl::expr {

struct Code;

// Why a program was refused, for a diagnostic. Codes: expression-syntax, expression-limit, unknown-variable,
// unknown-function, unsupported-function (jq has it, this version does not yet), forbidden-function (J1),
// regex-unsupported, unknown-label.
struct SyntaxProblem {
  std::string code, message, hint;
  std::size_t offset = 0;  // bytes from the beginning of the program's text
};

// Cheap to copy, immutable, usable from any thread.
class Expression {
 public:
  // `variables` are the names, without `$`, that Frame::variables gives values for, in the same order. An empty name
  // keeps its slot and cannot be referred to.
  static std::expected<Expression, SyntaxProblem> compile(std::string_view source,
                                                          std::span<const std::string_view> variables);

  bool uses(std::size_t variable) const;  // whether the program refers to this slot at all
  bool is_identity() const;               // `.`
  std::string_view source() const;
  const Code& code() const { return *code_; }

 private:
  explicit Expression(std::shared_ptr<const Code> code) : code_(std::move(code)) {}
  std::shared_ptr<const Code> code_;
};

// What a program sees. Slots that it does not use may be left out at the end of `variables`, or hold anything; used and
// left out, they are null.
struct Frame {
  const json::Value& input;  // `.`
  std::span<const json::Value> variables;
  Time now;  // what `now` gives (D2)
};

// Problems: `expression`, 400, with jq's message in `detail` (a value raised by error(…) that is not a string as its
// JSON text); `expression-budget`, 400, with the limit in `instance`; `runtime`, 503, when the stop flag was set.

// No result is null, one is the value, more are an array (S8).
Result<json::Value> evaluate(const Expression& expression, const Frame& frame, Budget& budget);

// As a condition: no result is false, more than one is a problem, all but false and null is true (S8).
Result<bool> test(const Expression& expression, const Frame& frame, Budget& budget);

// Calls `each` with every result in turn until it returns false. Results before a problem have been delivered.
Result<void> evaluate_each(const Expression& expression, const Frame& frame, Budget& budget,
                           const std::function<bool(json::Value)>& each);

}  // namespace pawl::expr
