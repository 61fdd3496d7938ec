#include "json/pointer.h"

#include <charconv>

namespace pawl::json {

namespace {

void escape(std::string_view name, std::string& out) {
  for (char c : name) {
    if (c == '~') {
      out += "~0";
    } else if (c == '/') {
      out += "~1";
    } else {
      out += c;
    }
  }
}

bool unescape(std::string_view token, std::string& out) {
  for (std::size_t i = 0; i < token.size(); ++i) {
    if (token[i] != '~') {
      out += token[i];
      continue;
    }
    ++i;
    if (i == token.size() || (token[i] != '0' && token[i] != '1')) return false;
    out += token[i] == '0' ? '~' : '/';
  }
  return true;
}

const Value* item_at(const Value& array, std::string_view token) {
  if (token.empty() || (token.size() > 1 && token[0] == '0')) return nullptr;
  std::size_t index = 0;
  const auto [end, error] = std::from_chars(token.data(), token.data() + token.size(), index);
  if (error != std::errc{} || end != token.data() + token.size() || index >= array.size()) return nullptr;
  return &array.items()[index];
}

}  // namespace

std::string escape_pointer(std::string_view name) {
  std::string out;
  escape(name, out);
  return out;
}

std::string append_pointer(std::string_view pointer, std::string_view name) {
  std::string out(pointer);
  out += '/';
  escape(name, out);
  return out;
}

std::string append_pointer(std::string_view pointer, std::size_t index) {
  return append_pointer(pointer, std::to_string(index));
}

std::optional<std::vector<std::string>> parse_pointer(std::string_view pointer) {
  std::vector<std::string> tokens;
  if (pointer.empty()) return tokens;
  if (pointer[0] != '/') return std::nullopt;
  for (std::size_t begin = 1;;) {
    const std::size_t slash = pointer.find('/', begin);
    const std::size_t end = slash == std::string_view::npos ? pointer.size() : slash;
    if (!unescape(pointer.substr(begin, end - begin), tokens.emplace_back())) return std::nullopt;
    if (end == pointer.size()) return tokens;
    begin = end + 1;
  }
}

const Value* look_up(const Value& root, std::string_view pointer) {
  const auto tokens = parse_pointer(pointer);
  if (!tokens) return nullptr;
  const Value* at = &root;
  for (const std::string& token : *tokens) {
    at = at->is_array() ? item_at(*at, token) : at->find(token);
    if (at == nullptr) return nullptr;
  }
  return at;
}

}  // namespace pawl::json
