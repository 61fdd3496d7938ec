#include "cli/json_texts.h"

#include <algorithm>
#include <cstddef>

namespace pawl::cli {
namespace {

constexpr std::string_view blanks = " \t\r\n";

// Behind the closing quote of the string that begins at `begin`.
std::size_t end_of_string(std::string_view text, std::size_t begin) {
  for (std::size_t i = begin + 1; i < text.size(); ++i) {
    if (text[i] == '\\') {
      ++i;
    } else if (text[i] == '"') {
      return i + 1;
    }
  }
  return text.size();
}

// Behind the bracket that closes the one at `begin`; of which kind a bracket is, the parser sees.
std::size_t end_of_brackets(std::string_view text, std::size_t begin) {
  std::size_t open = 0;
  for (std::size_t i = begin; i < text.size();) {
    const char c = text[i];
    if (c == '"') {
      i = end_of_string(text, i);
      continue;
    }
    ++i;
    if (c == '[' || c == '{') ++open;
    if ((c == ']' || c == '}') && --open == 0) return i;
  }
  return text.size();
}

std::size_t end_of_value(std::string_view text, std::size_t begin) {
  if (text[begin] == '"') return end_of_string(text, begin);
  if (text[begin] == '[' || text[begin] == '{') return end_of_brackets(text, begin);
  return std::min(text.find_first_of(" \t\r\n\"[{", begin + 1), text.size());
}

}  // namespace

std::vector<std::string_view> json_texts(std::string_view stream) {
  std::vector<std::string_view> texts;
  for (std::size_t i = stream.find_first_not_of(blanks); i < stream.size(); i = stream.find_first_not_of(blanks, i)) {
    const std::size_t end = end_of_value(stream, i);
    texts.push_back(stream.substr(i, end - i));
    i = end;
  }
  return texts;
}

}  // namespace pawl::cli
