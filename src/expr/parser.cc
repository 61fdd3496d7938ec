#include "expr/parser.h"

#include <algorithm>
#include <array>
#include <string>
#include <utility>

#include "expr/budget.h"
#include "expr/lexer.h"
#include "json/number.h"

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

constexpr std::array<std::string_view, 19> keywords = {
    "def", "as",  "reduce", "foreach", "if",     "then",    "else",    "elif",   "end",  "and",
    "or",  "try", "catch",  "label",   "import", "include", "__loc__", "module", "break"};

bool is_keyword(std::string_view word) { return std::ranges::find(keywords, word) != keywords.end(); }

class Parser {
 public:
  explicit Parser(std::string_view source) : lexer_(source) {
    syntax_.nodes.emplace_back();  // no_node
    advance();
  }

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
  // Counts nesting; every way into a deeper level passes through one.
  class Nested {
   public:
    explicit Nested(Parser& parser) : parser_(parser) {
      if (++parser_.depth_ > program_nesting) {
        throw SyntaxError{{.code = "expression-limit",
                           .message = "nested more than " + std::to_string(program_nesting) + " deep",
                           .hint = {},
                           .offset = parser_.token_.offset}};
      }
    }
    ~Nested() { --parser_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    Parser& parser_;
  };

  NodeId pipe() {
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
      const NodeId right = binary(found->side == Side::right ? found->precedence : found->precedence + 1);
      syntax_.nodes[id].a = left;
      syntax_.nodes[id].b = right;
      left = id;
      banned = found->side == Side::none ? found->precedence : 0;
    }
  }

  NodeId operand() {
    const Nested nested(*this);
    if (is("-")) {
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
    const Nested nested(*this);
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

  NodeId attempt() {
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
    while (accept("?//")) patterns.push_back(pattern());
    expect("|");
    const NodeId body = pipe();
    const NodeId id = add_list(NodeKind::binding, offset, patterns);
    syntax_.nodes[id].a = source;
    syntax_.nodes[id].b = body;
    return id;
  }

  NodeId pattern() {
    const Nested nested(*this);
    const std::uint32_t offset = here();
    if (token_.kind == TokenKind::variable) {
      const NodeId id = add(NodeKind::pattern_variable);
      syntax_.nodes[id].name = take_variable();
      return id;
    }
    std::vector<NodeId> parts;
    if (accept("[")) {
      do parts.push_back(pattern());
      while (accept(","));
      expect("]");
      return add_list(NodeKind::pattern_array, offset, parts);
    }
    expect("{", "a pattern: $name, [ or {");
    do pattern_member(parts);
    while (accept(","));
    expect("}");
    return add_list(NodeKind::pattern_object, offset, parts);
  }

  void pattern_member(std::vector<NodeId>& parts) {
    NodeId key = no_node;
    const bool is_variable = token_.kind == TokenKind::variable;
    if (is_variable) {
      key = add(NodeKind::variable);
      syntax_.nodes[key].name = take_variable();
    } else if (accept("(")) {
      key = pipe();
      expect(")");
      // {($x): …} looks up what $x holds; {$x: …} binds it
      if (syntax_.nodes[key].kind == NodeKind::variable) key = add_list(NodeKind::pipe, here(), {key});
    } else {
      key = literal_key();
    }
    parts.push_back(key);
    if (!is_variable) {
      expect(":");
      parts.push_back(pattern());
    } else {
      parts.push_back(accept(":") ? pattern() : no_node);
    }
  }

  // A name, a keyword or a string, as key of an object.
  NodeId literal_key() {
    if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) return string_or_format();
    if (token_.kind != TokenKind::word) unexpected("a key");
    const NodeId id = add(NodeKind::constant);
    syntax_.nodes[id].value = json::Value::string(token_.text);
    advance();
    return id;
  }

  NodeId postfix() {
    NodeId term = primary();
    for (;;) {
      const std::uint32_t offset = here();
      if (token_.kind == TokenKind::field) {
        term = field(term);
      } else if (is("?")) {
        advance();
        const NodeId id = add(NodeKind::attempt, offset);
        syntax_.nodes[id].a = term;
        term = id;
      } else if (is("[")) {
        term = brackets(term);
      } else if (is(".")) {
        advance();
        if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) {
          term = index_by_string(term, offset);
        } else if (is("[")) {
          term = brackets(term);
        } else {
          unexpected("a field name, a string or [ after .");
        }
      } else {
        return term;
      }
    }
  }

