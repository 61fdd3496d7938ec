// What binds variables, loops, catches errors or leaves.
#include <algorithm>
#include <string>

#include "expr/compiler.h"
#include "expr/lexer.h"
#include "expr/suggest.h"

namespace pawl::expr {

void Compiler::conditional(const Node& node) {
  std::vector<std::size_t> exits;
  const Node* at = &node;
  for (;;) {
    argument(at->a);
    const std::size_t otherwise = emit(Op::jump_if_false);
    expression(at->b);
    exits.push_back(emit(Op::jump));
    patch(otherwise);
    if (at->c == no_node || syntax_[at->c].kind != NodeKind::conditional) break;
    at = &syntax_[at->c];
  }
  if (at->c != no_node) expression(at->c);
  for (std::size_t exit : exits) patch(exit);
}

void Compiler::alternative(const Node& node) {
  const std::uint16_t slot = new_slots(2);
  const std::size_t begin = emit(Op::alternative_begin, slot);
  expression(node.a);
  emit(Op::alternative_test, slot);
  const std::size_t done = emit(Op::jump);
  patch(begin);
  expression(node.b);
  patch(done);
}

void Compiler::attempt(const Node& node) {
  const std::uint16_t slot = new_slots(1);
  const std::size_t begin = emit(Op::try_begin, slot, nowhere);
  expression(node.a);
  emit(Op::try_end, slot);
  if (node.b == no_node) return;
  const std::size_t done = emit(Op::jump);
  patch(begin);
  begin_inner();
  expression(node.b);
  end_inner();
  patch(done);
}

// Slots: the state and the path of it.
void Compiler::reduce(const Node& node) {
  const std::uint16_t state = new_slots(2);
  const std::size_t symbols = symbols_.size();
  emit(Op::duplicate);
  expression(node.b);
  emit(Op::store_state, 0, state);
  const std::size_t fork = emit(Op::fork);
  begin_inner();
  expression(node.a);
  destructure(syntax_.list(node)[0]);
  end_inner();
  emit(Op::take_state, 0, state);
  expression(node.c);
  emit(Op::store_state, 0, state);
  emit(Op::backtrack);
  patch(fork);
  emit(Op::drop);
  emit(Op::take_state, 0, state);
  symbols_.resize(symbols);
}

void Compiler::foreach (const Node& node) {
  const std::uint16_t state = new_slots(2);
  const std::size_t symbols = symbols_.size();
  emit(Op::duplicate);
  expression(node.b);
  emit(Op::store_state, 0, state);
  begin_inner();
  expression(node.a);
  destructure(syntax_.list(node)[0]);
  end_inner();
  emit(Op::take_state, 0, state);
  expression(node.c);
  emit(Op::duplicate);
  emit(Op::store_state, 0, state);
  if (node.d != no_node) expression(node.d);
  symbols_.resize(symbols);
}

void Compiler::binding(const Node& node) {
  const auto patterns = syntax_.list(node);
  if (patterns.size() > 1) return alternatives(node);
  const std::size_t symbols = symbols_.size();
  if (is_simple(node.a)) {
    push_simple(node.a);
    begin_inner();
  } else {
    emit(Op::duplicate);
    begin_inner();
    expression(node.a);
  }
  destructure(patterns[0]);
  end_inner();
  expression(node.b);
  symbols_.resize(symbols);
}

// The alternatives of ?// share their variables, which are bound before.
void Compiler::set_shared(std::size_t first, std::size_t count, bool shared) {
  for (std::size_t i = first; i < first + count; ++i) symbols_[i].shared = shared;
}

void Compiler::store_variable(std::string_view name) {
  const Symbol* known = find(Symbol::Kind::variable, name);
  const bool shared = known != nullptr && known->shared && known->depth == depth();
  const std::uint16_t slot = shared ? known->index : new_slots(1);
  emit(Op::store, 0, slot);
  if (!shared) bind_variable(name, slot);
}

void Compiler::destructure(NodeId id) {
  const Node& pattern = syntax_[id];
  if (pattern.kind == NodeKind::pattern_variable) return store_variable(pattern.name);
  if (pattern.kind == NodeKind::pattern_object) return destructure_object(pattern);
  std::int64_t position = 0;
  for (NodeId part : syntax_.list(pattern)) {
    emit(Op::push_constant, 0, constant(json::Value::integer(position++)));
    emit(Op::pick, 1);
    emit(Op::index);
    destructure(part);
  }
  emit(Op::drop);
}

void Compiler::destructure_object(const Node& pattern) {
  const auto parts = syntax_.list(pattern);
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    const Node& key = syntax_[parts[i]];
    if (key.kind == NodeKind::variable) {
      emit(Op::push_constant, 0, constant(json::Value::string(key.name)));
    } else {
      argument(parts[i]);
    }
    emit(Op::pick, 1);
    emit(Op::index);
    if (key.kind == NodeKind::variable) {
      if (parts[i + 1] != no_node) emit(Op::duplicate);
      store_variable(key.name);
    }
    if (parts[i + 1] != no_node) destructure(parts[i + 1]);
  }
  emit(Op::drop);
}

