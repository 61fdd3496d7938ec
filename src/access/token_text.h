// The text of a token: `pawl_` and base64url of the tenant (16 bytes), the token's id (16) and a random secret (32). So
// it is found by its primary key, under the tenant's row-level security, and only the secret proves anything.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "base/uuid.h"

namespace pawl::access {

struct TokenText {
  Uuid tenant, id;
  std::array<std::uint8_t, 32> secret{};

  static TokenText generate(Uuid tenant);  // a new id and secret, from the operating system
  static std::optional<TokenText> parse(std::string_view text);
  std::string text() const;
  Sha256 secret_sha256() const;  // what is stored: of 256 random bits a plain hash is enough
};

}  // namespace pawl::access
