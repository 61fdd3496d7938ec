#include "app/process_title.h"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string>
#include <string_view>

namespace pawl::app {

namespace {

constexpr std::string_view mask = "***";

void replace(std::string& text, std::size_t begin, std::size_t end) { text.replace(begin, end - begin, mask); }

// postgresql://user:password@host/…: from the first colon of the authority to the last '@' of all, since a password
// that is not encoded may hold anything.
void hide_in_url(std::string& text) {
  for (const std::string_view scheme : {"postgresql://", "postgres://"}) {
    const std::size_t found = text.find(scheme);
    if (found == std::string::npos) continue;
    const std::size_t authority = found + scheme.size();
    const std::size_t at = text.rfind('@');
    if (at == std::string::npos || at < authority) return;
    const std::size_t colon = text.find(':', authority);
    if (colon < at) replace(text, colon + 1, at);
    return;
  }
}

// Where a value of libpq's keyword form ends: quoted, with backslashes, or to the next blank; in a URL at the next '&'.
std::size_t end_of_value(std::string_view text, std::size_t begin) {
  const bool quoted = begin < text.size() && text[begin] == '\'';
  for (std::size_t i = begin + (quoted ? 1 : 0); i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (quoted ? text[i] == '\'' : (text[i] == ' ' || text[i] == '&')) {
      return quoted ? i + 1 : i;
    }
  }
  return text.size();
}

void hide_in_pairs(std::string& text) {
  constexpr std::string_view keyword = "password";
  for (std::size_t found = text.find(keyword); found != std::string::npos; found = text.find(keyword, found)) {
    found += keyword.size();
    const std::size_t equals = text.find_first_not_of(' ', found);
    if (equals == std::string::npos || text[equals] != '=') continue;
    const std::size_t value = std::min(text.find_first_not_of(' ', equals + 1), text.size());
    replace(text, value, end_of_value(text, value));
  }
}

// The memory of an argument is as long as it was: what is left over becomes the ends of empty arguments.
void show(char* argument, std::size_t bytes, std::string_view text) {
  text = text.substr(0, bytes);
  std::memcpy(argument, text.data(), text.size());
  std::memset(argument + text.size(), 0, bytes - text.size());
}

}  // namespace

void hide_secrets(int argc, char** argv) {
  constexpr std::string_view token_option = "--token";
  bool is_token = false;
  for (int i = 1; i < argc; ++i) {
    const std::size_t bytes = std::strlen(argv[i]);
    std::string text(argv[i], bytes);
    if (is_token) text = mask;
    is_token = text == token_option;
    if (text.starts_with(std::string(token_option) + "=")) replace(text, token_option.size() + 1, text.size());
    hide_in_pairs(text);
    hide_in_url(text);
    if (text != std::string_view(argv[i], bytes)) show(argv[i], bytes, text);
  }
}

}  // namespace pawl::app
