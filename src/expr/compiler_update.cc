// The update operators: = |= += -= *= /= %= //=.
//
// A path expression gives the paths, on the input as it was; the state is changed path by path in a slot, where nobody
// else holds it, so that an update costs what it changes. Paths for which |= has no result are deleted at the end, as
// in jq 1.7.
#include <algorithm>

#include "expr/compiler.h"
#include "expr/native.h"

namespace pawl::expr {

namespace {

Arithmetic arithmetic_of(std::string_view update) {
  switch (update[0]) {
    case '+':
      return Arithmetic::add;
    case '-':
      return Arithmetic::subtract;
    case '*':
      return Arithmetic::multiply;
    case '/':
      return Arithmetic::divide;
    default:
      return Arithmetic::modulo;
  }
}

}  // namespace

void Compiler::update(const Node& node) {
  const std::uint16_t state = new_slots(3), operand = new_slots(1);
  if (node.name != "|=") {
    argument(node.b);
    emit(Op::store, 0, operand);
  }
  std::vector<NodeId> keys;
  if (simple_path(node.a, keys)) {
    // One path, known without a look at the input: no choice, and the input need not be kept.
    for (NodeId key : keys) {
      if (syntax_[key].kind == NodeKind::field) {
        emit(Op::push_constant, 0, constant(syntax_[key].value));
      } else {
        argument(syntax_[key].b);
      }
      emit(Op::swap);
    }
    emit(Op::modify_begin, 0, state);
    emit(Op::make_path, keys.size(), state + 1u);
    update_value(node, state, operand);
    emit(Op::push_constant, 0, constant(json::Value()));
    emit(Op::modify_end, 0, state);
    return;
  }
  emit(Op::duplicate);
  emit(Op::modify_begin, 0, state);
  const std::size_t fork = emit(Op::fork);
  path_expression(node.a, new_slots(3));
  emit(Op::store, 0, state + 1u);
  update_value(node, state, operand);
  emit(Op::backtrack);
  patch(fork);
  emit(Op::modify_end, 0, state);
}

// [] → []: changes the state at its path.
void Compiler::update_value(const Node& node, std::uint16_t state, std::uint16_t operand) {
  if (node.name == "=") {
    emit(Op::push_load, 0, operand);
    emit(Op::modify_put, 0, state);
    return;
  }
  if (node.name == "//=") {
    emit(Op::modify_take, 0, state);
    emit(Op::duplicate);
    const std::size_t otherwise = emit(Op::jump_if_false);
    const std::size_t done = emit(Op::jump);
    patch(otherwise);
    emit(Op::load, 0, operand);
    patch(done);
    emit(Op::modify_put, 0, state);
    return;
  }
  if (node.name != "|=") {
    emit(Op::modify_take, 0, state);
    emit(Op::push_load, 0, operand);
    emit(Op::arithmetic, static_cast<std::size_t>(arithmetic_of(node.name)), 1);
    emit(Op::modify_put, 0, state);
    return;
  }
  const std::uint16_t first = new_slots(1);
  const std::size_t none = emit(Op::mark, first);
  emit(Op::modify_take, 0, state);
  begin_inner();
  expression(node.b);
  end_inner();
  emit(Op::cut, first);
  emit(Op::modify_put, 0, state);
  const std::size_t done = emit(Op::jump);
  patch(none);
  emit(Op::modify_drop, 0, state);
  patch(done);
}

// Fields and indices from the input itself, in order, each with one key.
bool Compiler::simple_path(NodeId id, std::vector<NodeId>& keys) const {
  for (NodeId at = id; at != no_node; at = syntax_[at].a) {
    const Node& node = syntax_[at];
    if (node.kind != NodeKind::field && (node.kind != NodeKind::index || !has_one_result(node.b))) return false;
    keys.push_back(at);
  }
  std::reverse(keys.begin(), keys.end());
  return true;
}

// Whether an expression has exactly one result, or an error, on any input. False when that is not plain to see.
bool Compiler::has_one_result(NodeId id) const {
  for (;;) {
    const Node& node = syntax_[id];
    const auto parts = syntax_.list(node);
    const auto all = [this](std::span<const NodeId> nodes) {
      return std::ranges::all_of(nodes, [this](NodeId part) { return has_one_result(part); });
    };
    switch (node.kind) {
      case NodeKind::identity:
      case NodeKind::constant:
      case NodeKind::variable:
      case NodeKind::format:
        return true;
      case NodeKind::text:
      case NodeKind::pipe:
        return all(parts);
      case NodeKind::call:
        return find_callable(node.name, parts.size()) == nullptr &&
               find_native(node.name, parts.size()) < natives().size() && all(parts);
      case NodeKind::index:
      case NodeKind::arithmetic:
        if (!has_one_result(node.b)) return false;
        break;
      case NodeKind::field:
        break;
      default:
        return false;
    }
    if (node.a == no_node) return true;
    id = node.a;
  }
}

}  // namespace pawl::expr
