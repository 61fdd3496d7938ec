// API tokens, as the operator makes them. Functions block like those of tenants.h, with the same codes.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/time.h"
#include "base/uuid.h"

namespace pawl::access {

inline constexpr std::size_t token_name_bytes = 255;
inline constexpr Microseconds token_lifetime_longest = std::chrono::days(3'650);

struct Token {
  Uuid tenant, id;
  std::string name;
  Time created_at{};
  std::optional<Time> expires_at, revoked_at;
};

struct NewToken {
  Token token;
  std::string text;  // shown once: only its hash is kept
};

// Without a lifetime it is good until it is revoked. Codes tenant-not-found, invalid-name, invalid-lifetime.
Result<NewToken> create_token(const std::string& conninfo, const std::string& tenant, const std::string& name,
                              std::optional<Microseconds> lifetime);

Result<std::vector<Token>> list_tokens(const std::string& conninfo, const std::string& tenant);  // newest first

// Servers that have just seen it may accept it for a few seconds more (authenticator.h). Again is no error. Codes
// tenant-not-found, token-not-found.
Result<Token> revoke_token(const std::string& conninfo, const std::string& tenant, Uuid id);

// Whether a server would accept this text now.
Result<bool> is_good_token(const std::string& conninfo, std::string_view text);

}  // namespace pawl::access
