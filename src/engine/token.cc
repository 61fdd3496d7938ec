#include <algorithm>

#include "base/encoding.h"
#include "engine/api.h"

namespace pawl::engine {

namespace {

constexpr std::uint8_t token_format = 1;
constexpr std::size_t token_bytes = 1 + 16 + 16 + 4 + 4;

void put(std::uint8_t* to, std::uint32_t number) {
  for (int i = 0; i < 4; ++i) to[i] = static_cast<std::uint8_t>(number >> (24 - 8 * i));
}

std::uint32_t get(const std::uint8_t* from) {
  std::uint32_t number = 0;
  for (int i = 0; i < 4; ++i) number = number << 8 | from[i];
  return number;
}

}  // namespace

std::string TaskToken::text() const {
  std::array<std::uint8_t, token_bytes> bytes{};
  bytes[0] = token_format;
  std::copy(tenant.bytes.begin(), tenant.bytes.end(), bytes.begin() + 1);
  std::copy(invocation.bytes.begin(), invocation.bytes.end(), bytes.begin() + 17);
  put(bytes.data() + 33, attempt);
  put(bytes.data() + 37, lease);
  return base64url(bytes);
}

std::optional<TaskToken> TaskToken::parse(std::string_view text) {
  const auto bytes = parse_base64url(text);
  if (!bytes || bytes->size() != token_bytes || (*bytes)[0] != token_format) return std::nullopt;
  TaskToken token;
  std::copy_n(bytes->begin() + 1, 16, token.tenant.bytes.begin());
  std::copy_n(bytes->begin() + 17, 16, token.invocation.bytes.begin());
  token.attempt = get(bytes->data() + 33);
  token.lease = get(bytes->data() + 37);
  return token;
}

}  // namespace pawl::engine
