// Functions that are written out where they are called: their arguments run in the caller's frame, without a call.
#include "expr/compiler.h"
#include "expr/library.h"

namespace pawl::expr {

namespace {

enum class Form : std::uint8_t {
  empty,
  logical_not,
  path,
  select,
  map,
  first,
  last,
  limit,
  is_empty,
  range,
  follow,
  builtins,
};

struct NamedForm {
  std::string_view name;
  std::size_t arity;
  Form form;
};

constexpr NamedForm forms[] = {
    {"empty", 0, Form::empty},    {"not", 0, Form::logical_not},  {"path", 1, Form::path},
    {"select", 1, Form::select},  {"map", 1, Form::map},          {"first", 1, Form::first},
    {"last", 1, Form::last},      {"limit", 2, Form::limit},      {"isempty", 1, Form::is_empty},
    {"range", 1, Form::range},    {"range", 2, Form::range},      {"range", 3, Form::range},
    {"getpath", 1, Form::follow}, {"builtins", 0, Form::builtins}};

const NamedForm* find_form(std::string_view name, std::size_t arity) {
  for (const NamedForm& form : forms) {
    if (form.name == name && form.arity == arity) return &form;
  }
  return nullptr;
}

}  // namespace

std::vector<std::string> special_forms() {
  std::vector<std::string> names;
  for (const NamedForm& form : forms) names.push_back(std::string(form.name) + "/" + std::to_string(form.arity));
  return names;
}

bool Compiler::special_form(const Node& node) {
  const NamedForm* found = node.kind == NodeKind::call ? find_form(node.name, node.list_size) : nullptr;
  if (found == nullptr) return false;
  switch (found->form) {
    case Form::empty:
      emit(Op::backtrack);
      break;
    case Form::logical_not:
      emit(Op::negate, 1);
      break;
    case Form::path:
      path(node);
      break;
    case Form::select:
      select(node);
      break;
    case Form::map:
      map(node);
      break;
    case Form::first:
      first(node);
      break;
    case Form::last:
      last(node);
      break;
    case Form::limit:
      limit(node);
      break;
    case Form::is_empty:
      is_empty(node);
      break;
    case Form::range:
      range(node);
      break;
    case Form::builtins:
      builtins();
      break;
    case Form::follow:
      argument(syntax_.list(node)[0]);
      emit(Op::swap);
      emit(Op::follow);
      break;
  }
  return true;
}

void Compiler::path(const Node& node) { path_expression(syntax_.list(node)[0], new_slots(3)); }

void Compiler::builtins() {
  std::vector<json::Value> names;
  for (const std::string& name : Library::instance().names()) names.push_back(json::Value::string(name));
  emit(Op::constant, 0, constant(json::Value::array(std::move(names))));
}

void Compiler::select(const Node& node) {
  argument(syntax_.list(node)[0]);
  const std::size_t if_false = emit(Op::jump_if_false);
  const std::size_t done = emit(Op::jump);
  patch(if_false);
  emit(Op::backtrack);
  patch(done);
}

// [.[] | f]
void Compiler::map(const Node& node) {
  const std::uint16_t slot = new_slots(1);
  emit(Op::collect_begin, 0, slot);
  const std::size_t fork = emit(Op::fork);
  begin_inner();
  emit(Op::iterate);
  expression(syntax_.list(node)[0]);
  end_inner();
  emit(Op::collect, 0, slot);
  patch(fork);
  emit(Op::drop);
  emit(Op::take, 0, slot);
}

void Compiler::first(const Node& node) {
  const std::uint16_t slot = new_slots(1);
  emit(Op::mark, slot, nowhere);
  expression(syntax_.list(node)[0]);
  emit(Op::cut, slot);
}

// null when there is none (jq 1.7)
void Compiler::last(const Node& node) {
  const std::uint16_t state = new_slots(2);
  emit(Op::push_constant, 0, constant(json::Value()));
  emit(Op::store_state, 0, state);
  const std::size_t fork = emit(Op::fork);
  expression(syntax_.list(node)[0]);
  emit(Op::store_state, 0, state);
  emit(Op::backtrack);
  patch(fork);
  emit(Op::drop);
  emit(Op::take_state, 0, state);
}

void Compiler::limit(const Node& node) {
  const std::uint16_t slots = new_slots(2);
  argument(syntax_.list(node)[0]);
  emit(Op::limit_begin, slots);
  expression(syntax_.list(node)[1]);
  emit(Op::limit_count, slots);
}

void Compiler::is_empty(const Node& node) {
  const std::uint16_t slot = new_slots(1);
  const std::size_t none = emit(Op::mark, slot);
  begin_inner();
  expression(syntax_.list(node)[0]);
  end_inner();
  emit(Op::cut, slot);
  emit(Op::constant, 0, constant(false));
  const std::size_t done = emit(Op::jump);
  patch(none);
  emit(Op::constant, 0, constant(true));
  patch(done);
}

// The first argument is the outermost loop: jq defines range with $parameters.
void Compiler::range(const Node& node) {
  const auto arguments = syntax_.list(node);
  const std::uint16_t slots = new_slots(3);
  for (std::size_t i = 0; i < arguments.size(); ++i) {
    argument(arguments[i]);
    emit(Op::store, 0, slots + i);
  }
  const json::Value zero = json::Value::integer(0), one = json::Value::integer(1);
  emit(Op::drop);
  if (arguments.size() == 3) {
    emit(Op::push_load, 0, slots + 2u);
  } else {
    emit(Op::push_constant, 0, constant(one));
  }
  emit(Op::push_load, 0, arguments.size() == 1 ? slots : slots + 1u);
  if (arguments.size() == 1) {
    emit(Op::push_constant, 0, constant(zero));
  } else {
    emit(Op::push_load, 0, slots);
  }
  emit(Op::range);
}

}  // namespace pawl::expr
