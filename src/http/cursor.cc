#include "http/cursor.h"

#include <algorithm>
#include <array>
#include <cstdint>

#include "base/encoding.h"

namespace pawl::http {

namespace {

constexpr std::uint8_t format = 1;  // the first byte: a later form has another
constexpr std::size_t cursor_bytes = 1 + 8 + 16;

// The years 1 to 9999: any other instant is somebody's own making, and may be none to PostgreSQL.
constexpr Time first_time{Microseconds(-62'135'596'800'000'000)}, last_time{Microseconds(253'402'300'799'999'999)};

Problem invalid() {
  return {.status = 400,
          .code = "cursor-invalid",
          .title = "The cursor is not one that this server gave",
          .detail = {},
          .instance = "cursor",
          .hint = "send nextCursor of the page before, unchanged, or none for the first page"};
}

}  // namespace

std::string format_cursor(const Cursor& cursor) {
  std::array<std::uint8_t, cursor_bytes> bytes{format};
  const auto micros = static_cast<std::uint64_t>(cursor.time.time_since_epoch().count());
  for (std::size_t i = 0; i < 8; ++i) bytes[1 + i] = static_cast<std::uint8_t>(micros >> (56 - 8 * i));
  std::ranges::copy(cursor.id.bytes, bytes.begin() + 9);
  return base64url(bytes);
}

Result<Cursor> parse_cursor(std::string_view text) {
  const auto bytes = parse_base64url(text);
  if (!bytes || bytes->size() != cursor_bytes || (*bytes)[0] != format) return fail(invalid());
  std::uint64_t micros = 0;
  for (std::size_t i = 0; i < 8; ++i) micros = (micros << 8) | (*bytes)[1 + i];
  Cursor cursor;
  cursor.time = Time(Microseconds(static_cast<std::int64_t>(micros)));
  if (cursor.time < first_time || cursor.time > last_time) return fail(invalid());
  std::copy_n(bytes->begin() + 9, cursor.id.bytes.size(), cursor.id.bytes.begin());
  return cursor;
}

}  // namespace pawl::http
