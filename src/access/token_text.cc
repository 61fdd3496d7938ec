#include "access/token_text.h"

#include <algorithm>
#include <chrono>
#include <span>

#include "base/encoding.h"
#include "base/random.h"

namespace pawl::access {

namespace {

constexpr std::string_view prefix = "pawl_";
constexpr std::size_t decoded_bytes = 64;
constexpr std::size_t text_bytes = 5 + 86;  // base64url of 64 bytes has 86 characters

}  // namespace

TokenText TokenText::generate(Uuid tenant) {
  TokenText token;
  token.tenant = tenant;
  const auto now = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
  token.id = Uuid::version7(now, secret_seed(), secret_seed());
  fill_secret(token.secret);
  return token;
}

std::optional<TokenText> TokenText::parse(std::string_view text) {
  if (text.size() != text_bytes || !text.starts_with(prefix)) return std::nullopt;
  const auto bytes = parse_base64url(text.substr(prefix.size()));
  if (!bytes || bytes->size() != decoded_bytes) return std::nullopt;
  TokenText token;
  auto from = bytes->begin();
  for (std::span<std::uint8_t> part :
       {std::span<std::uint8_t>(token.tenant.bytes), std::span<std::uint8_t>(token.id.bytes),
        std::span<std::uint8_t>(token.secret)}) {
    std::ranges::copy_n(from, static_cast<std::ptrdiff_t>(part.size()), part.begin());
    from += static_cast<std::ptrdiff_t>(part.size());
  }
  return token;
}

std::string TokenText::text() const {
  std::vector<std::uint8_t> bytes;
  bytes.insert(bytes.end(), tenant.bytes.begin(), tenant.bytes.end());
  bytes.insert(bytes.end(), id.bytes.begin(), id.bytes.end());
  bytes.insert(bytes.end(), secret.begin(), secret.end());
  return std::string(prefix) + base64url(bytes);
}

Sha256 TokenText::secret_sha256() const {
  return sha256({reinterpret_cast<const char*>(secret.data()), secret.size()});
}

}  // namespace pawl::access
