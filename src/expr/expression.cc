#include "expr/expression.h"

#include <cmath>
#include <limits>
#include <string>
#include <utility>
#include <vector>

#include "expr/code.h"
#include "expr/compiler.h"
#include "expr/lexer.h"
#include "expr/library.h"
#include "expr/machine.h"
#include "expr/parser.h"
#include "expr/result.h"

namespace pawl::expr {

namespace {

constexpr int bad_request = 400, unavailable = 503;

Problem problem(std::string code, std::string detail, std::string instance, int status = bad_request) {
  return Problem{.status = status,
                 .code = std::move(code),
                 .title = "The expression failed",
                 .detail = std::move(detail),
                 .instance = std::move(instance),
                 .hint = {}};
}

std::string message_of(const json::Value& error) {
  return error.is_string() ? std::string(error.text()) : json::to_text(error);
}

Problem exhausted(const Exhausted& cause) {
  if (cause.limit.empty()) {
    return Problem{.status = unavailable,
                   .code = "runtime",
                   .title = "The expression was stopped",
                   .detail = "it took longer than the server allows",
                   .instance = {},
                   .hint = {}};
  }
  return problem("expression-budget", "the program used up its " + std::string(cause.limit), std::string(cause.limit));
}

// Runs the machine, handing over each result; `each` returns false to stop.
template <class Each>
Result<void> run(const Expression& expression, const Frame& frame, Budget& budget, Each each) {
  try {
    Machine machine(expression.code(), frame, budget);
    while (auto result = machine.next()) {
      if (result->size_bytes() > budget.result_bytes) throw Exhausted{"result-bytes"};
      if (!each(machine.made_non_finite() ? cleaned(std::move(*result)) : std::move(*result))) return {};
    }
    if (machine.error()) {
      // Before it is written: a value that shares its parts may be far longer as text than it is in memory.
      if (machine.error()->size_bytes() > budget.result_bytes) throw Exhausted{"result-bytes"};
      return fail(problem("expression", message_of(*machine.error()), {}));
    }
    return {};
  } catch (const Exhausted& cause) { return fail(exhausted(cause)); }
}

}  // namespace

std::expected<Expression, SyntaxProblem> Expression::compile(std::string_view source,
                                                             std::span<const std::string_view> variables) {
  if (source.size() > program_bytes) {
    return std::unexpected(SyntaxProblem{.code = "expression-limit",
                                         .message = "longer than " + std::to_string(program_bytes) + " bytes",
                                         .hint = {},
                                         .offset = program_bytes});
  }
  try {
    // The names in the tree are views into the source: both live until the program is compiled.
    const Syntax syntax = parse_program(source);
    return Expression(Compiler(syntax, source, variables, &Library::instance()).compile_program());
  } catch (SyntaxError& error) { return std::unexpected(std::move(error.problem)); }
}

bool Expression::uses(std::size_t variable) const {
  return variable < code_->used_variables.size() && code_->used_variables[variable];
}

bool Expression::is_identity() const { return code_->is_identity; }

std::string_view Expression::source() const { return code_->source; }

Result<json::Value> evaluate(const Expression& expression, const Frame& frame, Budget& budget) {
  if (expression.is_identity()) return frame.input;
  std::vector<json::Value> results;
  std::size_t bytes = 0;
  bool too_large = false;
  auto done = run(expression, frame, budget, [&](json::Value result) {
    bytes = bytes + result.size_bytes() < bytes ? SIZE_MAX : bytes + result.size_bytes();
    too_large = bytes > budget.result_bytes;
    results.push_back(std::move(result));
    return !too_large;
  });
  if (!done) return fail(std::move(done.error()));
  if (too_large) return fail(exhausted({"result-bytes"}));
  if (results.empty()) return json::Value();
  return results.size() == 1 ? std::move(results[0]) : json::Value::array(std::move(results));
}

Result<bool> test(const Expression& expression, const Frame& frame, Budget& budget) {
  std::size_t count = 0;
  bool truth = false;
  auto done = run(expression, frame, budget, [&](const json::Value& result) {
    truth = result.is_truthy();
    return ++count < 2;
  });
  if (!done) return fail(std::move(done.error()));
  if (count > 1) return fail(problem("expression", "a condition must have one result, this one has several", {}));
  return truth;
}

Result<void> evaluate_each(const Expression& expression, const Frame& frame, Budget& budget,
                           const std::function<bool(json::Value)>& each) {
  return run(expression, frame, budget, [&](json::Value result) { return each(std::move(result)); });
}

}  // namespace pawl::expr
