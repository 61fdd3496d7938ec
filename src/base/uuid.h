// Identifiers: RFC 9562 UUIDs. Version 7 where the engine picks one (sorts by time), version 8 where one follows
// from a key (data-model.md, Rules). The low 12 bits of a run's id are its lane.
#pragma once

#include <array>
#include <compare>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"

namespace pawl {

struct Uuid {
  std::array<std::uint8_t, 16> bytes{};

  // Canonical text only: 36 characters, hexadecimal of either case. Anything else is nullopt.
  static std::optional<Uuid> parse(std::string_view text);

  // RFC 9562 section 5.7: 48 bits of milliseconds since 1970, then 74 random bits taken from the two words.
  static Uuid version7(Time time, std::uint64_t random_high, std::uint64_t random_low);

  // RFC 9562 section 5.8: the first 16 bytes of a digest with version and variant set.
  static Uuid version8(const std::array<std::uint8_t, 32>& digest);

  // Version 8 that begins with the 48 time bits of `time_source`, so that ids of one run lie together in an index.
  static Uuid version8(const std::array<std::uint8_t, 32>& digest, const Uuid& time_source);

  std::string text() const;  // 36 characters, lower case
  bool is_nil() const;

  // The slice of runs that an owner holds: 0 … 4095.
  std::uint16_t lane() const { return static_cast<std::uint16_t>(((bytes[14] & 0x0f) << 8) | bytes[15]); }
  Uuid with_lane(std::uint16_t lane) const;

  auto operator<=>(const Uuid&) const = default;
};

}  // namespace pawl

template <>
struct std::hash<pawl::Uuid> {
  std::size_t operator()(const pawl::Uuid& id) const noexcept;  // mixes all 16 bytes: version 8 ids share prefixes
};
