#include "base/log_line.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>

#include "base/encoding.h"

namespace pawl {
namespace {

void append_escaped(std::string& out, char c) {
  switch (c) {
    case '"':
      out += "\\\"";
      break;
    case '\\':
      out += "\\\\";
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
      if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
        fmt::format_to(std::back_inserter(out), "\\u{:04x}", static_cast<unsigned char>(c));
      } else {
        out += c;
      }
  }
}

// The longest well-formed sequence at `at` is 1 to 4 bytes; 0 when there is none.
std::size_t sequence_length(std::string_view text, std::size_t at) {
  for (std::size_t length = 1; length <= 4 && at + length <= text.size(); ++length) {
    if (is_utf8(text.substr(at, length))) return length;
  }
  return 0;
}

void append_quoted(std::string& out, std::string_view text) {
  out += '"';
  if (is_utf8(text)) {
    for (const char c : text) append_escaped(out, c);
  } else {
    for (std::size_t at = 0; at < text.size();) {
      const std::size_t length = sequence_length(text, at);
      if (length == 0) out += "\xef\xbf\xbd";
      for (std::size_t i = 0; i < length; ++i) append_escaped(out, text[at + i]);
      at += std::max<std::size_t>(length, 1);
    }
  }
  out += '"';
}

struct AppendJson {
  std::string& out;
  void operator()(const std::string& value) const { append_quoted(out, value); }
  void operator()(std::int64_t value) const { out += std::to_string(value); }
  void operator()(bool value) const { out += value ? "true" : "false"; }
  void operator()(double value) const { out += std::isfinite(value) ? fmt::format("{}", value) : "null"; }
};

bool is_plain(std::string_view text) {
  return is_utf8(text) && std::ranges::none_of(text, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
}

bool is_bare(std::string_view text) {
  return !text.empty() && is_plain(text) && text.find_first_of(" \"=\\") == text.npos;
}

struct AppendText {
  std::string& out;
  void operator()(const std::string& value) const { is_bare(value) ? void(out += value) : append_quoted(out, value); }
  void operator()(const auto& value) const { AppendJson{out}(value); }
};

std::string stamp(Time time) {
  // Always three digits, so that lines stand in columns.
  const Time whole = std::chrono::floor<std::chrono::milliseconds>(time);
  std::string text = format_time(whole);
  if (text.size() == 20) text.insert(19, ".000");
  return text;
}

}  // namespace

std::string_view level_name(LogLevel level) {
  switch (level) {
    case LogLevel::debug:
      return "debug";
    case LogLevel::info:
      return "info";
    case LogLevel::warning:
      return "warning";
    case LogLevel::error:
    case LogLevel::off:
      return "error";
  }
  return "error";
}

std::string json_log_line(Time time, LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = fmt::format(R"({{"ts":"{}","level":"{}","message":)", stamp(time), level_name(level));
  append_quoted(line, message);
  for (const LogField& field : fields) {
    line += ',';
    append_quoted(line, field.name);
    line += ':';
    std::visit(AppendJson{line}, field.value);
  }
  return line += '}';
}

std::string text_log_line(Time time, LogLevel level, std::string_view message, std::span<const LogField> fields) {
  std::string line = fmt::format("{} {:7} ", stamp(time), level_name(level));
  is_plain(message) ? void(line += message) : append_quoted(line, message);
  for (const LogField& field : fields) {
    line += ' ';
    line += field.name;
    line += '=';
    std::visit(AppendText{line}, field.value);
  }
  return line;
}

}  // namespace pawl
