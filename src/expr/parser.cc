#include "expr/parser.h"

#include <algorithm>
#include <array>
#include <utility>
#include <vector>

#include "expr/term_parser.h"

namespace pawl::expr {

namespace {

// Loosest first; pipe and comma are lists and have functions of their own.
struct Operator {
  std::string_view text;
  int precedence;
  enum class Side : std::uint8_t { left, right, none } side;
  NodeKind kind;
};

using Side = Operator::Side;
constexpr int loosest = 1, tighter_than_sum = 7;
constexpr std::array<Operator, 22> operators = {
    {{"//", 1, Side::right, NodeKind::alternative}, {"=", 2, Side::none, NodeKind::update},
     {"|=", 2, Side::none, NodeKind::update},       {"+=", 2, Side::none, NodeKind::update},
     {"-=", 2, Side::none, NodeKind::update},       {"*=", 2, Side::none, NodeKind::update},
     {"/=", 2, Side::none, NodeKind::update},       {"%=", 2, Side::none, NodeKind::update},
     {"//=", 2, Side::none, NodeKind::update},      {"or", 3, Side::left, NodeKind::disjunction},
     {"and", 4, Side::left, NodeKind::conjunction}, {"==", 5, Side::none, NodeKind::comparison},
     {"!=", 5, Side::none, NodeKind::comparison},   {"<", 5, Side::none, NodeKind::comparison},
     {"<=", 5, Side::none, NodeKind::comparison},   {">", 5, Side::none, NodeKind::comparison},
     {">=", 5, Side::none, NodeKind::comparison},   {"+", 6, Side::left, NodeKind::arithmetic},
     {"-", 6, Side::left, NodeKind::arithmetic},    {"*", 7, Side::left, NodeKind::arithmetic},
     {"/", 7, Side::left, NodeKind::arithmetic},    {"%", 7, Side::left, NodeKind::arithmetic}}};

class Parser final : public TermParser {
 public:
  explicit Parser(std::string_view source) : TermParser(source) {}

  Syntax program() {
    refuse_modules();
    syntax_.root = token_.kind == TokenKind::end ? add(NodeKind::identity) : pipe();
    if (token_.kind != TokenKind::end) unexpected("an operator or the end");
    return std::move(syntax_);
  }

  Syntax definitions() {
    const NodeId id = add(NodeKind::define);
    std::vector<NodeId> functions;
    while (is_word("def")) functions.push_back(definition());
    set_list(id, functions);
    syntax_.root = id;
    return std::move(syntax_);
  }

 private:
  NodeId pipe() override {
    const Nested nested(*this);
    if (is_word("def")) return define();
    const std::uint32_t offset = here();
    const NodeId first = comma();
    if (!is("|")) return first;
    std::vector<NodeId> parts{first};
    while (accept("|")) {
      if (is_word("def")) {
        parts.push_back(define());
        break;
      }
      parts.push_back(comma());
    }
    return add_list(NodeKind::pipe, offset, parts);
  }

  NodeId comma() {
    const std::uint32_t offset = here();
    const NodeId first = binary(loosest);
    if (!is(",")) return first;
    std::vector<NodeId> parts{first};
    while (accept(",")) parts.push_back(binary(loosest));
    return add_list(NodeKind::comma, offset, parts);
  }

  NodeId binary(int least) {
    NodeId left = operand();
    for (int banned = 0;;) {
      const auto found = std::ranges::find_if(operators, [this](const Operator& o) {
        return token_.text == o.text && (token_.kind == TokenKind::punctuation || token_.kind == TokenKind::word);
      });
      if (found == operators.end() || found->precedence < least) return left;
      if (found->precedence == banned) unexpected("a chain of these operators needs parentheses:");
      const NodeId id = add(found->kind);
      syntax_.nodes[id].name = found->text;
      advance();
      const NodeId right = right_side(*found);
      syntax_.nodes[id].a = left;
      syntax_.nodes[id].b = right;
      left = id;
      banned = found->side == Side::none ? found->precedence : 0;
    }
  }

