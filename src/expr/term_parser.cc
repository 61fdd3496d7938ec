#include "expr/term_parser.h"

#include <algorithm>
#include <string>
#include <utility>

#include "expr/text.h"
#include "json/number.h"

namespace pawl::expr {

namespace {

// What jq makes of 1e1000 and of 1e-100000.
json::Value beyond_doubles(std::string_view text) {
  constexpr double largest = 1.7976931348623157e308;
  const bool is_tiny = text.find("e-") != std::string_view::npos || text.find("E-") != std::string_view::npos;
  return is_tiny ? json::Value::integer(0) : json::Value::raw_number(largest);
}

}  // namespace

NodeId TermParser::pattern() {
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

void TermParser::pattern_member(std::vector<NodeId>& parts) {
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
NodeId TermParser::literal_key() {
  if (token_.kind == TokenKind::quote || token_.kind == TokenKind::format) return string_or_format();
  if (token_.kind != TokenKind::word) unexpected("a key");
  const NodeId id = add(NodeKind::constant);
  syntax_.nodes[id].value = json::Value::string(token_.text);
  advance();
  return id;
}

// As in jq's grammar, `?` right behind a step excuses that step alone: "x" | .a.b? is an error, (.a.b)? is not.
NodeId TermParser::postfix() {
  const bool is_path = token_.kind == TokenKind::field || is(".");
  NodeId term = primary();
  bool is_step = is_path && syntax_.nodes[term].kind != NodeKind::identity;
  for (;; is_step = true) {
    const std::uint32_t offset = here();
    if (token_.kind == TokenKind::field) {
      term = field(term);
    } else if (is("?")) {
      while (accept("?")) {
        const NodeId id = add(std::exchange(is_step, false) ? NodeKind::optional : NodeKind::attempt, offset);
        syntax_.nodes[id].a = term;
        term = id;
      }
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

NodeId TermParser::field(NodeId of) {
  const NodeId id = add(NodeKind::field);
  syntax_.nodes[id].a = of;
  syntax_.nodes[id].value = json::Value::string(token_.text);
  advance();
  return id;
}

NodeId TermParser::index_by_string(NodeId of, std::uint32_t offset) {
  const NodeId key = string_or_format();
  const NodeId id = add(NodeKind::index, offset);
  syntax_.nodes[id].a = of;
  syntax_.nodes[id].b = key;
  return id;
}

NodeId TermParser::brackets(NodeId of) {
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

NodeId TermParser::primary() {
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
    advance();
    const NodeId inner = pipe();
    expect(")");
    return inner;
  }
  if (is("[")) return array();
  if (is("{")) return object();
  unexpected("a value");
}

NodeId TermParser::number() {
  const std::string text = number_of_json(token_.text);
  auto value = json::parse_number(text);
  const NodeId id = add(NodeKind::constant);
  syntax_.nodes[id].value = value ? std::move(*value) : beyond_doubles(text);
  advance();
  return id;
}

NodeId TermParser::variable() {
  const NodeId id = add(token_.text == "__loc__" ? NodeKind::location : NodeKind::variable);
  syntax_.nodes[id].name = take_variable();
  return id;
}

NodeId TermParser::word() {
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

NodeId TermParser::call() {
  const NodeId id = add(NodeKind::call);
  syntax_.nodes[id].name = token_.text;
  advance();
  if (!is("(")) return id;
  advance();
  std::vector<NodeId> arguments;
  do arguments.push_back(pipe());
  while (accept(";"));
  expect(")");
  set_list(id, arguments);
  return id;
}

NodeId TermParser::fold() {
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

NodeId TermParser::conditional() {
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

NodeId TermParser::array() {
  const NodeId id = add(NodeKind::array);
  advance();
  if (accept("]")) return id;
  const NodeId inner = pipe();
  expect("]");
  syntax_.nodes[id].a = inner;
  return id;
}

NodeId TermParser::object() {
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

void TermParser::object_member(std::vector<NodeId>& parts) {
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
void TermParser::variable_member(std::vector<NodeId>& parts) {
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
NodeId TermParser::member_value() {
  const std::uint32_t offset = here();
  std::vector<NodeId> parts{member_term()};
  while (accept("|")) parts.push_back(member_term());
  return parts.size() == 1 ? parts[0] : add_list(NodeKind::pipe, offset, parts);
}

NodeId TermParser::member_term() {
  if (!is("-")) return postfix();
  const Nested nested(*this);
  const NodeId id = add(NodeKind::negate);
  advance();
  const NodeId a = member_term();
  syntax_.nodes[id].a = a;
  return id;
}

NodeId TermParser::string_or_format() {
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
NodeId TermParser::wrapped(NodeId id) {
  if (syntax_.nodes[id].kind != NodeKind::constant) return id;
  return add_list(NodeKind::pipe, syntax_.nodes[id].offset, {id});
}

}  // namespace pawl::expr
