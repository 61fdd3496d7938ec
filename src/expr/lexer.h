// The tokens of a program. Strings are not tokens: they hold programs, so the parser reads them piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "expr/expression.h"

namespace pawl::expr {

// Thrown while a program is compiled, caught by Expression::compile.
struct SyntaxError {
  SyntaxProblem problem;
};

[[noreturn]] void refuse_syntax(std::size_t offset, std::string message, std::string hint = {});

enum class TokenKind : std::uint8_t {
  end,
  word,      // a name or a keyword; may have :: in it
  variable,  // text without $
  field,     // .name; text without the dot
  number,
  format,       // @name; text with the @
  quote,        // a string begins; what is in it follows
  punctuation,  // operators and brackets, the longest that fits
};

struct Token {
  TokenKind kind = TokenKind::end;
  std::string_view text;
  std::size_t offset = 0;
};

class Lexer {
 public:
  explicit Lexer(std::string_view source) : source_(source) {}

  Token next();

  // The piece of a string from here to the next `\(`, which is skipped, or to the closing quote, which is skipped too;
  // escapes replaced. `ended` tells which.
  std::string string_piece(bool& ended);

  // Goes back to where `token` ends, so that what follows it can be read as a piece of string.
  void resume_after(const Token& token) { at_ = token.offset + token.text.size(); }

 private:
  void skip_space();
  void skip_comment();
  std::string_view take_word(std::size_t from);
  std::string_view take_number();
  void read_escape(std::string& out);
  std::uint32_t read_unit();

  std::string_view source_;
  std::size_t at_ = 0;
};

}  // namespace pawl::expr
