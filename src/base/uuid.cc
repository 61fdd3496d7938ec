#include "base/uuid.h"

#include <algorithm>
#include <cstring>

namespace pawl {
namespace {

// Where canonical text has its hyphens.
constexpr bool hyphen_at(std::size_t i) { return i == 8 || i == 13 || i == 18 || i == 23; }

int hex_value(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

void set_version_and_variant(std::array<std::uint8_t, 16>& bytes, std::uint8_t version) {
  bytes[6] = static_cast<std::uint8_t>((bytes[6] & 0x0f) | (version << 4));
  bytes[8] = static_cast<std::uint8_t>((bytes[8] & 0x3f) | 0x80);  // RFC 9562 section 4.1: variant 10
}

}  // namespace

std::optional<Uuid> Uuid::parse(std::string_view text) {
  if (text.size() != 36) return std::nullopt;
  Uuid id;
  std::size_t digits = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (hyphen_at(i)) {
      if (text[i] != '-') return std::nullopt;
      continue;
    }
    const int value = hex_value(text[i]);
    if (value < 0) return std::nullopt;
    std::uint8_t& byte = id.bytes[digits / 2];
    byte = static_cast<std::uint8_t>((byte << 4) | value);
    ++digits;
  }
  return id;
}

Uuid Uuid::version7(Time time, std::uint64_t random_high, std::uint64_t random_low) {
  using std::chrono::milliseconds;
  const auto ms = static_cast<std::uint64_t>(std::chrono::floor<milliseconds>(time).time_since_epoch().count());
  Uuid id;
  for (int i = 0; i < 6; ++i) id.bytes[i] = static_cast<std::uint8_t>(ms >> (40 - 8 * i));
  id.bytes[6] = static_cast<std::uint8_t>(random_high >> 8);
  id.bytes[7] = static_cast<std::uint8_t>(random_high);
  for (int i = 0; i < 8; ++i) id.bytes[8 + i] = static_cast<std::uint8_t>(random_low >> (56 - 8 * i));
  set_version_and_variant(id.bytes, 7);
  return id;
}

Uuid Uuid::version8(const std::array<std::uint8_t, 32>& digest) {
  Uuid id;
  std::copy_n(digest.begin(), id.bytes.size(), id.bytes.begin());
  set_version_and_variant(id.bytes, 8);
  return id;
}

Uuid Uuid::version8(const std::array<std::uint8_t, 32>& digest, const Uuid& time_source) {
  Uuid id = version8(digest);
  std::copy_n(time_source.bytes.begin(), 6, id.bytes.begin());
  return id;
}

std::string Uuid::text() const {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text(36, '-');
  std::size_t at = 0;
  for (const std::uint8_t byte : bytes) {
    if (hyphen_at(at)) ++at;
    text[at++] = digits[byte >> 4];
    text[at++] = digits[byte & 0x0f];
  }
  return text;
}

bool Uuid::is_nil() const { return *this == Uuid{}; }

Uuid Uuid::with_lane(std::uint16_t lane) const {
  Uuid id = *this;
  id.bytes[14] = static_cast<std::uint8_t>((id.bytes[14] & 0xf0) | ((lane >> 8) & 0x0f));
  id.bytes[15] = static_cast<std::uint8_t>(lane);
  return id;
}

}  // namespace pawl

std::size_t std::hash<pawl::Uuid>::operator()(const pawl::Uuid& id) const noexcept {
  std::uint64_t high, low;
  std::memcpy(&high, id.bytes.data(), 8);
  std::memcpy(&low, id.bytes.data() + 8, 8);
  // The finalizer of MurmurHash3 (Appleby 2008) over both halves.
  std::uint64_t h = high * 0x9e3779b97f4a7c15U ^ low;
  h = (h ^ (h >> 33)) * 0xff51afd7ed558ccdU;
  h = (h ^ (h >> 33)) * 0xc4ceb9fe1a85ec53U;
  return h ^ (h >> 33);
}