void Compiler::declare_pattern(NodeId id, std::vector<std::string_view>& names) const {
  const Node& pattern = syntax_[id];
  if (pattern.kind == NodeKind::pattern_variable) {
    names.push_back(pattern.name);
    return;
  }
  const auto parts = syntax_.list(pattern);
  for (std::size_t i = 0; i < parts.size(); ++i) {
    const bool is_key = pattern.kind == NodeKind::pattern_object && i % 2 == 0;
    if (is_key) {
      if (syntax_[parts[i]].kind == NodeKind::variable) names.push_back(syntax_[parts[i]].name);
    } else if (parts[i] != no_node) {
      declare_pattern(parts[i], names);
    }
  }
}

// source as p1 ?// p2 | body: an error in a pattern or in the body moves on to the next pattern, with every variable of
// all patterns null at first.
void Compiler::alternatives(const Node& node) {
  const auto patterns = syntax_.list(node);
  const std::size_t symbols = symbols_.size();
  const std::uint16_t source = new_slots(1), guard = new_slots(1);
  argument(node.a);
  emit(Op::store, 0, source);
  std::vector<std::string_view> names;
  for (NodeId pattern : patterns) declare_pattern(pattern, names);
  std::vector<std::uint16_t> slots;
  for (std::size_t i = 0; i < names.size(); ++i) {
    if (std::find(names.begin(), names.begin() + static_cast<std::ptrdiff_t>(i), names[i]) !=
        names.begin() + static_cast<std::ptrdiff_t>(i)) {
      continue;
    }
    slots.push_back(new_slots(1));
    bind_variable(names[i], slots.back());
  }
  std::vector<std::size_t> exits;
  for (std::size_t i = 0; i < patterns.size(); ++i) {
    const bool is_last = i + 1 == patterns.size();
    std::size_t begin = 0;
    if (!is_last) {
      emit(Op::duplicate);
      begin = emit(Op::try_begin, guard);
    }
    for (std::uint16_t slot : slots) {
      emit(Op::push_constant, 0, constant(json::Value()));
      emit(Op::store, 0, slot);
    }
    begin_inner();
    emit(Op::push_load, 0, source);
    set_shared(symbols, slots.size(), true);
    destructure(patterns[i]);
    set_shared(symbols, slots.size(), false);
    end_inner();
    expression(node.b);
    if (is_last) break;
    emit(Op::try_end, guard);
    emit(Op::nip);
    exits.push_back(emit(Op::jump));
    patch(begin);
    emit(Op::drop);  // the error
  }
  for (std::size_t exit : exits) patch(exit);
  symbols_.resize(symbols);
}

void Compiler::label(const Node& node) {
  const std::uint16_t slot = new_slots(1);
  emit(Op::mark, slot, nowhere);
  symbols_.push_back({Symbol::Kind::label, node.name, 0, depth(), slot, nullptr});
  expression(node.a);
  symbols_.pop_back();
}

void Compiler::leave(const Node& node) {
  const Symbol* symbol = find(Symbol::Kind::label, node.name);
  if (symbol == nullptr) {
    std::vector<std::string_view> known;
    for (const Symbol& other : symbols_) {
      if (other.kind == Symbol::Kind::label) known.push_back(other.name);
    }
    throw SyntaxError{{.code = "unknown-label",
                       .message = "label $" + std::string(node.name) + " is not defined here",
                       .hint = did_you_mean(node.name, known, "$"),
                       .offset = node.offset}};
  }
  emit(Op::leave, depth() - symbol->depth, symbol->index);
}

}  // namespace pawl::expr
