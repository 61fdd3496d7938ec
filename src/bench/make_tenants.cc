#include "access/token_text.h"
#include "bench/workload.h"
#include "pg/blocking_connection.h"

namespace pawl::bench {
namespace {

constexpr const char* insert_tenants = R"(
WITH made AS (
  INSERT INTO pawl.tenants (tenant_id, name)
  SELECT gen_random_uuid(), name
  FROM unnest($1::text[]) AS wanted(name)
  ON CONFLICT (name) DO NOTHING
  RETURNING tenant_id
)
INSERT INTO pawl.tenant_settings (tenant_id)
SELECT tenant_id FROM made)";

// In the order of the names that are asked for.
constexpr const char* find_tenants = R"(
SELECT t.tenant_id
FROM unnest($1::text[]) WITH ORDINALITY AS wanted(name, place)
JOIN pawl.tenants t USING (name)
ORDER BY place)";

constexpr const char* insert_tokens = R"(
INSERT INTO pawl.api_tokens (tenant_id, token_id, name, secret_sha256, expires_at)
SELECT tenant_id, token_id, 'pawl bench', decode(secret, 'hex'), now() + interval '1 day'
FROM unnest($1::uuid[], $2::uuid[], $3::text[]) AS made(tenant_id, token_id, secret))";

std::string hexadecimal(const Sha256& hash) {
  static constexpr char digits[] = "0123456789abcdef";
  std::string text;
  for (const std::uint8_t byte : hash) text.append({digits[byte >> 4], digits[byte & 15]});
  return text;
}

}  // namespace

Result<std::vector<std::string>> make_tenants(const std::string& database, std::uint32_t count) {
  auto connection = pg::BlockingConnection::open(database, "pawl bench", std::chrono::seconds(60), "pawl_owner");
  if (!connection) return fail(connection.error());
  std::vector<std::string> texts;
  pg::Array<std::string_view> names;
  for (std::uint32_t i = 1; i <= count; ++i) texts.push_back("bench-" + std::to_string(i));
  for (const std::string& name : texts) names.add(name);
  if (const auto made = connection->run(insert_tenants, pg::Params().add(names)); !made) return fail(made.error());
  const auto found = connection->run(find_tenants, pg::Params().add(names));
  if (!found) return fail(found.error());
  std::vector<std::string> tokens, secrets;
  pg::Array<Uuid> tenants, ids;
  for (std::size_t row = 0; row < found->size(); ++row) {
    const auto token = access::TokenText::generate(found->get<Uuid>(row, 0));
    tenants.add(token.tenant);
    ids.add(token.id);
    secrets.push_back(hexadecimal(token.secret_sha256()));
    tokens.push_back(token.text());
  }
  pg::Array<std::string_view> hashes;
  for (const std::string& secret : secrets) hashes.add(secret);
  const auto stored = connection->run(insert_tokens, pg::Params().add(tenants).add(ids).add(hashes));
  if (!stored) return fail(stored.error());
  return tokens;
}

}  // namespace pawl::bench
