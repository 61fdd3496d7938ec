#include "json/write.h"

#include <charconv>

namespace pawl::json {

namespace {

constexpr std::size_t spaces_a_level = 2;

void write_integer(std::int64_t number, std::string& out) {
  char text[24];
  const auto end = std::to_chars(text, text + sizeof text, number).ptr;
  out.append(text, end);
}

// One writer for both forms: without indentation nothing stands between the tokens.
class Writer {
 public:
  Writer(std::string& out, bool indented) : out_(out), indented_(indented) {}

  void write(const Value& value) {
    switch (value.kind()) {
      case Kind::null:
        out_ += "null";
        break;
      case Kind::boolean:
        out_ += value.boolean() ? "true" : "false";
        break;
      case Kind::integer:
        write_integer(value.integer(), out_);
        break;
      case Kind::number:
        if (value.digits().empty()) {
          write_number(value.number(), out_);
        } else {
          out_ += value.digits();
        }
        break;
      case Kind::string:
        write_string(value.text(), out_);
        break;
      case Kind::array:
        write_array(value);
        break;
      case Kind::object:
        write_object(value);
        break;
    }
  }

 private:
  void write_array(const Value& value) {
    out_ += '[';
    ++level_;
    bool first = true;
    for (const Value& item : value.items()) {
      separate(first);
      write(item);
    }
    close(first, ']');
  }

  void write_object(const Value& value) {
    out_ += '{';
    ++level_;
    bool first = true;
    for (const Member& member : value.members()) {
      separate(first);
      write_string(member.key(), out_);
      out_ += indented_ ? ": " : ":";
      write(member.value);
    }
    close(first, '}');
  }

  void separate(bool& first) {
    if (!first) out_ += ',';
    first = false;
    break_line();
  }

  void close(bool empty, char bracket) {
    --level_;
    if (!empty) break_line();
    out_ += bracket;
  }

  void break_line() {
    if (indented_) out_.append("\n").append(level_ * spaces_a_level, ' ');
  }

  std::string& out_;
  bool indented_;
  std::size_t level_ = 0;
};

}  // namespace

void write(const Value& value, std::string& out) { Writer(out, false).write(value); }

void write_indented(const Value& value, std::string& out) { Writer(out, true).write(value); }

void write_string(std::string_view text, std::string& out) {
  constexpr char hexadecimal[] = "0123456789abcdef";
  out += '"';
  std::size_t copied = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\' && c != 0x7f) continue;
    out.append(text, copied, i - copied);
    copied = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      default:
        out.append("\\u00") += hexadecimal[c >> 4];
        out += hexadecimal[c & 0xf];
    }
  }
  out.append(text, copied);
  out += '"';
}

}  // namespace pawl::json
