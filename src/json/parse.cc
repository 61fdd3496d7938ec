// One pass over the text with a stack of open containers. simdjson checks the encoding; its parsers are not used, since
// neither keeps what is needed here: the digits of a number and the place of an error.
#include "json/parse.h"

#include <simdjson.h>

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "json/number.h"

namespace pawl::json {

namespace {

constexpr int bad_request = 400;

Problem problem(std::string code, std::string detail, std::string instance) {
  return Problem{.status = bad_request,
                 .code = std::move(code),
                 .title = "The JSON text was refused",
                 .detail = std::move(detail),
                 .instance = std::move(instance),
                 .hint = {}};
}

std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto lines = std::count(before.begin(), before.end(), '\n');
  const std::size_t line_begin = before.rfind('\n') + 1;  // npos + 1 is 0
  return "line " + std::to_string(lines + 1) + ", column " + std::to_string(offset - line_begin + 1);
}

int hexadecimal(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void append_utf8(std::uint32_t code, std::string& out) {
  auto byte = [&out](std::uint32_t bits) { out += static_cast<char>(bits); };
  if (code < 0x80) {
    byte(code);
  } else if (code < 0x800) {
    byte(0xc0 | code >> 6), byte(0x80 | (code & 0x3f));
  } else if (code < 0x10000) {
    byte(0xe0 | code >> 12), byte(0x80 | (code >> 6 & 0x3f)), byte(0x80 | (code & 0x3f));
  } else {
    byte(0xf0 | code >> 18), byte(0x80 | (code >> 12 & 0x3f)), byte(0x80 | (code >> 6 & 0x3f)),
        byte(0x80 | (code & 0x3f));
  }
}

class Parser {
 public:
  Parser(std::string_view text, const Limits& limits) : text_(text), limits_(limits) {}

  Result<Value> parse() {
    if (text_.size() > limits_.bytes) {
      return fail(problem("json-too-large", "more than " + std::to_string(limits_.bytes) + " bytes", "bytes"));
    }
    if (!simdjson::validate_utf8(text_.data(), text_.size())) {
      return fail(problem("invalid-string", "the text is not UTF-8", ""));
    }
    bool done = false;
    while (!done) {
      Value value;
      if (!read_value(value) || !finish_value(std::move(value), done)) return fail(std::move(problem_));
    }
    skip_space();
    if (at_ != text_.size()) {
      refuse("something follows the value");
      return fail(std::move(problem_));
    }
    return std::move(root_);
  }

 private:
  struct Open {
    bool is_object = false;
    Value name;  // of the member whose value comes next
    std::vector<Value> items;
    std::vector<Member> members;
  };

  // Reads up to the end of the next scalar or empty container, opening containers on the way.
  bool read_value(Value& out) {
    for (;;) {
      skip_space();
      if (!count_node()) return false;
      const char c = peek();
      if (c != '[' && c != '{') return read_scalar(c, out);
      if (open_.size() >= std::min(limits_.depth, deepest)) {
        return refuse_limit("json-too-deep", "depth", std::min(limits_.depth, deepest));
      }
      ++at_;
      skip_space();
      if (peek() == (c == '[' ? ']' : '}')) {
        ++at_;
        out = c == '[' ? Value::array() : Value::object();
        return true;
      }
      open_.push_back({.is_object = c == '{', .name = {}, .items = {}, .members = {}});
      if (c == '{' && !read_name()) return false;
    }
  }

  // Puts a value where it belongs and closes the containers that end after it.
  bool finish_value(Value value, bool& done) {
    for (;;) {
      if (open_.empty()) {
        root_ = std::move(value);
        return done = true;
      }
      Open& open = open_.back();
      if (open.is_object) {
        open.members.push_back({std::move(open.name), std::move(value)});
      } else {
        open.items.push_back(std::move(value));
      }
      skip_space();
      const char c = peek();
      if (c == ',') {
        ++at_;
        return !open.is_object || read_name();
      }
      if (c != (open.is_object ? '}' : ']')) { return refuse(open.is_object ? "expected , or }" : "expected , or ]"); }
      ++at_;
      value = open.is_object ? Value::object(std::move(open.members)) : Value::array(std::move(open.items));
      open_.pop_back();
    }
  }

  bool read_name() {
    skip_space();
    if (peek() != '"') return refuse("expected a member's name");
    if (!read_string(open_.back().name)) return false;
    skip_space();
    if (peek() != ':') return refuse("expected :");
    ++at_;
    return true;
  }

  bool read_scalar(char c, Value& out) {
    switch (c) {
      case '"':
        return read_string(out);
      case 't':
        return read_word("true", Value(true), out);
      case 'f':
        return read_word("false", Value(false), out);
      case 'n':
        return read_word("null", Value(), out);
      default:
        return c == '-' || (c >= '0' && c <= '9') ? read_number(out) : refuse("expected a value");
    }
  }

  bool read_word(std::string_view word, Value value, Value& out) {
    if (!text_.substr(at_).starts_with(word)) return refuse("expected a value");
    at_ += word.size();
    out = std::move(value);
    return true;
  }

  bool read_number(Value& out) {
    const std::size_t end = std::min(text_.find_first_not_of("+-.0123456789Ee", at_), text_.size());
    auto number = parse_number(text_.substr(at_, end - at_));
    if (!number) {
      if (number.error() == NumberError::malformed) return refuse("not a number as JSON writes it");
      problem_ = problem("number-out-of-range", "a number is beyond the range of a double", place_of(text_, at_));
      return false;
    }
    at_ = end;
    out = std::move(*number);
    return true;
  }

  bool read_string(Value& out) {
    const std::size_t begin = ++at_;
    const auto plain = [](char c) { return c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20; };
    while (at_ < text_.size() && plain(text_[at_])) ++at_;
    if (peek() == '"') {
      out = Value::string(text_.substr(begin, at_++ - begin));
      return true;
    }
    std::string text(text_.substr(begin, at_ - begin));
    while (at_ < text_.size() && text_[at_] != '"') {
      const std::size_t from = at_;
      while (at_ < text_.size() && plain(text_[at_])) ++at_;
      text.append(text_, from, at_ - from);
      if (peek() == '\\') {
        if (!read_escape(text)) return false;
      } else if (at_ < text_.size() && text_[at_] != '"') {
        return refuse("a control character in a string must be escaped");
      }
    }
    if (at_ == text_.size()) return refuse("a string does not end");
    ++at_;
    out = Value::string(text);
    return true;
  }

  bool read_escape(std::string& out) {
    constexpr std::string_view escapes = "\"\\/bfnrt", meanings = "\"\\/\b\f\n\r\t";
    if (at_ + 1 == text_.size()) return refuse("a string does not end");
    const char c = text_[at_ + 1];
    if (const std::size_t found = escapes.find(c); found != std::string_view::npos) {
      out += meanings[found];
      at_ += 2;
      return true;
    }
    std::uint32_t code = 0;
    const std::size_t begin = at_;
    if (!read_unit(code)) return refuse("not an escape of JSON");
    if (code >= 0xd800 && code < 0xe000) {
      std::uint32_t low = 0;
      if (code >= 0xdc00 || !read_unit(low) || low < 0xdc00 || low >= 0xe000) {
        return refuse_string("a lone surrogate", begin);
      }
      code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
    }
    if (code == 0) return refuse_string("U+0000, which the database cannot store", begin);
    append_utf8(code, out);
    return true;
  }

  // A code unit written as backslash, u and four digits.
  bool read_unit(std::uint32_t& unit) {
    constexpr std::size_t length = 6;
    if (text_.size() - at_ < length || text_[at_] != '\\' || text_[at_ + 1] != 'u') return false;
    unit = 0;
    for (std::size_t i = at_ + 2; i < at_ + length; ++i) {
      const int digit = hexadecimal(text_[i]);
      if (digit < 0) return false;
      unit = unit << 4 | static_cast<std::uint32_t>(digit);
    }
    at_ += length;
    return true;
  }

  bool count_node() { return ++nodes_ <= limits_.nodes || refuse_limit("json-too-many-nodes", "nodes", limits_.nodes); }

  void skip_space() {
    while (at_ < text_.size() &&
           (text_[at_] == ' ' || text_[at_] == '\n' || text_[at_] == '\r' || text_[at_] == '\t')) {
      ++at_;
    }
  }

  char peek() const { return at_ < text_.size() ? text_[at_] : '\0'; }

  bool refuse(std::string detail) {
    if (at_ == text_.size()) detail = "the text ends early: " + detail;
    problem_ = problem("invalid-json", std::move(detail), place_of(text_, at_));
    return false;
  }

  bool refuse_string(std::string what, std::size_t offset) {
    problem_ = problem("invalid-string", "a string holds " + std::move(what), place_of(text_, offset));
    return false;
  }

  bool refuse_limit(std::string code, std::string limit, std::size_t most) {
    problem_ = problem(std::move(code), "more than " + std::to_string(most), std::move(limit));
    return false;
  }

  std::string_view text_;
  const Limits& limits_;
  std::size_t at_ = 0;
  std::size_t nodes_ = 0;
  std::vector<Open> open_;
  Value root_;
  Problem problem_;
};

}  // namespace

Result<Value> parse(std::string_view text, const Limits& limits) { return Parser(text, limits).parse(); }

}  // namespace pawl::json
