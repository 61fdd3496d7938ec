#include "access/tokens.h"

#include <utility>

#include "access/operator_login.h"
#include "access/tenants.h"
#include "access/token_text.h"
#include "base/encoding.h"

namespace pawl::access {

namespace {

Token token_of(const pg::Rows& rows, std::size_t row) {
  return {.tenant = rows.get<Uuid>(row, 0),
          .id = rows.get<Uuid>(row, 1),
          .name = std::string(rows.text(row, 2)),
          .created_at = rows.get<Time>(row, 3),
          .expires_at = rows.maybe<Time>(row, 4),
          .revoked_at = rows.maybe<Time>(row, 5)};
}

Result<void> check(const std::string& name, std::optional<Microseconds> lifetime) {
  if (name.empty() || name.size() > token_name_bytes || !is_utf8(name) || name.find('\0') != std::string::npos) {
    return fail({.status = 400,
                 .code = "invalid-name",
                 .title = "Not a name for a token",
                 .detail = "A token's name has 1 to 255 bytes of UTF-8.",
                 .instance = "name",
                 .hint = {}});
  }
  if (lifetime && (*lifetime <= Microseconds(0) || *lifetime > token_lifetime_longest)) {
    return fail({.status = 400,
                 .code = "invalid-lifetime",
                 .title = "Not a lifetime for a token",
                 .detail = "A token lives more than nothing and at most ten years.",
                 .instance = "expiresIn",
                 .hint = "For example 30d; without it the token is good until it is revoked."});
  }
  return {};
}

}  // namespace

Result<NewToken> create_token(const std::string& conninfo, const std::string& tenant, const std::string& name,
                              std::optional<Microseconds> lifetime) {
  if (auto valid = check(name, lifetime); !valid) return fail(std::move(valid.error()));
  const auto owner = find_tenant(conninfo, tenant);
  if (!owner) return fail(owner.error());
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  const TokenText text = TokenText::generate(owner->id);
  pg::Params params;
  params.add(text.tenant).add(text.id).add(name).add(pg::Bytea{text.secret_sha256()}).add(lifetime);
  auto rows = connection->run(sql("create_token.sql"), std::move(params));
  if (!rows) return fail(std::move(rows.error()));
  return NewToken{.token = token_of(*rows, 0), .text = text.text()};
}

Result<std::vector<Token>> list_tokens(const std::string& conninfo, const std::string& tenant) {
  const auto owner = find_tenant(conninfo, tenant);
  if (!owner) return fail(owner.error());
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  auto rows = connection->run(sql("list_tokens.sql"), std::move(pg::Params().add(owner->id)));
  if (!rows) return fail(std::move(rows.error()));
  std::vector<Token> tokens;
  for (std::size_t i = 0; i < rows->size(); ++i) tokens.push_back(token_of(*rows, i));
  return tokens;
}

Result<Token> revoke_token(const std::string& conninfo, const std::string& tenant, Uuid id) {
  const auto owner = find_tenant(conninfo, tenant);
  if (!owner) return fail(owner.error());
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  auto rows = connection->run(sql("revoke_token.sql"), std::move(pg::Params().add(owner->id).add(id)));
  if (!rows) return fail(std::move(rows.error()));
  if (!rows->empty()) return token_of(*rows, 0);
  return fail({.status = 404,
               .code = "token-not-found",
               .title = "The tenant has no such token",
               .detail = id.text(),
               .instance = "id",
               .hint = "pawl token list shows all."});
}

Result<bool> is_good_token(const std::string& conninfo, std::string_view text) {
  const auto token = TokenText::parse(text);
  if (!token) return false;
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  auto rows = connection->run(sql("find_token.sql"), std::move(pg::Params().add(token->tenant).add(token->id)));
  if (!rows) return fail(std::move(rows.error()));
  return !rows->empty() && equal_in_constant_time(rows->get<pg::Bytea>(0, 0).bytes, token->secret_sha256());
}

}  // namespace pawl::access
