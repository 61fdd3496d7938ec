#include "expr/formats.h"

#include <algorithm>
#include <array>
#include <string>
#include <string_view>

#include "expr/operations.h"
#include "expr/text.h"

namespace pawl::expr {

using json::Kind;
using json::Value;

namespace {

struct NamedFormat {
  std::string_view name;
  Format format;
};

constexpr std::array<NamedFormat, 12> names = {{{"@text", Format::text},
                                                {"@json", Format::json},
                                                {"@html", Format::html},
                                                {"@uri", Format::uri},
                                                {"@urid", Format::urid},
                                                {"@csv", Format::csv},
                                                {"@tsv", Format::tsv},
                                                {"@sh", Format::sh},
                                                {"@base64", Format::base64},
                                                {"@base64d", Format::base64d},
                                                {"@base32", Format::base32},
                                                {"@base32d", Format::base32d}}};

constexpr std::string_view alphabet64 = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view alphabet32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";

std::string as_text(Meter& meter, const Value& value) {
  if (!value.is_string()) return text_of(meter, value);
  meter.text_steps(value.size());
  return std::string(value.text());
}

using Replace = void (*)(char c, std::string& out);

Outcome escaped(Meter& meter, const std::string& text, Replace replace) {
  std::string out;
  for (char c : text) replace(c, out);
  meter.text(out.size());
  return Value::string(out);
}

void escape_html(char c, std::string& out) {
  switch (c) {
    case '<':
      out += "&lt;";
      break;
    case '>':
      out += "&gt;";
      break;
    case '&':
      out += "&amp;";
      break;
    case '\'':
      out += "&#39;";
      break;
    case '"':
      out += "&quot;";
      break;
    default:
      out += c;
  }
}

void escape_tsv(char c, std::string& out) {
  switch (c) {
    case '\t':
      out += "\\t";
      break;
    case '\n':
      out += "\\n";
      break;
    case '\r':
      out += "\\r";
      break;
    case '\\':
      out += "\\\\";
      break;
    default:
      out += c;
  }
}

void escape_csv(char c, std::string& out) { out.append(c == '"' ? 2 : 1, c); }

void escape_sh(char c, std::string& out) {
  if (c == '\'') {
    out += "'\\''";
  } else {
    out += c;
  }
}

std::unexpected<Value> invalid(const Value& value, std::string_view what) {
  return raise(described(value) + " " + std::string(what));
}

// A row of scalars; how a string is written differs.
Outcome row(Meter& meter, const Value& value, char separator, std::string_view name, Replace replace,
            std::string_view quote) {
  if (!value.is_array()) return invalid(value, "cannot be " + std::string(name) + "-formatted, only an array can be");
  std::string out;
  bool first = true;
  for (const Value& item : value.items()) {
    meter.text_steps(item.size());
    if (!first) out += separator;
    first = false;
    switch (item.kind()) {
      case Kind::null:
        break;
      case Kind::boolean:
      case Kind::integer:
      case Kind::number:
        out += json::to_text(item);
        break;
      case Kind::string:
        out += quote;
        for (char c : item.text()) replace(c, out);
        out += quote;
        break;
      case Kind::array:
      case Kind::object:
        return invalid(item, "is not valid in a " + std::string(name) + " row");
    }
  }
  meter.text(out.size());
  return Value::string(out);
}

Outcome shell(Meter& meter, const Value& value) {
  const std::span<const Value> words = value.is_array() ? value.items() : std::span<const Value>(&value, 1);
  std::string out;
  for (const Value& word : words) {
    meter.text_steps(word.size());
    if (&word != words.data()) out += ' ';
    if (word.is_array() || word.is_object()) return invalid(word, "can not be escaped for shell");
    if (!word.is_string()) {
      out += json::to_text(word);
      continue;
    }
    out += '\'';
    for (char c : word.text()) escape_sh(c, out);
    out += '\'';
  }
  meter.text(out.size());
  return Value::string(out);
}

// Bytes as digits of `bits` bits each, padded to whole groups (RFC 4648).
Outcome encoded(Meter& meter, const std::string& bytes, std::string_view alphabet, unsigned bits, std::size_t group) {
  meter.text((bytes.size() * 8 / bits / group + 1) * group);
  std::string out;
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (char byte : bytes) {
    pending = (pending << 8 | static_cast<unsigned char>(byte)) & 0xffff;
    pending_bits += 8;
    while (pending_bits >= bits) {
      pending_bits -= bits;
      out += alphabet[pending >> pending_bits & ((1u << bits) - 1)];
    }
  }
  if (pending_bits > 0) out += alphabet[pending << (bits - pending_bits) & ((1u << bits) - 1)];
  while (out.size() % group != 0) out += '=';
  return Value::string(out);
}

// Padding may be left out. Bytes that are no UTF-8 become U+FFFD, since a string cannot hold them.
Outcome decoded(Meter& meter, const Value& value, std::string_view name, std::string_view alphabet, unsigned bits) {
  const std::string text = as_text(meter, value);
  std::string_view digits = text;
  while (digits.ends_with('=')) digits.remove_suffix(1);
  std::string bytes;
  std::uint32_t pending = 0;
  unsigned pending_bits = 0;
  for (char digit : digits) {
    const std::size_t found = alphabet.find(digit);
    if (found == std::string_view::npos) return invalid(value, "is not valid " + std::string(name) + " data");
    pending = (pending << bits | static_cast<std::uint32_t>(found)) & 0xffff;
    pending_bits += bits;
    if (pending_bits >= 8) {
      pending_bits -= 8;
      bytes += static_cast<char>(pending >> pending_bits & 0xff);
    }
  }
  if (pending_bits >= bits) return invalid(value, "trailing " + std::string(name) + " byte found");
  std::string out = replace_invalid_utf8(bytes);
  if (out.find('\0') != std::string::npos) return raise("a string cannot hold U+0000");
  meter.text(out.size());
  return Value::string(out);
}

Outcome to_uri(Meter& meter, const std::string& text) {
  return escaped(meter, text, [](char c, std::string& out) { append_percent_encoded(c, out); });
}

Outcome from_uri(Meter& meter, const Value& value) {
  const std::string text = as_text(meter, value);
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '%') {
      out += text[i];
      continue;
    }
    const int high = i + 2 < text.size() ? hexadecimal_digit(text[i + 1]) : -1;
    const int low = i + 2 < text.size() ? hexadecimal_digit(text[i + 2]) : -1;
    if (high < 0 || low < 0) return invalid(value, "is not a valid uri encoding");
    out += static_cast<char>(high << 4 | low);
    i += 2;
  }
  if (replace_invalid_utf8(out) != out) return invalid(value, "is not a valid uri encoding");
  if (out.find('\0') != std::string::npos) return raise("a string cannot hold U+0000");
  meter.text(out.size());
  return Value::string(out);
}

}  // namespace

