#include "expr/compiler.h"

#include <algorithm>
#include <limits>
#include <string>
#include <utility>

#include "expr/lexer.h"
#include "expr/suggest.h"

namespace pawl::expr {

namespace {

struct NamedArithmetic {
  std::string_view name;
  Arithmetic which;
};
constexpr NamedArithmetic arithmetics[] = {{"+", Arithmetic::add},
                                           {"-", Arithmetic::subtract},
                                           {"*", Arithmetic::multiply},
                                           {"/", Arithmetic::divide},
                                           {"%", Arithmetic::modulo}};

struct NamedComparison {
  std::string_view name;
  Comparison which;
};
constexpr NamedComparison comparisons[] = {{"==", Comparison::equal},  {"!=", Comparison::not_equal},
                                           {"<", Comparison::less},    {"<=", Comparison::less_or_equal},
                                           {">", Comparison::greater}, {">=", Comparison::greater_or_equal}};

std::uint16_t arithmetic_of(std::string_view name) {
  return static_cast<std::uint16_t>(std::ranges::find(arithmetics, name, &NamedArithmetic::name)->which);
}

}  // namespace

Compiler::Compiler(const Syntax& syntax, std::string_view source, std::span<const std::string_view> variables,
                   const Library* library)
    : syntax_(syntax), source_(source), globals_(variables), library_(library) {}

std::shared_ptr<const Code> Compiler::compile_program() {
  code_->source = source_;
  code_->used_variables.assign(globals_.size(), false);
  code_->is_identity = syntax_[syntax_.root].kind == NodeKind::identity;
  code_->main = begin_function({}, true);
  expression(syntax_.root);
  end_function();
  return code_;
}

void Compiler::expression(NodeId id) {
  const Node& node = syntax_[id];
  switch (node.kind) {
    case NodeKind::identity:
      break;
    case NodeKind::recurse:
      call(node);
      break;
    case NodeKind::constant:
      emit(Op::constant, 0, constant(node.value));
      break;
    case NodeKind::variable:
      load_variable(node, false);
      break;
    case NodeKind::location:
      location(node);
      break;
    case NodeKind::format:
      format(node);
      break;
    case NodeKind::text:
      text(node);
      break;
    case NodeKind::field:
    case NodeKind::index:
    case NodeKind::slice:
    case NodeKind::iterate:
    case NodeKind::optional:
      postfix(id);
      break;
    case NodeKind::attempt:
      attempt(node);
      break;
    case NodeKind::array:
      array(node);
      break;
    case NodeKind::object:
      object(node);
      break;
    case NodeKind::negate:
      negate(node);
      break;
    case NodeKind::pipe:
      for (NodeId part : syntax_.list(node)) expression(part);
      break;
    case NodeKind::comma:
      comma(node);
      break;
    case NodeKind::arithmetic:
      arithmetic(id);
      break;
    case NodeKind::comparison:
      comparison(node);
      break;
    case NodeKind::conjunction:
    case NodeKind::disjunction:
      logic(id);
      break;
    case NodeKind::alternative:
      alternative(node);
      break;
    case NodeKind::update:
      update(node);
      break;
    case NodeKind::conditional:
      conditional(node);
      break;
    case NodeKind::reduce:
      reduce(node);
      break;
    case NodeKind::foreach:
      foreach (node);
      break;
    case NodeKind::binding:
      binding(node);
      break;
    case NodeKind::label:
      label(node);
      break;
    case NodeKind::leave:
      leave(node);
      break;
    case NodeKind::call:
      call(node);
      break;
    case NodeKind::define:
      define(node);
      break;
    case NodeKind::function:
    case NodeKind::parameter:
    case NodeKind::pattern_variable:
    case NodeKind::pattern_array:
    case NodeKind::pattern_object:
      break;  // parts of others
  }
}

void Compiler::argument(NodeId id) {
  if (is_simple(id)) return push_simple(id);
  emit(Op::duplicate);
  begin_inner();
  expression(id);
  end_inner();
}

bool Compiler::is_constant(NodeId id) const { return syntax_[id].kind == NodeKind::constant; }

bool Compiler::is_simple(NodeId id) const { return is_constant(id) || syntax_[id].kind == NodeKind::variable; }

void Compiler::push_simple(NodeId id) {
  const Node& node = syntax_[id];
  if (node.kind == NodeKind::constant) {
    emit(Op::push_constant, 0, constant(node.value));
  } else {
    load_variable(node, true);
  }
}

void Compiler::load_variable(const Node& node, bool push) {
  if (const Symbol* symbol = find(Symbol::Kind::variable, node.name)) {
    emit(push ? Op::push_load : Op::load, depth() - symbol->depth, symbol->index);
    return;
  }
  for (std::size_t i = globals_.size(); i-- > 0;) {
    if (globals_[i].empty() || globals_[i] != node.name) continue;
    code_->used_variables[i] = true;
    emit(push ? Op::push_global : Op::load_global, 0, i);
    return;
  }
  std::vector<std::string_view> known(globals_.begin(), globals_.end());
  for (const Symbol& symbol : symbols_) {
    if (symbol.kind == Symbol::Kind::variable) known.push_back(symbol.name);
  }
  const bool refused = node.name == "ENV" || node.name == "__prog_args";
  throw SyntaxError{{.code = refused ? "forbidden-function" : "unknown-variable",
                     .message = "$" + std::string(node.name) + (refused ? " is not available" : " is not defined here"),
                     .hint = refused ? "" : did_you_mean(node.name, known, "$"),
                     .offset = node.offset}};
}

void Compiler::location(const Node& node) {
  const auto line = 1 + std::count(source_.begin(), source_.begin() + node.offset, '\n');
  emit(Op::constant, 0, constant(json::Value::object({{"file", "<top-level>"}, {"line", json::Value::integer(line)}})));
}

void Compiler::format(const Node& node) {
  const auto which = find_format(node.name);
  if (!which) {
    throw SyntaxError{{.code = "unknown-function",
                       .message = std::string(node.name) + " is not a format",
                       .hint = "formats: @text @json @html @uri @urid @csv @tsv @sh @base64 @base64d @base32 @base32d",
                       .offset = node.offset}};
  }
  emit(Op::format, static_cast<std::size_t>(*which));
}

// The last piece is the outermost loop, as for arguments of operators.
void Compiler::text(const Node& node) {
  const auto parts = syntax_.list(node);
  for (std::size_t i = parts.size(); i-- > 0;) {
    const NodeId part = parts[i];
    if (is_constant(part)) {
      emit(Op::push_constant, 0, constant(syntax_[part].value));
    } else {
      argument(part);
      if (node.name.empty()) {
        emit(Op::format, static_cast<std::size_t>(Format::text));
      } else {
        format(node);
      }
    }
    emit(Op::swap);
  }
  emit(Op::drop);
  emit(Op::concatenate, parts.size());
}

// a.b[c]?[]…: on the way in, keys are computed on the input and lie below it, the outermost first; on the way out the
// steps are taken.
void Compiler::postfix(NodeId id) {
  struct Step {
    NodeId node;
    std::size_t instruction;
    std::uint16_t slot;
  };
  std::vector<Step> steps;
  NodeId at = id;
  for (; at != no_node; at = syntax_[at].a) {
    const Node& node = syntax_[at];
    Step step{at, 0, 0};
    auto key = [this](NodeId part) {
      if (part == no_node) return;
      argument(part);
      emit(Op::swap);
    };
    if (node.kind == NodeKind::slice) {
      key(node.b);
      key(node.c);
    } else if (node.kind == NodeKind::index) {
      if (!is_simple(node.b)) key(node.b);
    } else if (node.kind == NodeKind::attempt && node.b == no_node) {
      step.slot = new_slots(1);
      step.instruction = emit(Op::try_begin, step.slot);
    } else if (node.kind != NodeKind::field && node.kind != NodeKind::iterate && node.kind != NodeKind::optional) {
      break;
    }
    steps.push_back(step);
  }
  if (at != no_node) expression(at);
  for (; !steps.empty(); steps.pop_back()) {
    const Node& node = syntax_[steps.back().node];
    if (steps.size() > 1 && syntax_[steps[steps.size() - 2].node].kind == NodeKind::optional) {
      Step& optional = steps[steps.size() - 2];
      optional.slot = new_slots(1);
      optional.instruction = emit(Op::try_begin, optional.slot);
    }
    switch (node.kind) {
      case NodeKind::field:
        emit(Op::field, 0, constant(node.value));
        break;
      case NodeKind::iterate:
        emit(Op::iterate);
        break;
      case NodeKind::slice:
        emit(Op::slice, (node.b != no_node ? 1 : 0) | (node.c != no_node ? 2 : 0));
        break;
      case NodeKind::optional:
      case NodeKind::attempt:
        emit(Op::try_end, steps.back().slot);
        current().code[steps.back().instruction].b = nowhere;
        break;
      default:
        if (is_simple(node.b)) {
          push_simple(node.b);
          emit(Op::swap);
        }
        emit(Op::index);
    }
  }
}

void Compiler::array(const Node& node) {
  if (node.a == no_node) {
    emit(Op::constant, 0, constant(json::Value::array()));
    return;
  }
  const std::uint16_t slot = new_slots(1);
  emit(Op::collect_begin, 0, slot);
  const std::size_t fork = emit(Op::fork);
  begin_inner();
  expression(node.a);
  end_inner();
  emit(Op::collect, 0, slot);
  patch(fork);
  emit(Op::drop);
  emit(Op::take, 0, slot);
}

void Compiler::object(const Node& node) {
  const auto parts = syntax_.list(node);
  if (parts.empty()) {
    emit(Op::constant, 0, constant(json::Value::object()));
    return;
  }
  emit(Op::object_begin);
  auto part = [this](NodeId id, std::size_t distance) {
    if (is_simple(id)) return push_simple(id);
    emit(Op::pick, distance);
    begin_inner();
    expression(id);
    end_inner();
  };
  for (std::size_t i = 0; i < parts.size(); i += 2) {
    const bool is_plain = is_constant(parts[i]);
    if (!is_plain) part(parts[i], 1);
    part(parts[i + 1], is_plain ? 1 : 2);
    if (is_plain) {
      emit(Op::insert_constant, 0, constant(syntax_[parts[i]].value));
    } else {
      emit(Op::insert);
    }
  }
  emit(Op::nip);
}

void Compiler::negate(const Node& node) {
  const json::Value& value = syntax_[node.a].value;
  if (is_constant(node.a) && value.is_integer() && value.integer() != std::numeric_limits<std::int64_t>::min()) {
    emit(Op::constant, 0, constant(json::Value::integer(-value.integer())));
    return;
  }
  begin_inner();
  expression(node.a);
  end_inner();
  emit(Op::negate);
}

// The right operand is the outer loop. A chain a + b - c is walked from its end to its beginning.
void Compiler::arithmetic(NodeId id) {
  std::vector<NodeId> chain;
  for (; syntax_[id].kind == NodeKind::arithmetic; id = syntax_[id].a) {
    chain.push_back(id);
    if (!is_simple(syntax_[id].b)) {
      argument(syntax_[id].b);
      emit(Op::swap);
    }
  }
  begin_inner();
  expression(id);
  end_inner();
  for (; !chain.empty(); chain.pop_back()) {
    const Node& node = syntax_[chain.back()];
    const bool right_on_top = is_simple(node.b);
    if (right_on_top) push_simple(node.b);
    emit(Op::arithmetic, arithmetic_of(node.name), right_on_top ? 1 : 0);
  }
}

void Compiler::both_sides(NodeId left, NodeId right, Op op, std::uint16_t which) {
  const bool right_on_top = is_simple(right);
  if (!right_on_top) {
    argument(right);
    emit(Op::swap);
  }
  begin_inner();
  expression(left);
  end_inner();
  if (right_on_top) push_simple(right);
  emit(op, which, right_on_top ? 1 : 0);
}

void Compiler::comparison(const Node& node) {
  const auto which = std::ranges::find(comparisons, node.name, &NamedComparison::name)->which;
  both_sides(node.a, node.b, Op::comparison, static_cast<std::uint16_t>(which));
}

// A chain of one operator: all operands but the last decide by themselves when they are false (and) or true (or).
void Compiler::logic(NodeId id) {
  const NodeKind kind = syntax_[id].kind;
  std::vector<NodeId> operands;
  for (; syntax_[id].kind == kind; id = syntax_[id].a) operands.push_back(syntax_[id].b);
  operands.push_back(id);
  const bool decided = kind == NodeKind::disjunction;
  std::vector<std::size_t> exits;
  for (; operands.size() > 1; operands.pop_back()) {
    argument(operands.back());
    const std::size_t if_false = emit(Op::jump_if_false);
    if (decided) {
      emit(Op::constant, 0, constant(true));
      exits.push_back(emit(Op::jump));
      patch(if_false);
    } else {
      exits.push_back(if_false);
    }
  }
  begin_inner();
  expression(operands.back());
  end_inner();
  emit(Op::to_boolean);
  if (!decided) {
    const std::size_t done = emit(Op::jump);
    for (std::size_t exit : exits) patch(exit);
    emit(Op::constant, 0, constant(false));
    patch(done);
  } else {
    for (std::size_t exit : exits) patch(exit);
  }
}

void Compiler::comma(const Node& node) {
  const auto parts = syntax_.list(node);
  std::vector<std::size_t> exits;
  for (std::size_t i = 0; i + 1 < parts.size(); ++i) {
    const std::size_t fork = emit(Op::fork);
    expression(parts[i]);
    exits.push_back(emit(Op::jump));
    patch(fork);
  }
  expression(parts.back());
  for (std::size_t exit : exits) patch(exit);
}

void Compiler::path_expression(NodeId id, std::uint16_t followed) {
  emit(Op::path_begin, 0, followed);
  const std::size_t depth = std::exchange(building_.back().inner_depth, 0);
  expression(id);
  building_.back().inner_depth = depth;
  emit(Op::path_end, 0, followed);
}

std::size_t Compiler::emit(Op op, std::size_t a, std::size_t b) {
  current().code.push_back({op, static_cast<std::uint16_t>(a), static_cast<std::uint32_t>(b)});
  return current().code.size() - 1;
}

std::uint32_t Compiler::constant(const json::Value& value) {
  std::vector<json::Value>& constants = current().constants;
  constants.push_back(value);
  return static_cast<std::uint32_t>(constants.size() - 1);
}

std::uint16_t Compiler::new_slots(std::size_t count) {
  const std::uint16_t first = current().slots;
  current().slots = static_cast<std::uint16_t>(first + count);
  return first;
}

Function* Compiler::begin_function(std::string_view name, bool is_program) {
  code_->functions.push_back(std::make_unique<Function>());
  Function* function = code_->functions.back().get();
  function->name = name;
  // A function may be called where paths are followed; the program itself is not.
  building_.push_back({function, symbols_.size(), is_program ? std::size_t{1} : std::size_t{0}});
  return function;
}

void Compiler::end_function() {
  emit(Op::finish);
  std::vector<Instruction>& code = current().code;
  for (Instruction& instruction : code) {
    // Calls before it are in tail position then.
    if (instruction.op == Op::jump && code[instruction.b].op == Op::finish) instruction = {Op::finish};
  }
  symbols_.resize(building_.back().symbols);
  building_.pop_back();
}

void Compiler::bind_variable(std::string_view name, std::uint16_t slot) {
  symbols_.push_back({Symbol::Kind::variable, name, 0, depth(), slot, nullptr});
}

const Compiler::Symbol* Compiler::find(Symbol::Kind kind, std::string_view name) const {
  for (std::size_t i = symbols_.size(); i-- > 0;) {
    if (symbols_[i].kind == kind && symbols_[i].name == name) return &symbols_[i];
  }
  return nullptr;
}

const Compiler::Symbol* Compiler::find_callable(std::string_view name, std::size_t arity) const {
  for (std::size_t i = symbols_.size(); i-- > 0;) {
    const Symbol& symbol = symbols_[i];
    const bool callable = symbol.kind == Symbol::Kind::function || symbol.kind == Symbol::Kind::parameter;
    if (callable && symbol.arity == arity && symbol.name == name) return &symbol;
  }
  return nullptr;
}

}  // namespace pawl::expr
