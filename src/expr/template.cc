#include "expr/template.h"

#include <algorithm>
#include <string>
#include <utility>

#include "json/pointer.h"

namespace pawl::expr {

using json::Value;

namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trimmed(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(white_space);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(white_space) - begin + 1);
}

// `"${ .a }-${ .b }"` is no program; what its author meant is `${ "\(.a)-\(.b)" }` (S7). Empty when the text is not of
// this kind.
std::string interpolation_hint(std::string_view text) {
  std::string inside;
  std::size_t programs = 0;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t end = text.substr(at).starts_with("${") ? text.find('}', at) : std::string_view::npos;
    if (end == std::string_view::npos) {
      inside += text[at++];
      continue;
    }
    inside.append("\\(").append(trimmed(text.substr(at + 2, end - at - 2))).append(")");
    ++programs;
    at = end + 1;
  }
  return programs < 2 ? std::string{} : "did you mean ${ \"" + inside + "\" }?";
}

std::expected<Expression, SyntaxProblem> compile_braced(std::string_view text, std::string_view program,
                                                        std::span<const std::string_view> variables) {
  auto compiled = Expression::compile(program, variables);
  if (compiled) return compiled;
  SyntaxProblem problem = std::move(compiled.error());
  problem.offset += static_cast<std::size_t>(program.data() - text.data());
  if (problem.code == "expression-syntax") {
    if (std::string hint = interpolation_hint(trimmed(text)); !hint.empty()) problem.hint = std::move(hint);
  }
  return std::unexpected(std::move(problem));
}

// A literal that its author may have taken for a program: text with a program in it, a path, or a variable.
bool looks_like_program(std::string_view text, std::span<const std::string_view> variables) {
  text = trimmed(text);
  if (text.find("${") != std::string_view::npos) return true;
  if (text.size() < 2) return false;
  auto is_letter = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; };
  if (text[0] == '.') {
    return (is_letter(text[1]) || text[1] == '[') && text.find_first_of(white_space) == std::string_view::npos &&
           text.find('/') == std::string_view::npos;
  }
  if (text[0] != '$') return false;
  const std::string_view name = text.substr(1, text.find_first_of(".[ |") - 1);
  return std::ranges::find(variables, name) != variables.end();
}

}  // namespace

struct Template::Compiled {
  // A string to be replaced, and the way to it: one step per level.
  struct Place {
    std::vector<std::size_t> steps;  // positions of items and members
    std::string pointer;
    Expression program;
  };

  Value source;
  std::vector<Place> places;
  std::vector<TemplateProblem> warnings;
};

namespace {

// Walks through a value in order, without recursion, and hands over each string with its place.
template <class Visit>
void visit_strings(const Value& root, Visit visit) {
  struct Open {
    const Value* container;
    std::size_t next;
    std::size_t pointer_size;
  };
  std::vector<Open> open;
  std::vector<std::size_t> steps;
  std::string pointer;
  auto enter = [&](const Value& value) {
    if (value.is_string()) {
      visit(value.text(), steps, pointer);
    } else if (value.size() > 0) {
      open.push_back({&value, 0, pointer.size()});
      steps.push_back(0);
      return;
    }
  };
  enter(root);
  while (!open.empty()) {
    Open& top = open.back();
    pointer.resize(top.pointer_size);
    if (top.next == top.container->size()) {
      open.pop_back();
      steps.pop_back();
      continue;
    }
    const std::size_t at = top.next++;
    steps.back() = at;
    if (top.container->is_array()) {
      pointer = json::append_pointer(pointer, at);
      enter(top.container->items()[at]);
    } else {
      const json::Member& member = top.container->members()[at];
      pointer = json::append_pointer(pointer, member.key());
      enter(member.value);
    }
  }
}

// Puts `value` where the steps lead. Each level is taken out of the one above, changed and put back.
Value put(Value root, std::span<const std::size_t> steps, Value value) {
  std::vector<Value> levels{std::move(root)};
  auto name_at = [&levels](std::size_t level, std::size_t step) { return levels[level].members()[step].name; };
  for (std::size_t i = 0; i + 1 < steps.size(); ++i) {
    Value& container = levels.back();
    Value part = container.is_array() ? json::take_item(container, steps[i])
                                      : json::take_member(container, name_at(i, steps[i]).text());
    levels.push_back(std::move(part));
  }
  Value changed = std::move(value);
  for (std::size_t i = steps.size(); i-- > 0;) {
    if (levels[i].is_array()) {
      changed = json::with_item(std::move(levels[i]), steps[i], std::move(changed));
    } else {
      Value name = name_at(i, steps[i]);
      changed = json::with_named_member(std::move(levels[i]), std::move(name), std::move(changed));
    }
  }
  return changed;
}

}  // namespace

