// Text forms of bytes: base64 (RFC 4648 section 4), base64url without padding (section 5), lower-case hexadecimal.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

std::string base64(std::string_view bytes);
std::string base64url(std::span<const std::uint8_t> bytes);
std::optional<std::vector<std::uint8_t>> parse_base64url(
    std::string_view text);  // refuses padding and other characters
std::string hex(std::span<const std::uint8_t> bytes);

// Well-formed UTF-8 (no surrogates, no overlong forms, at most U+10FFFF).
bool is_utf8(std::string_view text);

// The last place up to `most` at which well-formed text can be cut without parting a character.
std::size_t utf8_cut(std::string_view text, std::size_t most);

}  // namespace pawl
