// PostgreSQL's binary formats of the types that Pawl uses, one Codec each: how a value is sent, and how it is read
// back. Sources: src/backend/utils/adt/*.c of PostgreSQL (…_send and …_recv), src/include/catalog/pg_type.dat for the
// numbers.
#pragma once

#include <bit>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>

#include "base/time.h"
#include "base/uuid.h"

namespace pawl::pg {

using Oid = unsigned int;

struct Jsonb {
  std::string_view text;
};  // JSON text in UTF-8
struct Bytea {
  std::span<const std::uint8_t> bytes;
};

namespace wire {

template <class Integer>
void put(std::string& out, Integer value) {  // network byte order
  using Unsigned = std::make_unsigned_t<Integer>;
  auto bits = static_cast<Unsigned>(value);
  char bytes[sizeof(Integer)];
  for (std::size_t i = sizeof(Integer); i-- > 0; bits = static_cast<Unsigned>(sizeof(Integer) > 1 ? bits >> 8 : 0)) {
    bytes[i] = static_cast<char>(bits & 0xff);
  }
  out.append(bytes, sizeof(Integer));
}

template <class Integer>
Integer get(std::string_view bytes) {
  std::make_unsigned_t<Integer> value = 0;
  for (const char byte : bytes.substr(0, sizeof(Integer))) {
    value = static_cast<std::make_unsigned_t<Integer>>((static_cast<std::uint64_t>(value) << 8) |
                                                       static_cast<unsigned char>(byte));
  }
  return static_cast<Integer>(value);
}

// PostgreSQL counts microseconds from 2000-01-01.
inline constexpr std::int64_t epoch_difference_us = 946'684'800'000'000;

}  // namespace wire

template <class T>
struct Codec;

template <>
struct Codec<bool> {
  static constexpr Oid oid = 16, array_oid = 1000;
  static void write(std::string& out, bool value) { out.push_back(value ? 1 : 0); }
  static bool read(std::string_view bytes) { return bytes.at(0) != 0; }
};

template <>
struct Codec<std::int16_t> {
  static constexpr Oid oid = 21, array_oid = 1005;
  static void write(std::string& out, std::int16_t value) { wire::put(out, value); }
  static std::int16_t read(std::string_view bytes) { return wire::get<std::int16_t>(bytes); }
};

template <>
struct Codec<std::int32_t> {
  static constexpr Oid oid = 23, array_oid = 1007;
  static void write(std::string& out, std::int32_t value) { wire::put(out, value); }
  static std::int32_t read(std::string_view bytes) { return wire::get<std::int32_t>(bytes); }
};

template <>
struct Codec<std::int64_t> {
  static constexpr Oid oid = 20, array_oid = 1016;
  static void write(std::string& out, std::int64_t value) { wire::put(out, value); }
  static std::int64_t read(std::string_view bytes) { return wire::get<std::int64_t>(bytes); }
};

template <>
struct Codec<double> {
  static constexpr Oid oid = 701, array_oid = 1022;
  static void write(std::string& out, double value) { wire::put(out, std::bit_cast<std::int64_t>(value)); }
  static double read(std::string_view bytes) { return std::bit_cast<double>(wire::get<std::int64_t>(bytes)); }
};

template <>
struct Codec<Uuid> {
  static constexpr Oid oid = 2950, array_oid = 2951;
  static void write(std::string& out, const Uuid& value) {
    out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  }
  static Uuid read(std::string_view bytes) {
    Uuid value;
    std::memcpy(value.bytes.data(), bytes.data(), value.bytes.size());
    return value;
  }
};

template <>
struct Codec<Time> {  // timestamptz
  static constexpr Oid oid = 1184, array_oid = 1185;
  static void write(std::string& out, Time value) {
    wire::put(out, value.time_since_epoch().count() - wire::epoch_difference_us);
  }
  static Time read(std::string_view bytes) {
    return Time(Microseconds(wire::get<std::int64_t>(bytes) + wire::epoch_difference_us));
  }
};

template <>
struct Codec<Microseconds> {  // interval, without days and months
  static constexpr Oid oid = 1186, array_oid = 1187;
  static void write(std::string& out, Microseconds value) {
    wire::put(out, static_cast<std::int64_t>(value.count()));
    out.append(8, '\0');
  }
  static Microseconds read(std::string_view bytes) {  // a day counts 24 hours; months do not come back to us
    return Microseconds(wire::get<std::int64_t>(bytes)) + std::chrono::days(wire::get<std::int32_t>(bytes.substr(8)));
  }
};

template <>
struct Codec<std::string_view> {  // text; the view of what was read lives as long as its Rows
  static constexpr Oid oid = 25, array_oid = 1009;
  static void write(std::string& out, std::string_view value) { out.append(value); }
  static std::string_view read(std::string_view bytes) { return bytes; }
};

template <>
struct Codec<Jsonb> {
  static constexpr Oid oid = 3802, array_oid = 3807;
  static constexpr char version = 1;  // of the binary format of jsonb
  static void write(std::string& out, Jsonb value) { out.append(1, version).append(value.text); }
  static Jsonb read(std::string_view bytes) { return {bytes.substr(1)}; }
};

template <>
struct Codec<Bytea> {
  static constexpr Oid oid = 17, array_oid = 1001;
  static void write(std::string& out, Bytea value) {
    out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
  }
  static Bytea read(std::string_view bytes) {
    return {{reinterpret_cast<const std::uint8_t*>(bytes.data()), bytes.size()}};
  }
};

}  // namespace pawl::pg