std::optional<Format> find_format(std::string_view name) {
  const auto found = std::ranges::find(names, name, &NamedFormat::name);
  return found == names.end() ? std::nullopt : std::optional(found->format);
}

void append_percent_encoded(char c, std::string& out) {
  constexpr std::string_view digits = "0123456789ABCDEF", unreserved = "-_.~";
  const auto byte = static_cast<unsigned char>(c);
  const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
  if (plain || unreserved.find(c) != std::string_view::npos) {
    out += c;
  } else {
    out += '%';
    out += digits[byte >> 4];
    out += digits[byte & 0xf];
  }
}

Outcome formatted(Meter& meter, Format format, const Value& value) {
  switch (format) {
    case Format::text:
      return value.is_string() ? value : Value::string(text_of(meter, value));
    case Format::json:
      return Value::string(text_of(meter, value));
    case Format::html:
      return escaped(meter, as_text(meter, value), escape_html);
    case Format::uri:
      return to_uri(meter, as_text(meter, value));
    case Format::urid:
      return from_uri(meter, value);
    case Format::csv:
      return row(meter, value, ',', "csv", escape_csv, "\"");
    case Format::tsv:
      return row(meter, value, '\t', "tsv", escape_tsv, "");
    case Format::sh:
      return shell(meter, value);
    case Format::base64:
      return encoded(meter, as_text(meter, value), alphabet64, 6, 4);
    case Format::base64d:
      return decoded(meter, value, "base64", alphabet64, 6);
    case Format::base32:
      return encoded(meter, as_text(meter, value), alphabet32, 5, 8);
    case Format::base32d:
      return decoded(meter, value, "base32", alphabet32, 5);
  }
  return Value();
}

}  // namespace pawl::expr