  NodeId field(NodeId of) {
    const NodeId id = add(NodeKind::field);
    syntax_.nodes[id].a = of;
    syntax_.nodes[id].value = json::Value::string(token_.text);
    advance();
    return id;
  }

  NodeId index_by_string(NodeId of, std::uint32_t offset) {
    const NodeId key = string_or_format();
    const NodeId id = add(NodeKind::index, offset);
    syntax_.nodes[id].a = of;
    syntax_.nodes[id].b = key;
    return id;
  }

  NodeId brackets(NodeId of) {
    const Nested nested(*this);
    const std::uint32_t offset = here();
    advance();
    if (accept("]")) {
      const NodeId id = add(NodeKind::iterate, offset);
      syntax_.nodes[id].a = of;
      return id;
    }
    NodeId from = no_node, to = no_node;
    bool is_slice = false;
    if (!is(":")) from = pipe();
    if (accept(":")) {
      is_slice = true;
      if (!is("]")) to = pipe();
      if (from == no_node && to == no_node) unexpected("a bound of the slice");
    }
    expect("]");
    const NodeId id = add(is_slice ? NodeKind::slice : NodeKind::index, offset);
    Node& node = syntax_.nodes[id];
    node.a = of;
    node.b = from;
    node.c = to;
    return id;
  }

