// SHA-256, and the length-prefixed hashing of several parts that every derived identity uses.
#pragma once

#include <array>
#include <cstdint>
#include <initializer_list>
#include <span>
#include <string_view>

namespace pawl {

using Sha256 = std::array<std::uint8_t, 32>;

Sha256 sha256(std::string_view bytes);

// Each part is preceded by its length (8 bytes, big endian), so that ("ab","c") and ("a","bc") differ.
Sha256 sha256_parts(std::initializer_list<std::string_view> parts);

// True without telling by its time where the two differ.
bool equal_in_constant_time(std::span<const std::uint8_t> a, std::span<const std::uint8_t> b);

}  // namespace pawl
