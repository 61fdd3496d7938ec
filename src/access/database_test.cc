// Tenants, tokens and the authenticator against a real server. The schema is made from its files, since db/ is not
// below.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>

#include "access/authenticator.h"
#include "access/tenants.h"
#include "access/token_text.h"
#include "access/tokens.h"
#include "pg/test_server.h"

namespace pawl::access {
namespace {

using namespace std::chrono_literals;
using pg::test::execute;
using pg::test::value;

void make_schema(const std::string& conninfo) {
  std::set<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PAWL_SCHEMA_FOLDER)) {
    if (entry.path().extension() == ".sql") files.insert(entry.path());
  }
  std::string script = "BEGIN;\n";
  for (const auto& file : files) {
    std::ifstream stream(file);
    script.append(std::istreambuf_iterator<char>(stream), {});
  }
  execute(conninfo, script + "COMMIT");
}

class PgAccess : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    database = new pg::test::Database();
    make_schema(database->conninfo());
    execute(database->conninfo(),
            "DO $$ BEGIN CREATE ROLE pawl_test_access LOGIN NOINHERIT IN ROLE pawl_engine, pawl_reader; "
            "EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
  }
  static void TearDownTestSuite() {
    delete database;
    database = nullptr;
  }
  void SetUp() override {
    execute(conninfo(), "TRUNCATE pawl.tenants CASCADE");
    ASSERT_TRUE(create_tenant(conninfo(), "acme"));
    ASSERT_TRUE(create_tenant(conninfo(), "zeta"));
  }
  static const std::string& conninfo() { return database->conninfo(); }
  static AuthenticatorOptions options() { return {.conninfo = pg::test::with(conninfo(), "user=pawl_test_access")}; }
  std::string make_token(const std::string& tenant) {
    return create_token(conninfo(), tenant, "test", std::nullopt)->text;
  }

  Result<Caller> ask(Authenticator& authenticator, const std::string& text) {
    std::optional<Result<Caller>> answer;
    authenticator.authenticate(text, [&](Result<Caller> caller) { answer = std::move(caller); });
    pg::test::run_until(io, [&] { return answer.has_value(); });
    return *answer;
  }

  static inline pg::test::Database* database = nullptr;
  boost::asio::io_context io;
};

TEST_F(PgAccess, TenantsAreMadeOnceAndListed) {
  const auto again = create_tenant(conninfo(), "acme");
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().code, "tenant-exists");
  const auto ensured = ensure_tenant(conninfo(), "acme");
  ASSERT_TRUE(ensured) << ensured.error().detail;
  EXPECT_EQ(ensured->id, find_tenant(conninfo(), "acme")->id);
  EXPECT_TRUE(ensure_tenant(conninfo(), "third"));
  const auto all = list_tenants(conninfo());
  ASSERT_TRUE(all);
  ASSERT_EQ(all->size(), 3u);
  EXPECT_EQ((*all)[0].name, "acme");
  EXPECT_EQ((*all)[2].name, "zeta");
  EXPECT_EQ(value(conninfo(), "SELECT count(*) FROM pawl.tenant_settings"), "3");
  EXPECT_EQ(find_tenant(conninfo(), "nobody").error().code, "tenant-not-found");
  for (const std::string& name : {std::string(), std::string(64, 'x'), std::string("a\0b", 3), std::string("\xff")}) {
    EXPECT_EQ(create_tenant(conninfo(), name).error().code, "invalid-name");
  }
  EXPECT_TRUE(create_tenant(conninfo(), std::string(63, 'x')));
}

TEST_F(PgAccess, ATokenIsStoredHashedAndListedWithoutItsText) {
  const auto made = create_token(conninfo(), "acme", "ci", 30min);
  ASSERT_TRUE(made) << made.error().detail;
  const auto text = TokenText::parse(made->text);
  ASSERT_TRUE(text);
  EXPECT_EQ(text->tenant, find_tenant(conninfo(), "acme")->id);
  EXPECT_EQ(made->token.expires_at, made->token.created_at + 30min);
  EXPECT_EQ(value(
                conninfo(), "SELECT count(*) FROM pawl.api_tokens WHERE secret_sha256 = sha256(decode('" +
                                [&] {
                                  std::string digits;
                                  for (const std::uint8_t byte : text->secret) {
                                    digits += "0123456789abcdef"[byte >> 4];
                                    digits += "0123456789abcdef"[byte & 15];
                                  }
                                  return digits;
                                }() +
                                "', 'hex'))"),
            "1");
  const auto listed = list_tokens(conninfo(), "acme");
  ASSERT_TRUE(listed);
  ASSERT_EQ(listed->size(), 1u);
  EXPECT_EQ(listed->front().name, "ci");
  EXPECT_FALSE(listed->front().revoked_at);
  EXPECT_TRUE(list_tokens(conninfo(), "zeta")->empty());
}