  NodeId primary() {
    switch (token_.kind) {
      case TokenKind::number:
        return number();
      case TokenKind::quote:
      case TokenKind::format:
        return string_or_format();
      case TokenKind::field:
        return field(no_node);
      case TokenKind::variable:
        return variable();
      case TokenKind::word:
        return word();
      case TokenKind::end:
        unexpected("a value");
      case TokenKind::punctuation:
        break;
    }
    const std::uint32_t offset = here();
    if (is(".")) {
      advance();
      if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) return index_by_string(no_node, offset);
      if (is("[")) return brackets(no_node);
      return add(NodeKind::identity, offset);
    }
    if (accept("..")) return add(NodeKind::recurse, offset);
    if (is("(")) {
      const Nested nested(*this);
      advance();
      const NodeId inner = pipe();
      expect(")");
      return inner;
    }
    if (is("[")) return array();
    if (is("{")) return object();
    unexpected("a value");
  }

  NodeId number() {
    // jq writes numbers more freely than JSON: 01, .5, 1. are fine.
    std::string text(token_.text.substr(std::min(token_.text.find_first_not_of('0'), token_.text.size())));
    if (text.empty() || text[0] == '.' || text[0] == 'e' || text[0] == 'E') text.insert(0, "0");
    if (const std::size_t point = text.find('.'); point != std::string::npos) {
      if (point + 1 == text.size() || text[point + 1] == 'e' || text[point + 1] == 'E') text.insert(point + 1, "0");
    }
    auto value = json::parse_number(text);
    const NodeId id = add(NodeKind::constant);
    syntax_.nodes[id].value = value ? std::move(*value) : json::Value::raw_number(huge);
    advance();
    return id;
  }

  NodeId variable() {
    const NodeId id = add(token_.text == "__loc__" ? NodeKind::location : NodeKind::variable);
    syntax_.nodes[id].name = take_variable();
    return id;
  }

  NodeId word() {
    const std::string_view text = token_.text;
    if (text == "reduce" || text == "foreach") return fold();
    if (text == "if") return conditional();
    if (text == "try") return attempt();
    if (text == "break") {
      const NodeId id = add(NodeKind::leave);
      advance();
      syntax_.nodes[id].name = take_variable();
      return id;
    }
    if (text == "import" || text == "include") refuse_modules();
    if (is_keyword(text)) unexpected("a value");
    if (text == "null" || text == "true" || text == "false") {
      const NodeId id = add(NodeKind::constant);
      if (text != "null") syntax_.nodes[id].value = text == "true";
      advance();
      return id;
    }
    return call();
  }

  NodeId call() {
    const NodeId id = add(NodeKind::call);
    syntax_.nodes[id].name = token_.text;
    advance();
    if (!is("(")) return id;
    const Nested nested(*this);
    advance();
    std::vector<NodeId> arguments;
    do arguments.push_back(pipe());
    while (accept(";"));
    expect(")");
    set_list(id, arguments);
    return id;
  }

  NodeId fold() {
    const Nested nested(*this);
    const bool is_reduce = token_.text == "reduce";
    const std::uint32_t offset = here();
    advance();
    const NodeId source = postfix();
    expect_word("as");
    const NodeId bound = pattern();
    expect("(");
    const NodeId start = pipe();
    expect(";");
    const NodeId step = pipe();
    NodeId extract = no_node;
    if (!is_reduce && accept(";")) extract = pipe();
    expect(")");
    const NodeId id = add_list(is_reduce ? NodeKind::reduce : NodeKind::foreach, offset, {bound});
    Node& node = syntax_.nodes[id];
    node.a = source;
    node.b = start;
    node.c = step;
    node.d = extract;
    return id;
  }

  NodeId conditional() {
    const Nested nested(*this);
    const NodeId id = add(NodeKind::conditional);
    advance();
    const NodeId condition = pipe();
    expect_word("then");
    const NodeId consequence = pipe();
    NodeId otherwise = no_node;
    if (is_word("elif")) {
      otherwise = conditional();  // takes the `end` that both share
    } else {
      if (accept_word("else")) otherwise = pipe();
      expect_word("end");
    }
    Node& node = syntax_.nodes[id];
    node.a = condition;
    node.b = consequence;
    node.c = otherwise;
    return id;
  }

  NodeId array() {
    const Nested nested(*this);
    const NodeId id = add(NodeKind::array);
    advance();
    if (accept("]")) return id;
    const NodeId inner = pipe();
    expect("]");
    syntax_.nodes[id].a = inner;
    return id;
  }

  NodeId object() {
    const Nested nested(*this);
    const NodeId id = add(NodeKind::object);
    advance();
    std::vector<NodeId> parts;
    while (!is("}")) {
      object_member(parts);
      if (!accept(",")) break;
    }
    expect("}", "} or , (a value that is more than a term needs parentheses)");
    set_list(id, parts);
    return id;
  }

  void object_member(std::vector<NodeId>& parts) {
    const std::uint32_t offset = here();
    if (token_.kind == TokenKind::variable) return variable_member(parts);
    if (token_.kind == TokenKind::number) unexpected("a key (keys are strings)");
    if (accept("(")) {
      parts.push_back(pipe());
      expect(")");
      expect(":");
      parts.push_back(member_value());
      return;
    }
    const bool is_string = token_.kind == TokenKind::quote || token_.kind == TokenKind::format;
    const NodeId key = literal_key();
    parts.push_back(key);
    if (accept(":")) {
      parts.push_back(member_value());
    } else {
      // {a} is {a: .a}, {"a b"} is {"a b": .["a b"]}
      const NodeId id = add(is_string ? NodeKind::index : NodeKind::field, offset);
      if (is_string) {
        syntax_.nodes[id].b = key;
      } else {
        syntax_.nodes[id].value = syntax_.nodes[key].value;
      }
      parts.push_back(id);
    }
  }

  // {$a} is {a: $a}; {$a: 1} takes the variable's value as key
  void variable_member(std::vector<NodeId>& parts) {
    const NodeId id = variable();
    if (accept(":")) {
      parts.push_back(id);
      parts.push_back(member_value());
      return;
    }
    const NodeId key = add(NodeKind::constant);
    syntax_.nodes[key].value = json::Value::string(syntax_.nodes[id].name);
    parts.push_back(key);
    parts.push_back(id);
  }

  // A term, or terms joined by |, as jq's grammar has it: a comma ends the member.
  NodeId member_value() {
    const Nested nested(*this);
    const std::uint32_t offset = here();
    std::vector<NodeId> parts{member_term()};
    while (accept("|")) parts.push_back(member_term());
    return parts.size() == 1 ? parts[0] : add_list(NodeKind::pipe, offset, parts);
  }

  NodeId member_term() {
    if (!is("-")) return postfix();
    const Nested nested(*this);
    const NodeId id = add(NodeKind::negate);
    advance();
    const NodeId a = member_term();
    syntax_.nodes[id].a = a;
    return id;
  }

  NodeId string_or_format() {
    const Nested nested(*this);
    const std::uint32_t offset = here();
    std::string_view format;
    if (token_.kind == TokenKind::format) {
      format = token_.text;
      advance();
      if (token_.kind != TokenKind::quote) {
        const NodeId id = add(NodeKind::format, offset);
        syntax_.nodes[id].name = format;
        return id;
      }
    }
    std::vector<NodeId> parts;
    for (bool ended = false;;) {
      const std::string piece = lexer_.string_piece(ended);
      if (!piece.empty() || (ended && parts.empty())) {
        parts.push_back(add(NodeKind::constant, offset));
        syntax_.nodes[parts.back()].value = json::Value::string(piece);
      }
      if (ended) break;
      advance();
      parts.push_back(wrapped(pipe()));
      if (!is(")")) unexpected(")");
      lexer_.resume_after(token_);
    }
    advance();
    if (parts.size() == 1 && syntax_.nodes[parts[0]].kind == NodeKind::constant) return parts[0];
    const NodeId id = add_list(NodeKind::text, offset, parts);
    syntax_.nodes[id].name = format;
    return id;
  }

  // Inside a string a constant would be taken for a piece of the text itself: "\(1)" is a pipe of one.
  NodeId wrapped(NodeId id) {
    if (syntax_.nodes[id].kind != NodeKind::constant) return id;
    return add_list(NodeKind::pipe, syntax_.nodes[id].offset, {id});
  }

  void refuse_modules() {
    for (std::string_view word : {"import", "include", "module"}) {
      if (!is_word(word)) continue;
      throw SyntaxError{{.code = "forbidden-function",
                         .message = std::string(word) + " is not available: a program stands alone",
                         .hint = "write the definitions into the program",
                         .offset = token_.offset}};
    }
  }

  // Tokens
  void advance() { token_ = lexer_.next(); }
  std::uint32_t here() const { return static_cast<std::uint32_t>(token_.offset); }
  bool is(std::string_view text) const { return token_.kind == TokenKind::punctuation && token_.text == text; }
  bool is_word(std::string_view text) const { return token_.kind == TokenKind::word && token_.text == text; }
  bool accept(std::string_view text) {
    if (!is(text)) return false;
    advance();
    return true;
  }
  bool accept_word(std::string_view text) {
    if (!is_word(text)) return false;
    advance();
    return true;
  }
  void expect(std::string_view text, std::string_view wanted = {}) {
    if (!accept(text)) unexpected(wanted.empty() ? text : wanted);
  }
  void expect_word(std::string_view text) {
    if (!accept_word(text)) unexpected(text);
  }
  std::string_view take_variable() {
    if (token_.kind != TokenKind::variable) unexpected("a variable");
    const std::string_view name = token_.text;
    advance();
    return name;
  }
  std::string_view take_name(std::string_view wanted) {
    if (token_.kind != TokenKind::word || is_keyword(token_.text)) unexpected(wanted);
    const std::string_view name = token_.text;
    advance();
    return name;
  }
  [[noreturn]] void unexpected(std::string_view wanted) const {
    const std::string found = token_.kind == TokenKind::end ? "the end" : "`" + std::string(token_.text) + "`";
    refuse_syntax(token_.offset, "unexpected " + found + ", expected " + std::string(wanted));
  }

  // Nodes
  NodeId add(NodeKind kind) { return add(kind, here()); }
  NodeId add(NodeKind kind, std::uint32_t offset) {
    Node& node = syntax_.nodes.emplace_back();
    node.kind = kind;
    node.offset = offset;
    return static_cast<NodeId>(syntax_.nodes.size() - 1);
  }
  NodeId add_list(NodeKind kind, std::uint32_t offset, const std::vector<NodeId>& parts) {
    const NodeId id = add(kind, offset);
    set_list(id, parts);
    return id;
  }
  void set_list(NodeId id, const std::vector<NodeId>& parts) {
    syntax_.nodes[id].list_begin = static_cast<std::uint32_t>(syntax_.lists.size());
    syntax_.nodes[id].list_size = static_cast<std::uint32_t>(parts.size());
    syntax_.lists.insert(syntax_.lists.end(), parts.begin(), parts.end());
  }

  static constexpr double huge = 1.7976931348623157e308;  // what jq makes of 1e1000

  Lexer lexer_;
  Token token_;
  Syntax syntax_;
  std::size_t depth_ = 0;
  std::size_t definitions_ = 0;
};

}  // namespace

Syntax parse_program(std::string_view source) { return Parser(source).program(); }

Syntax parse_definitions(std::string_view source) { return Parser(source).definitions(); }

}  // namespace pawl::expr
