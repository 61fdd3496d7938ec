// From the syntax tree to functions of instructions.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "expr/code.h"
#include "expr/syntax.h"

namespace pawl::expr {

class Library;

// Compiles one syntax tree. Throws SyntaxError. Its own recursion is bounded by the depth of nesting that the parser
// allows: chains of operators and of postfixes, which do not count as nesting, are walked in loops.
class Compiler {
 public:
  // `library` is null while the library itself is compiled.
  Compiler(const Syntax& syntax, std::string_view source, std::span<const std::string_view> variables,
           const Library* library);

  std::shared_ptr<const Code> compile_program();

  struct Definition {
    std::string_view name;
    std::size_t arity;
    const Function* function;
  };
  // The definitions of the tree's root, and the functions that they consist of.
  std::vector<Definition> compile_definitions(std::vector<std::unique_ptr<Function>>& functions);

 private:
  struct Symbol {
    enum class Kind : std::uint8_t { variable, parameter, function, label } kind;
    std::string_view name;
    std::size_t arity;
    std::size_t depth;    // of the function that it belongs to
    std::uint16_t index;  // slot or parameter
    const Function* function;
    bool shared = false;  // a variable of patterns that are alternatives
  };

  // compiler.cc: expressions
  void expression(NodeId id);
  void argument(NodeId id);         // [.] → [., value], not following paths
  void push_simple(NodeId id);      // [] → [value] of a node that needs no input
  bool is_simple(NodeId id) const;  // a constant or a variable
  bool is_constant(NodeId id) const;
  void load_variable(const Node& node, bool push);
  void location(const Node& node);
  void text(const Node& node);
  void format(const Node& node);
  void postfix(NodeId id);
  void array(const Node& node);
  void object(const Node& node);
  void negate(const Node& node);
  void arithmetic(NodeId id);
  void comparison(const Node& node);
  void both_sides(NodeId left, NodeId right, Op op, std::uint16_t which);
  void logic(NodeId id);
  void comma(const Node& node);

  // compiler_control.cc: what binds, loops or catches
  void conditional(const Node& node);
  void alternative(const Node& node);
  void attempt(const Node& node);
  void reduce(const Node& node);
  void foreach (const Node& node);
  void binding(const Node& node);
  void destructure(NodeId pattern);  // [value] → []
  void destructure_object(const Node& pattern);
  void store_variable(std::string_view name);
  void set_shared(std::size_t first, std::size_t count, bool shared);
  void declare_pattern(NodeId pattern, std::vector<std::string_view>& names) const;
  void alternatives(const Node& node);
  void label(const Node& node);
  void leave(const Node& node);

  // compiler_update.cc
  void update(const Node& node);
  bool simple_path(NodeId id, std::vector<NodeId>& keys) const;
  bool has_one_result(NodeId id) const;
  void update_value(const Node& node, std::uint16_t slot, std::uint16_t operand);

  // compiler_call.cc, compiler_special.cc
  void call(const Node& node);
  bool special_form(const Node& node);
  void call_function(const Node& node, const Function* function, std::size_t level, bool local);
  Argument closure(NodeId id);
  void check_regex(const Node& node) const;
  void native(const Node& node, std::size_t index);
  void define(const Node& node);
  const Function* function(const Node& node, bool is_library);
  [[noreturn]] void unknown_function(const Node& node) const;
  void range(const Node& node);
  void limit(const Node& node);
  void first(const Node& node);
  void last(const Node& node);
  void is_empty(const Node& node);
  void path(const Node& node);
  void builtins();
  void select(const Node& node);
  void map(const Node& node);

  // Emission
  struct Building {
    Function* function;
    std::size_t symbols;      // how many there were when it began
    std::size_t inner_depth;  // arguments within arguments; paths are followed at 0 only
  };
  Function& current() { return *building_.back().function; }
  std::size_t emit(Op op, std::size_t a = 0, std::size_t b = 0);
  // Around what is computed for an argument: no paths are followed there. Nothing is emitted where none are anyway.
  void begin_inner() {
    if (building_.back().inner_depth++ == 0) emit(Op::inner_begin);
  }
  void end_inner() {
    if (--building_.back().inner_depth == 0) emit(Op::inner_end);
  }
  void path_expression(NodeId id, std::uint16_t followed);  // [x] → [path of x]
  std::uint32_t here() { return static_cast<std::uint32_t>(current().code.size()); }
  void patch(std::size_t instruction) { current().code[instruction].b = here(); }
  std::uint32_t constant(const json::Value& value);
  std::uint16_t new_slots(std::size_t count);
  Function* begin_function(std::string_view name, bool is_program = false);
  void end_function();
  std::size_t depth() const { return building_.size() - 1; }
  void bind_variable(std::string_view name, std::uint16_t slot);
  const Symbol* find(Symbol::Kind kind, std::string_view name) const;
  const Symbol* find_callable(std::string_view name, std::size_t arity) const;

  const Syntax& syntax_;
  std::string_view source_;
  std::span<const std::string_view> globals_;
  const Library* library_;
  std::shared_ptr<Code> code_ = std::make_shared<Code>();
  std::vector<Symbol> symbols_;
  std::vector<Building> building_;
};

// Instructions' operands.
enum class Format : std::uint8_t { text, json, html, uri, urid, csv, tsv, sh, base64, base64d, base32, base32d };
std::optional<Format> find_format(std::string_view name);  // with the @

}  // namespace pawl::expr