TEST_F(PgAccess, RefusesTokensThatCannotBe) {
  EXPECT_EQ(create_token(conninfo(), "nobody", "ci", std::nullopt).error().code, "tenant-not-found");
  EXPECT_EQ(create_token(conninfo(), "acme", "", std::nullopt).error().code, "invalid-name");
  EXPECT_EQ(create_token(conninfo(), "acme", std::string(256, 'x'), std::nullopt).error().code, "invalid-name");
  EXPECT_EQ(create_token(conninfo(), "acme", "ci", Microseconds(0)).error().code, "invalid-lifetime");
  EXPECT_EQ(create_token(conninfo(), "acme", "ci", token_lifetime_longest + Microseconds(1)).error().code,
            "invalid-lifetime");
  EXPECT_TRUE(create_token(conninfo(), "acme", std::string(255, 'x'), token_lifetime_longest));
  EXPECT_EQ(revoke_token(conninfo(), "acme", Uuid()).error().code, "token-not-found");
}

TEST_F(PgAccess, IsGoodUntilItIsRevokedOrExpires) {
  const auto made = create_token(conninfo(), "acme", "ci", std::nullopt);
  EXPECT_EQ(is_good_token(conninfo(), made->text), true);
  EXPECT_EQ(is_good_token(conninfo(), "pawl_nonsense"), false);
  EXPECT_EQ(revoke_token(conninfo(), "zeta", made->token.id).error().code, "token-not-found") << "another tenant's";
  const auto revoked = revoke_token(conninfo(), "acme", made->token.id);
  ASSERT_TRUE(revoked);
  EXPECT_TRUE(revoked->revoked_at);
  EXPECT_EQ(revoke_token(conninfo(), "acme", made->token.id)->revoked_at, revoked->revoked_at);
  EXPECT_EQ(is_good_token(conninfo(), made->text), false);

  const auto expired = create_token(conninfo(), "acme", "short", 1h);
  execute(conninfo(), "UPDATE pawl.api_tokens SET expires_at = now() WHERE name = 'short'");
  EXPECT_EQ(is_good_token(conninfo(), expired->text), false);
}

TEST_F(PgAccess, TheAuthenticatorFindsTheCaller) {
  Authenticator authenticator(io, options());
  const std::string acme = make_token("acme"), zeta = make_token("zeta");
  const auto caller = ask(authenticator, acme);
  ASSERT_TRUE(caller) << caller.error().code << caller.error().detail;
  EXPECT_EQ(caller->tenant, find_tenant(conninfo(), "acme")->id);
  EXPECT_EQ(ask(authenticator, zeta)->tenant, find_tenant(conninfo(), "zeta")->id);

  // The ids of one with the secret of the other, another tenant's name on one's own token, and one never made.
  TokenText forged = *TokenText::parse(acme);
  forged.secret = TokenText::parse(zeta)->secret;
  EXPECT_EQ(ask(authenticator, forged.text()).error().code, "unauthorized");
  forged = *TokenText::parse(acme);
  forged.tenant = TokenText::parse(zeta)->tenant;
  EXPECT_EQ(ask(authenticator, forged.text()).error().code, "unauthorized");
  EXPECT_EQ(ask(authenticator, TokenText::generate(forged.tenant).text()).error().status, 401);
}

TEST_F(PgAccess, TheAuthenticatorAsksOnceForManyAndRemembersForAMoment) {
  auto settings = options();
  settings.good_for = 1h;
  Authenticator authenticator(io, settings);
  const std::string text = make_token("acme");
  int good = 0;
  for (int i = 0; i < 100; ++i)
    authenticator.authenticate(text, [&](const Result<Caller>& caller) { good += caller ? 1 : 0; });
  pg::test::run_until(io, [&] { return good == 100; });
  execute(conninfo(), "UPDATE pawl.api_tokens SET revoked_at = now()");
  EXPECT_TRUE(ask(authenticator, text)) << "remembered";

  settings.good_for = 1ms;
  Authenticator forgetful(io, settings);
  const std::string other = make_token("zeta");
  EXPECT_TRUE(ask(forgetful, other));
  execute(conninfo(), "UPDATE pawl.api_tokens SET revoked_at = now()");
  pg::test::run_until(io, [&] { return !ask(forgetful, other); });
  EXPECT_EQ(ask(forgetful, text).error().code, "unauthorized");
}

TEST_F(PgAccess, WhoeverGuessesFastKeepsOutNobodyWhoIsKnown) {
  auto settings = options();
  settings.good_for = 1ms;
  Authenticator authenticator(io, settings);
  const std::string text = make_token("acme");
  EXPECT_TRUE(ask(authenticator, text));
  int refused = 0, unasked = 0;
  for (int i = 0; i < 2'000; ++i) {  // more than may wait
    authenticator.authenticate(TokenText::generate({}).text(), [&](const Result<Caller>& caller) {
      ++(caller.error().status == 401 ? refused : unasked);
    });
  }
  EXPECT_TRUE(ask(authenticator, text));
  EXPECT_LT(refused, 1'000) << "it did not wait for all of them";
  pg::test::run_until(io, [&] { return refused + unasked == 2'000; });
  EXPECT_GT(unasked, 0);
}

TEST_F(PgAccess, NeedsTheSchemaAndALoginThatMay) {
  pg::test::Database empty;
  EXPECT_EQ(list_tenants(empty.conninfo()).error().code, "database-not-migrated");
  EXPECT_EQ(list_tenants(pg::test::with(conninfo(), "user=pawl_test_access")).error().code, "database-denied");
}

}  // namespace
}  // namespace pawl::access
