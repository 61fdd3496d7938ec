// Calls and definitions of functions.
#include <algorithm>
#include <string>

#include "expr/compiler.h"
#include "expr/lexer.h"
#include "expr/library.h"
#include "expr/native.h"
#include "expr/regex.h"
#include "expr/suggest.h"

namespace pawl::expr {

namespace {

constexpr std::string_view recurse_name = "recurse";

std::string signature(std::string_view name, std::size_t arity) {
  return std::string(name) + "/" + std::to_string(arity);
}

}  // namespace

void Compiler::call(const Node& node) {
  const std::string_view name = node.kind == NodeKind::recurse ? recurse_name : node.name;
  const std::size_t arity = node.list_size;
  if (const Symbol* symbol = find_callable(name, arity)) {
    const std::size_t level = depth() - symbol->depth;
    if (symbol->kind == Symbol::Kind::parameter) {
      emit(Op::call_parameter, level, symbol->index);
    } else {
      call_function(node, symbol->function, level, true);
    }
    return;
  }
  if (special_form(node)) return;
  if (const std::size_t index = find_native(name, arity); index < natives().size()) return native(node, index);
  if (node.kind == NodeKind::call) check_regex(node);
  const Function* function = library_ == nullptr ? nullptr : library_->find(name, arity);
  if (function == nullptr) unknown_function(node);
  call_function(node, function, 0, false);
}

// A pattern that is written out is checked at once (J5).
void Compiler::check_regex(const Node& node) const {
  const auto arguments = syntax_.list(node);
  if (arguments.empty() || !takes_regex(node.name, arguments.size()) || !is_constant(arguments[0])) return;
  const Node& pattern = syntax_[arguments[0]];
  const Node& last = syntax_[arguments.back()];
  const bool has_flags = arguments.size() > 1 && last.kind == NodeKind::constant && node.name != "split";
  const auto flags = parse_regex_flags(has_flags ? last.value.text() : std::string_view{});
  if (!pattern.value.is_string() || !flags) return;
  const auto compiled = Regex::compile(pattern.value.text(), *flags);
  if (compiled) return;
  throw SyntaxError{{.code = "regex-unsupported", .message = compiled.error(), .hint = {}, .offset = pattern.offset}};
}

void Compiler::call_function(const Node& node, const Function* function, std::size_t level, bool local) {
  CallSite site{function, local ? static_cast<std::uint16_t>(level) : CallSite::no_frame, local && level == 0, {}};
  const auto arguments = syntax_.list(node);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    if (function->value_slots[i] == Function::no_slot) {
      site.arguments.push_back(closure(arguments[i]));
      site.keeps_frame |= site.arguments.back().kind == Argument::Kind::closure && site.arguments.back().level == 0;
      continue;
    }
    const std::uint16_t slot = new_slots(1);
    argument(arguments[i]);
    emit(Op::store, 0, slot);
    site.arguments.push_back({.kind = Argument::Kind::value, .function = nullptr, .level = 0, .index = slot});
  }
  current().calls.push_back(std::move(site));
  emit(Op::call, 0, current().calls.size() - 1);
}

// What is handed over for a parameter. A name that takes no arguments itself is handed on instead of being wrapped, so
// that a function which passes its parameters to itself may still call itself in tail position.
Argument Compiler::closure(NodeId id) {
  const Node& node = syntax_[id];
  if (node.kind == NodeKind::call && node.list_size == 0) {
    if (const Symbol* symbol = find_callable(node.name, 0)) {
      const auto level = static_cast<std::uint16_t>(depth() - symbol->depth);
      if (symbol->kind == Symbol::Kind::parameter) {
        return {.kind = Argument::Kind::parameter, .function = nullptr, .level = level, .index = symbol->index};
      }
      return {.kind = Argument::Kind::closure, .function = symbol->function, .level = level, .index = 0};
    }
  }
  const Function* body = begin_function({});
  expression(id);
  end_function();
  return {.kind = Argument::Kind::closure, .function = body, .level = 0, .index = 0};
}

// The last argument is the outermost loop, as in jq.
void Compiler::native(const Node& node, std::size_t index) {
  const auto arguments = syntax_.list(node);
  for (std::size_t i = arguments.size(); i-- > 0;) {
    argument(arguments[i]);
    emit(Op::swap);
  }
  emit(Op::native, arguments.size(), index);
}

