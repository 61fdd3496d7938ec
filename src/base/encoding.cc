#include "base/encoding.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace pawl {
namespace {

constexpr std::string_view standard_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
constexpr std::string_view url_alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

constexpr std::array<std::int8_t, 256> url_values = [] {
  std::array<std::int8_t, 256> values;
  values.fill(-1);
  for (std::size_t i = 0; i < url_alphabet.size(); ++i) {
    values[static_cast<std::uint8_t>(url_alphabet[i])] = static_cast<std::int8_t>(i);
  }
  return values;
}();

std::string encode(std::span<const std::uint8_t> bytes, std::string_view alphabet, bool pad) {
  std::string text;
  text.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::size_t count = std::min<std::size_t>(3, bytes.size() - at);
    std::uint32_t group = 0;
    for (std::size_t i = 0; i < 3; ++i) group = group << 8 | (i < count ? bytes[at + i] : 0);
    for (std::size_t i = 0; i <= count; ++i) text += alphabet[group >> (18 - 6 * i) & 0x3f];
    if (pad) text.append(3 - count, '=');
  }
  return text;
}

// The bounds of a UTF-8 sequence's second byte exclude overlong forms, surrogates and what is beyond U+10FFFF
// (Unicode 15, table 3-7). `length` 0: not a first byte.
struct Sequence {
  int length;
  std::uint8_t second_from, second_to;
};

Sequence sequence_of(std::uint8_t first) {
  if (first < 0x80) return {1, 0, 0};
  if (first < 0xc2) return {0, 0, 0};
  if (first < 0xe0) return {2, 0x80, 0xbf};
  if (first == 0xe0) return {3, 0xa0, 0xbf};
  if (first == 0xed) return {3, 0x80, 0x9f};
  if (first < 0xf0) return {3, 0x80, 0xbf};
  if (first == 0xf0) return {4, 0x90, 0xbf};
  if (first < 0xf4) return {4, 0x80, 0xbf};
  if (first == 0xf4) return {4, 0x80, 0x8f};
  return {0, 0, 0};
}

}  // namespace

std::string base64(std::string_view bytes) {
  return encode({reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}, standard_alphabet, true);
}

std::string base64url(std::span<const std::uint8_t> bytes) { return encode(bytes, url_alphabet, false); }

std::optional<std::vector<std::uint8_t>> parse_base64url(std::string_view text) {
  if (text.size() % 4 == 1) return std::nullopt;
  std::vector<std::uint8_t> bytes;
  bytes.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t group = 0;
  int bits = 0;
  for (const char c : text) {
    const int value = url_values[static_cast<std::uint8_t>(c)];
    if (value < 0) return std::nullopt;
    group = group << 6 | static_cast<std::uint32_t>(value);
    bits += 6;
    if (bits >= 8) {
      bits -= 8;
      bytes.push_back(static_cast<std::uint8_t>(group >> bits));
    }
  }
  // Left-over bits must be zero (RFC 4648 section 3.5), so that each value has one text.
  if ((group & ((1U << bits) - 1)) != 0) return std::nullopt;
  return bytes;
}

std::string hex(std::span<const std::uint8_t> bytes) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  text.reserve(bytes.size() * 2);
  for (const std::uint8_t byte : bytes) {
    text += digits[byte >> 4];
    text += digits[byte & 0x0f];
  }
  return text;
}

bool is_utf8(std::string_view text) {
  const auto byte_at = [&](std::size_t i) { return static_cast<std::uint8_t>(text[i]); };
  std::size_t at = 0;
  while (at < text.size()) {
    // Most text is ASCII: eight bytes at a time while no high bit is set.
    while (at + 8 <= text.size()) {
      std::uint64_t word;
      std::memcpy(&word, text.data() + at, 8);
      if ((word & 0x8080808080808080U) != 0) break;
      at += 8;
    }
    if (at == text.size()) break;
    const Sequence sequence = sequence_of(byte_at(at));
    const auto length = static_cast<std::size_t>(sequence.length);
    if (length == 0 || text.size() - at < length) return false;
    if (length > 1 && (byte_at(at + 1) < sequence.second_from || byte_at(at + 1) > sequence.second_to)) return false;
    for (std::size_t i = 2; i < length; ++i) {
      if ((byte_at(at + i) & 0xc0) != 0x80) return false;
    }
    at += length;
  }
  return true;
}

std::size_t utf8_cut(std::string_view text, std::size_t most) {
  if (text.size() <= most) return text.size();
  while (most > 0 && (static_cast<unsigned char>(text[most]) & 0xc0) == 0x80) --most;
  return most;
}

}  // namespace pawl
