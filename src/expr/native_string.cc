// Functions about strings.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "expr/formats.h"
#include "expr/native.h"
#include "expr/operations.h"
#include "expr/text.h"

namespace pawl::expr {

using json::Value;

// Also of the operator / between strings.
Outcome split_text(Meter& meter, std::string_view text, std::string_view separator) {
  meter.text_steps(text.size());
  std::vector<Value> pieces;
  auto add = [&](std::string_view piece) {
    meter.text(piece.size());
    meter.array(1);
    if (pieces.size() >= meter.budget().array_items) meter.array(pieces.size() + 1);
    pieces.push_back(Value::string(piece));
  };
  if (separator.empty()) {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t begin = at;
      next_code_point(text, at);
      add(text.substr(begin, at - begin));
    }
  } else if (!text.empty()) {
    for (std::size_t begin = 0;;) {
      const std::size_t found = text.find(separator, begin);
      add(text.substr(begin, found == std::string_view::npos ? found : found - begin));
      if (found == std::string_view::npos) break;
      begin = found + separator.size();
    }
  }
  return Value::array(std::move(pieces));
}

namespace {

Outcome made(Meter& meter, std::string_view text) {
  meter.text(text.size());
  return Value::string(text);
}

Outcome mapped(NativeCall& call, std::string_view name, char first, char last, int shift) {
  if (!call.input.is_string()) return raise(std::string(name) + " input must be a string");
  call.meter.text(call.input.size());
  std::string text(call.input.text());
  for (char& c : text) {
    if (c >= first && c <= last) c = static_cast<char>(c + shift);
  }
  return Value::string(text);
}

Outcome ascii_downcase(NativeCall& call) { return mapped(call, "ascii_downcase", 'A', 'Z', 'a' - 'A'); }
Outcome ascii_upcase(NativeCall& call) { return mapped(call, "ascii_upcase", 'a', 'z', 'A' - 'a'); }

Outcome split(NativeCall& call) {
  if (!call.input.is_string() || !call.arguments[0].is_string()) {
    return raise("split input and separator must be strings");
  }
  return split_text(call.meter, call.input.text(), call.arguments[0].text());
}

Outcome join(NativeCall& call) {
  const Value &input = call.input, &separator = call.arguments[0];
  if (!input.is_array() && !input.is_object()) {
    return raise("Cannot iterate over " + (input.is_null() ? std::string("null") : described(input)));
  }
  std::string text;
  const auto not_added = [&](const Value& what) {
    return raise(described(Value::string(text)) + " and " + described(what) + " cannot be added");
  };
  for (std::size_t i = 0; i < input.size(); ++i) {
    const Value& item = input.is_array() ? input.items()[i] : input.members()[i].value;
    if (i > 0 && !separator.is_string() && !separator.is_null()) return not_added(separator);
    if (i > 0 && separator.is_string()) text += separator.text();
    if (item.is_array() || item.is_object()) return not_added(item);
    call.meter.text_steps(item.size() + separator.size());
    if (item.is_string()) {
      text += item.text();
    } else if (!item.is_null()) {
      text += json::to_text(item);
    }
    if (text.size() > call.meter.budget().string_bytes) call.meter.text(text.size());
  }
  return made(call.meter, text);
}

Outcome startswith(NativeCall& call) {
  if (!call.input.is_string() || !call.arguments[0].is_string()) return raise("startswith() requires string inputs");
  call.meter.text_steps(call.arguments[0].size());
  return Value(call.input.text().starts_with(call.arguments[0].text()));
}

Outcome endswith(NativeCall& call) {
  if (!call.input.is_string() || !call.arguments[0].is_string()) return raise("endswith() requires string inputs");
  call.meter.text_steps(call.arguments[0].size());
  return Value(call.input.text().ends_with(call.arguments[0].text()));
}

// Anything that does not fit is left as it is.
Outcome without(NativeCall& call, bool left, bool right) {
  if (!call.input.is_string() || !call.arguments[0].is_string()) return call.input;
  std::string_view text = call.input.text();
  const std::string_view piece = call.arguments[0].text();
  call.meter.text_steps(piece.size());
  if (piece.empty()) return call.input;
  if (left && text.starts_with(piece)) text.remove_prefix(piece.size());
  if (right && text.ends_with(piece)) text.remove_suffix(piece.size());
  if (text.size() == call.input.size()) return call.input;
  return made(call.meter, text);
}

Outcome ltrimstr(NativeCall& call) { return without(call, true, false); }
Outcome rtrimstr(NativeCall& call) { return without(call, false, true); }

Outcome trimstr(NativeCall& call) {
  if (!call.input.is_string() || !call.arguments[0].is_string()) return raise("trimstr() requires string inputs");
  return without(call, true, true);
}

bool is_space(std::uint32_t code) {
  return (code >= 9 && code <= 13) || code == ' ' || code == 0x85 || code == 0xa0 || code == 0x1680 ||
         (code >= 0x2000 && code <= 0x200a) || code == 0x2028 || code == 0x2029 || code == 0x202f || code == 0x205f ||
         code == 0x3000;
}

Outcome trimmed(NativeCall& call, bool left, bool right) {
  if (!call.input.is_string()) return raise(described(call.input) + " cannot be trimmed");
  const std::string_view text = call.input.text();
  call.meter.text_steps(text.size());
  std::size_t begin = 0, end = 0;
  bool blank = true;
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t from = at;
    if (is_space(next_code_point(text, at))) continue;
    if (std::exchange(blank, false)) begin = from;
    end = at;
  }
  if (blank) begin = left ? text.size() : 0, end = right ? begin : text.size();
  if (!left) begin = 0;
  if (!right) end = text.size();
  return made(call.meter, text.substr(begin, end - begin));
}

