// What every part of the parser stands on: the current token, the tree that grows, and the count of nesting.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

#include "expr/budget.h"
#include "expr/lexer.h"
#include "expr/syntax.h"

namespace pawl::expr {

inline constexpr std::array<std::string_view, 19> keywords = {
    "def", "as",  "reduce", "foreach", "if",     "then",    "else",    "elif",   "end",  "and",
    "or",  "try", "catch",  "label",   "import", "include", "__loc__", "module", "break"};

inline bool is_keyword(std::string_view word) { return std::ranges::find(keywords, word) != keywords.end(); }

class TreeBuilder {
 protected:
  explicit TreeBuilder(std::string_view source) : lexer_(source) {
    syntax_.nodes.emplace_back();  // no_node
    advance();
  }

  // Counts nesting; every way for the parser to call itself passes through one.
  class Nested {
   public:
    explicit Nested(TreeBuilder& builder) : builder_(builder) {
      if (++builder_.depth_ > program_nesting) {
        throw SyntaxError{{.code = "expression-limit",
                           .message = "nested more than " + std::to_string(program_nesting) + " deep",
                           .hint = {},
                           .offset = builder_.token_.offset}};
      }
    }
    ~Nested() { --builder_.depth_; }
    Nested(const Nested&) = delete;
    Nested& operator=(const Nested&) = delete;

   private:
    TreeBuilder& builder_;
  };

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
    const std::string found = token_.kind == TokenKind::end ? "end" : "`" + std::string(token_.text) + "`";
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

  void refuse_modules() {
    for (std::string_view word : {"import", "include", "module"}) {
      if (!is_word(word)) continue;
      throw SyntaxError{{.code = "forbidden-function",
                         .message = std::string(word) + " is not available: a program stands alone",
                         .hint = "write the definitions into the program",
                         .offset = token_.offset}};
    }
  }

  Lexer lexer_;
  Token token_;
  Syntax syntax_;
  std::size_t depth_ = 0;
  std::size_t definitions_ = 0;
};

}  // namespace pawl::expr
