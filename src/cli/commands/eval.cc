#include <algorithm>
#include <chrono>

#include "cli/commands.h"
#include "cli/files.h"
#include "cli/json_texts.h"
#include "expr/expression.h"
#include "json/parse.h"

namespace pawl::cli {
namespace {

constexpr std::size_t eval_bytes = 64 << 20;  // of standard input

int syntax_error(const Terminal& terminal, const std::string& source, const expr::SyntaxProblem& problem) {
  terminal.note("pawl: " + problem.message + " [" + problem.code + "]");
  terminal.note("  " + source);
  terminal.note("  " + std::string(std::min(problem.offset, source.size()), ' ') + "^");
  if (!problem.hint.empty()) terminal.note("hint: " + problem.hint);
  return Exit::expression;
}

int evaluate(const Terminal& terminal, const Eval& options, const expr::Expression& expression,
             const json::Value& input) {
  expr::Budget budget;
  const Time now = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
  const auto done = expr::evaluate_each(expression, {input, {}, now}, budget, [&](json::Value result) {
    terminal.line(options.raw && result.is_string() ? std::string(result.text()) : json::to_text(result));
    return true;
  });
  if (done) return Exit::done;
  terminal.problem(done.error());
  return Exit::expression;
}

}  // namespace

int run(const Eval& options, const Terminal& terminal) {
  const auto expression = expr::Expression::compile(options.expression, {});
  if (!expression) return syntax_error(terminal, options.expression, expression.error());
  if (options.null_input) return evaluate(terminal, options, *expression, json::Value());
  const auto text = read_file("-", eval_bytes);
  if (!text) return terminal.problem(text.error());
  const json::Limits limits{.bytes = eval_bytes, .depth = json::deepest, .nodes = 16 << 20};
  int exit = Exit::done;
  for (const std::string_view each : json_texts(*text)) {
    const auto value = json::parse(each, limits);
    if (!value) return terminal.problem(value.error());
    exit = std::max(exit, evaluate(terminal, options, *expression, *value));
  }
  return exit;
}

}  // namespace pawl::cli