Outcome trim(NativeCall& call) { return trimmed(call, true, true); }
Outcome ltrim(NativeCall& call) { return trimmed(call, true, false); }
Outcome rtrim(NativeCall& call) { return trimmed(call, false, true); }

Outcome explode(NativeCall& call) {
  if (!call.input.is_string()) return raise(described(call.input) + " cannot be exploded");
  const std::string_view text = call.input.text();
  call.meter.array(text.size());
  call.meter.steps(text.size());
  std::vector<Value> codes;
  for (std::size_t at = 0; at < text.size();) codes.push_back(Value::integer(next_code_point(text, at)));
  return Value::array(std::move(codes));
}

Outcome implode(NativeCall& call) {
  if (!call.input.is_array()) return raise(described(call.input) + " cannot be imploded");
  constexpr double last_code_point = 0x10ffff;
  call.meter.steps(call.input.size());
  std::string text;
  for (const Value& item : call.input.items()) {
    const double code = item.number();
    if (!item.is_number()) return raise("Unicode codepoint must be numeric");
    if (!(code >= 0 && code <= last_code_point) || is_surrogate(static_cast<std::uint32_t>(code))) {
      return raise("Invalid codepoint " + json::to_text(item));
    }
    if (code < 1) return raise("a string cannot hold U+0000");
    append_code_point(static_cast<std::uint32_t>(code), text);
  }
  return made(call.meter, text);
}

// All places of a string in a string, in code points; of an array or an item in an array.
Outcome indices(NativeCall& call) {
  const Value &x = call.input, &wanted = call.arguments[0];
  if (x.is_null()) return Value();
  std::vector<Value> found;
  if (x.is_string() && wanted.is_string()) {
    if (wanted.size() == 0) return Value();
    const std::string_view text = x.text();
    call.meter.text_steps(text.size());
    std::int64_t position = 0;
    std::size_t counted = 0;
    for (std::size_t at = text.find(wanted.text()); at != std::string_view::npos;
         at = text.find(wanted.text(), at + 1)) {
      call.meter.steps(1 + wanted.size() / 16);
      position += static_cast<std::int64_t>(count_code_points(text.substr(counted, at - counted)));
      counted = at;
      found.push_back(Value::integer(position));
    }
    call.meter.array(found.size());
    return Value::array(std::move(found));
  }
  if (x.is_array() && !wanted.is_array()) {
    for (std::size_t i = 0; i < x.size(); ++i) {
      call.meter.compare(x.items()[i], wanted);
      if (x.items()[i] == wanted) found.push_back(Value::integer(static_cast<std::int64_t>(i)));
    }
    call.meter.array(found.size());
    return Value::array(std::move(found));
  }
  return index(call.meter, x, wanted);
}

Outcome format(NativeCall& call) {
  const Value& name = call.arguments[0];
  const auto found = find_format("@" + std::string(name.text()));
  if (!name.is_string() || !found) return raise(shortened(name) + " is not a valid format");
  return formatted(call.meter, *found, call.input);
}

Outcome ascii(NativeCall& call) {
  const double code = call.input.number();
  if (!call.input.is_number() || !(code >= 1 && code < 128))
    return raise(described(call.input) + " is not an ASCII code");
  return made(call.meter, std::string(1, static_cast<char>(code)));
}

constexpr Native list[] = {{"ascii_downcase", 0, ascii_downcase},
                           {"ascii_upcase", 0, ascii_upcase},
                           {"split", 1, split},
                           {"join", 1, join},
                           {"startswith", 1, startswith},
                           {"endswith", 1, endswith},
                           {"ltrimstr", 1, ltrimstr},
                           {"rtrimstr", 1, rtrimstr},
                           {"trimstr", 1, trimstr},
                           {"trim", 0, trim},
                           {"ltrim", 0, ltrim},
                           {"rtrim", 0, rtrim},
                           {"explode", 0, explode},
                           {"implode", 0, implode},
                           {"indices", 1, indices},
                           {"_indices", 1, indices},
                           {"format", 1, format},
                           {"ascii", 0, ascii}};

}  // namespace

std::span<const Native> string_natives() { return list; }

}  // namespace pawl::expr