void Compiler::unknown_function(const Node& node) const {
  const std::size_t arity = node.list_size;
  const std::string called = signature(node.name, arity);
  if (is_forbidden(node.name, arity)) {
    throw SyntaxError{{.code = "forbidden-function",
                       .message = called + " is not available: a program sees its input and its variables only",
                       .hint = {},
                       .offset = node.offset}};
  }
  if (is_unsupported(node.name, arity)) {
    throw SyntaxError{{.code = "unsupported-function",
                       .message = called + " of jq is not supported yet",
                       .hint = "docs/roadmap.md says what is planned",
                       .offset = node.offset}};
  }
  std::vector<std::string> names = library_ == nullptr ? std::vector<std::string>{} : library_->names();
  for (const Symbol& symbol : symbols_) {
    if (symbol.kind != Symbol::Kind::variable) names.push_back(signature(symbol.name, symbol.arity));
  }
  std::string hint;
  for (const std::string& known : names) {
    if (known.substr(0, known.rfind('/')) == node.name) hint += (hint.empty() ? "there is " : ", ") + known;
  }
  std::vector<std::string_view> plain;
  for (const std::string& known : names) plain.push_back(std::string_view(known).substr(0, known.rfind('/')));
  if (hint.empty()) hint = did_you_mean(node.name, plain, {});
  throw SyntaxError{{.code = "unknown-function",
                     .message = called + " is not defined",
                     .hint = std::move(hint),
                     .offset = node.offset}};
}

void Compiler::define(const Node& node) {
  const std::size_t symbols = symbols_.size();
  for (NodeId id : syntax_.list(node)) function(syntax_[id], false);
  if (node.a != no_node) expression(node.a);
  symbols_.resize(symbols);
}

const Function* Compiler::function(const Node& node, bool is_library) {
  const auto parameters = syntax_.list(node);
  const std::size_t outer = building_.size();
  Function* made = begin_function(node.name);
  // Known inside itself; its symbol belongs to the function around it and stays when this one ends.
  symbols_.push_back({.kind = Symbol::Kind::function,
                      .name = node.name,
                      .arity = parameters.size(),
                      .depth = is_library ? 0 : outer - 1,
                      .index = 0,
                      .function = made});
  building_.back().symbols = symbols_.size();
  std::vector<std::pair<std::string_view, std::uint16_t>> by_closure;
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    const Node& parameter = syntax_[parameters[i]];
    const auto called = [&parameter](const Node& inner) {
      return inner.kind == NodeKind::call && inner.list_size == 0 && inner.name == parameter.name;
    };
    // `def f($a): … a …` is jq for `def f(a): a as $a | … a …`; without `a` the value alone is handed over.
    const bool needs_closure = !parameter.value_parameter ||
                               std::any_of(syntax_.nodes.begin() + node.b, syntax_.nodes.begin() + node.c, called);
    if (needs_closure) {
      made->value_slots.push_back(Function::no_slot);
      symbols_.push_back({.kind = Symbol::Kind::parameter,
                          .name = parameter.name,
                          .arity = 0,
                          .depth = depth(),
                          .index = static_cast<std::uint16_t>(i),
                          .function = nullptr});
      if (parameter.value_parameter) by_closure.emplace_back(parameter.name, static_cast<std::uint16_t>(i));
    } else {
      made->value_slots.push_back(new_slots(1));
      bind_variable(parameter.name, made->value_slots.back());
    }
  }
  for (const auto& [name, index] : by_closure) {
    const std::uint16_t slot = new_slots(1);
    emit(Op::duplicate);
    begin_inner();
    emit(Op::call_parameter, 0, index);
    end_inner();
    emit(Op::store, 0, slot);
    bind_variable(name, slot);
  }
  expression(node.a);
  end_function();
  return made;
}

std::vector<Compiler::Definition> Compiler::compile_definitions(std::vector<std::unique_ptr<Function>>& functions) {
  // The library's definitions stand in no function: they see each other, and no frame.
  std::vector<Definition> definitions;
  begin_function("library");
  for (NodeId id : syntax_.list(syntax_[syntax_.root])) {
    const Node& node = syntax_[id];
    definitions.push_back({node.name, node.list_size, function(node, true)});
  }
  end_function();
  functions = std::move(code_->functions);
  return definitions;
}

}  // namespace pawl::expr
