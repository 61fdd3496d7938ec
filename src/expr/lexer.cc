#include "expr/lexer.h"

#include <algorithm>
#include <array>

#include "expr/text.h"

namespace pawl::expr {

namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

constexpr std::array<std::string_view, 19> long_punctuation = {
    "?//", "//=", "|=", "+=", "-=", "*=", "/=", "%=", "==", "!=", "<=", ">=", "//", "..", "::", "?", "|", ",", "."};

}  // namespace

void refuse_syntax(std::size_t offset, std::string message, std::string hint) {
  throw SyntaxError{
      {.code = "expression-syntax", .message = std::move(message), .hint = std::move(hint), .offset = offset}};
}

Token Lexer::next() {
  skip_space();
  const std::size_t begin = at_;
  if (begin == source_.size()) return {TokenKind::end, {}, begin};
  const char c = source_[begin];
  const char after = begin + 1 < source_.size() ? source_[begin + 1] : '\0';
  if (c == '"') return {TokenKind::quote, source_.substr(at_++, 1), begin};
  if (is_letter(c)) return {TokenKind::word, take_word(begin), begin};
  if (is_digit(c) || (c == '.' && is_digit(after))) return {TokenKind::number, take_number(), begin};
  if ((c == '$' || c == '.' || c == '@') && is_letter(after)) {
    ++at_;
    const std::string_view name = take_word(begin + 1);
    if (c == '@') return {TokenKind::format, source_.substr(begin, at_ - begin), begin};
    return {c == '$' ? TokenKind::variable : TokenKind::field, name, begin};
  }
  for (std::string_view text : long_punctuation) {
    if (source_.substr(begin).starts_with(text)) {
      at_ += text.size();
      return {TokenKind::punctuation, source_.substr(begin, text.size()), begin};
    }
  }
  if (std::string_view("()[]{}:;=<>+-*/%").find(c) == std::string_view::npos) {
    if (c == '\'') refuse_syntax(begin, "unexpected '", "strings stand in double quotes");
    refuse_syntax(begin, "unexpected character");
  }
  ++at_;
  return {TokenKind::punctuation, source_.substr(begin, 1), begin};
}

void Lexer::skip_space() {
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == '#') {
      skip_comment();
      if (at_ == source_.size()) return;
    } else if (c != ' ' && c != '\t' && c != '\n' && c != '\r') {
      return;
    }
  }
}

// To the end of the line; an odd number of backslashes before it continues the comment (jq 1.7.1).
void Lexer::skip_comment() {
  bool continued = false;
  for (; at_ < source_.size(); ++at_) {
    const char c = source_[at_];
    if (c == '\n' && !continued) return;
    if (c != '\r') continued = c == '\\' && !continued;
  }
}

std::string_view Lexer::take_word(std::size_t from) {
  at_ = from;
  for (;;) {
    while (at_ < source_.size() && (is_letter(source_[at_]) || is_digit(source_[at_]))) ++at_;
    const bool more = source_.substr(at_).starts_with("::") && at_ + 2 < source_.size() && is_letter(source_[at_ + 2]);
    if (!more) return source_.substr(from, at_ - from);
    at_ += 2;
  }
}

std::string_view Lexer::take_number() {
  const std::size_t begin = at_;
  auto digits = [this] {
    while (at_ < source_.size() && is_digit(source_[at_])) ++at_;
  };
  digits();
  if (at_ < source_.size() && source_[at_] == '.') {
    ++at_;
    digits();
  }
  if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
    const std::size_t mark = at_++;
    if (at_ < source_.size() && (source_[at_] == '+' || source_[at_] == '-')) ++at_;
    if (at_ < source_.size() && is_digit(source_[at_])) {
      digits();
    } else {
      at_ = mark;
    }
  }
  return source_.substr(begin, at_ - begin);
}

std::string Lexer::string_piece(bool& ended) {
  std::string out;
  for (;;) {
    if (at_ == source_.size()) refuse_syntax(at_, "a string does not end", "close it with \"");
    const char c = source_[at_];
    if (c == '"') {
      ++at_;
      ended = true;
      return out;
    }
    if (c == '\0') refuse_syntax(at_, "a string holds U+0000");
    if (c != '\\') {
      out += c;
      ++at_;
      continue;
    }
    if (source_.substr(at_).starts_with("\\(")) {
      at_ += 2;
      ended = false;
      return out;
    }
    read_escape(out);
  }
}

void Lexer::read_escape(std::string& out) {
  constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
  const std::size_t begin = at_;
  const char c = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
  if (const std::size_t found = escapes.find(c); c != '\0' && found != std::string_view::npos) {
    out += meanings[found];
    at_ += 2;
    return;
  }
  if (c != 'u') refuse_syntax(begin, "not an escape", "a backslash itself is written \\\\");
  std::uint32_t code = read_unit();
  if (is_surrogate(code)) {
    const bool pair = code < 0xdc00 && source_.substr(at_).starts_with("\\u");
    const std::uint32_t low = pair ? read_unit() : 0;
    if (!pair || low < 0xdc00 || low >= 0xe000) refuse_syntax(begin, "a lone surrogate");
    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
  }
  if (code == 0) refuse_syntax(begin, "a string holds U+0000");
  append_code_point(code, out);
}

std::uint32_t Lexer::read_unit() {
  constexpr std::size_t digits = 4;
  const std::size_t begin = at_;
  std::uint32_t unit = 0;
  at_ += 2;
  for (std::size_t i = 0; i < digits; ++i, ++at_) {
    const int digit = at_ < source_.size() ? hexadecimal_digit(source_[at_]) : -1;
    if (digit < 0) refuse_syntax(begin, "\\u needs four hexadecimal digits");
    unit = unit << 4 | static_cast<std::uint32_t>(digit);
  }
  return unit;
}

}  // namespace pawl::expr
