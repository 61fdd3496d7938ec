// UTF-8 by code points, for texts that are known to be well formed.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace pawl::expr {

inline bool is_surrogate(std::uint32_t code) { return code >= 0xd800 && code < 0xe000; }
int hexadecimal_digit(char c);  // -1 for another character

void append_code_point(std::uint32_t code, std::string& out);
// The code point at `at`, which moves to the next one.
std::uint32_t next_code_point(std::string_view text, std::size_t& at);
std::size_t count_code_points(std::string_view text);
// The byte where code point `index` begins, or the text's size when it has fewer.
std::size_t byte_of_code_point(std::string_view text, std::size_t index);

// jq writes numbers more freely than JSON: 01, .5, 1. and .5e3 are fine. Without a sign; what is no number in either
// stays so.
std::string number_of_json(std::string_view text);

// The bytes as UTF-8, with U+FFFD in place of each byte that does not belong to a well-formed sequence.
std::string replace_invalid_utf8(std::string_view bytes);

}  // namespace pawl::expr