  NodeId right_side(const Operator& of) {
    if (of.side != Side::right) return binary(of.precedence + 1);
    const Nested nested(*this);
    return binary(of.precedence);
  }

  NodeId operand() {
    if (is("-")) {
      const Nested nested(*this);
      const NodeId id = add(NodeKind::negate);
      advance();
      const NodeId a = binary(tighter_than_sum);
      syntax_.nodes[id].a = a;
      return id;
    }
    if (is_word("def")) return define();
    if (is_word("label")) return label();
    const std::uint32_t offset = here();
    const NodeId term = is_word("try") ? attempt() : postfix();
    return is_word("as") ? binding(term, offset) : term;
  }

  NodeId define() {
    const NodeId id = add(NodeKind::define);
    std::vector<NodeId> functions;
    while (is_word("def")) functions.push_back(definition());
    const NodeId body = pipe();
    set_list(id, functions);
    syntax_.nodes[id].a = body;
    return id;
  }

  NodeId definition() {
    if (++definitions_ > program_definitions) {
      throw SyntaxError{{.code = "expression-limit",
                         .message = "more than " + std::to_string(program_definitions) + " definitions",
                         .hint = {},
                         .offset = token_.offset}};
    }
    const NodeId id = add(NodeKind::function);
    advance();
    const std::string_view name = take_name("a function's name");
    std::vector<NodeId> parameters;
    if (accept("(")) {
      do {
        const NodeId parameter = add(NodeKind::parameter);
        syntax_.nodes[parameter].value_parameter = token_.kind == TokenKind::variable;
        syntax_.nodes[parameter].name = token_.kind == TokenKind::variable ? take_variable() : take_name("a parameter");
        parameters.push_back(parameter);
      } while (accept(";"));
      expect(")");
    }
    expect(":");
    const auto first = static_cast<NodeId>(syntax_.nodes.size());
    const NodeId body = pipe();
    expect(";");
    set_list(id, parameters);
    Node& node = syntax_.nodes[id];
    node.name = name;
    node.a = body;
    node.b = first;
    node.c = static_cast<NodeId>(syntax_.nodes.size());
    return id;
  }

  NodeId label() {
    const NodeId id = add(NodeKind::label);
    advance();
    syntax_.nodes[id].name = take_variable();
    expect("|");
    const NodeId body = pipe();
    syntax_.nodes[id].a = body;
    return id;
  }

  NodeId attempt() override {
    const NodeId id = add(NodeKind::attempt);
    advance();
    const NodeId body = try_operand();
    syntax_.nodes[id].a = body;
    if (!accept_word("catch")) return id;
    const NodeId handler = try_operand();
    syntax_.nodes[id].b = handler;
    return id;
  }

  NodeId try_operand() {
    const Nested nested(*this);
    if (is_word("try")) return attempt();
    if (is("-")) return operand();
    return postfix();
  }

  NodeId binding(NodeId source, std::uint32_t offset) {
    advance();
    std::vector<NodeId> patterns{pattern()};
    // Each alternative binds the variables of all: their number is what compiling costs, squared.
    while (accept("?//")) {
      if (patterns.size() == program_nesting) {
        throw SyntaxError{{.code = "expression-limit",
                           .message = "more than " + std::to_string(program_nesting) + " alternatives of a pattern",
                           .hint = {},
                           .offset = token_.offset}};
      }
      patterns.push_back(pattern());
    }
    expect("|");
    const NodeId body = pipe();
    const NodeId id = add_list(NodeKind::binding, offset, patterns);
    syntax_.nodes[id].a = source;
    syntax_.nodes[id].b = body;
    return id;
  }
};

}  // namespace

Syntax parse_program(std::string_view source) { return Parser(source).program(); }

Syntax parse_definitions(std::string_view source) { return Parser(source).definitions(); }

}  // namespace pawl::expr