std::optional<std::string_view> braced(std::string_view text) {
  const std::string_view inner = trimmed(text);
  if (!inner.starts_with("${") || !inner.ends_with('}')) return std::nullopt;
  return inner.substr(2, inner.size() - 3);
}

std::expected<Expression, SyntaxProblem> compile_expression(std::string_view text,
                                                            std::span<const std::string_view> variables) {
  const auto program = braced(text);
  return program ? compile_braced(text, *program, variables) : Expression::compile(text, variables);
}

std::vector<TemplateProblem> Template::check(const Value& value, std::span<const std::string_view> variables) {
  std::vector<TemplateProblem> problems;
  visit_strings(value, [&](std::string_view text, const auto&, const std::string& pointer) {
    const auto program = braced(text);
    if (!program) return;
    auto compiled = compile_braced(text, *program, variables);
    if (!compiled) problems.push_back({std::move(compiled.error()), pointer});
  });
  return problems;
}

std::expected<Template, TemplateProblem> Template::compile(const Value& value,
                                                           std::span<const std::string_view> variables) {
  auto compiled = std::make_shared<Compiled>();
  compiled->source = value;
  std::optional<TemplateProblem> problem;
  visit_strings(value, [&](std::string_view text, const std::vector<std::size_t>& steps, const std::string& pointer) {
    if (problem) return;
    const auto program = braced(text);
    if (!program) {
      if (looks_like_program(text, variables)) {
        compiled->warnings.push_back(
            {{.code = "literal-looks-like-expression",
              .message = "this is taken as text, not as a program",
              .hint = interpolation_hint(trimmed(text)).empty() ? "a program stands in ${ }, all of the text in one"
                                                                : interpolation_hint(trimmed(text)),
              .offset = 0},
             pointer});
      }
      return;
    }
    auto expression = compile_braced(text, *program, variables);
    if (expression) {
      compiled->places.push_back({steps, pointer, std::move(*expression)});
    } else {
      problem = TemplateProblem{std::move(expression.error()), pointer};
    }
  });
  if (problem) return std::unexpected(std::move(*problem));
  return Template(std::move(compiled));
}

bool Template::is_constant() const { return compiled_->places.empty(); }

bool Template::uses(std::size_t variable) const {
  return std::ranges::any_of(compiled_->places,
                             [variable](const Compiled::Place& place) { return place.program.uses(variable); });
}

const Value& Template::source() const { return compiled_->source; }

const std::vector<TemplateProblem>& Template::warnings() const { return compiled_->warnings; }

Result<Value> Template::evaluate(const Frame& frame, Budget& budget) const {
  Value result = compiled_->source;
  for (const Compiled::Place& place : compiled_->places) {
    auto value = expr::evaluate(place.program, frame, budget);
    if (!value) {
      Problem problem = std::move(value.error());
      if (problem.instance.empty()) problem.instance = place.pointer;
      return fail(std::move(problem));
    }
    result = put(std::move(result), place.steps, std::move(*value));
    if (result.size_bytes() > budget.result_bytes || result.depth() > budget.depth) {
      const bool too_deep = result.depth() > budget.depth;
      return fail({.status = 400,
                   .code = "expression-budget",
                   .title = "The expression failed",
                   .detail = too_deep ? "the result is too deep" : "the result is too large",
                   .instance = too_deep ? "depth" : "result-bytes",
                   .hint = {}});
    }
  }
  return result;
}

}  // namespace pawl::expr
