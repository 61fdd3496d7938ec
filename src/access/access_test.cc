#include <gtest/gtest.h>

#include "access/authenticator.h"
#include "access/tenants.h"
#include "access/token_memory.h"
#include "access/token_text.h"
#include "access/tokens.h"
#include "base/encoding.h"

namespace pawl::access {
namespace {

using namespace std::chrono_literals;

TEST(TokenText, IsReadBack) {
  const Uuid tenant = *Uuid::parse("018f0000-0000-7000-8000-000000000001");
  const TokenText token = TokenText::generate(tenant);
  const auto read = TokenText::parse(token.text());
  ASSERT_TRUE(read);
  EXPECT_EQ(token.text().size(), 91u);
  EXPECT_EQ(read->tenant, tenant);
  EXPECT_EQ(read->id, token.id);
  EXPECT_EQ(read->secret, token.secret);
}

TEST(TokenText, IsTheTenantTheIdAndTheSecretInBase64Url) {
  TokenText token;
  token.tenant.bytes.fill(0xff);
  // 16 × ff, 48 × 00: 21 characters of ones, one of 11 0000 (w), zeros.
  EXPECT_EQ(token.text(), "pawl_" + std::string(21, '_') + "w" + std::string(64, 'A'));
  // printf '%32s' | tr ' ' '\0' | sha256sum
  EXPECT_EQ(hex(token.secret_sha256()), "66687aadf862bd776c8fc18b8e9f8e20089714856ee233b3902a591d0d5f2925");
}

TEST(TokenText, TwoAreNeverTheSame) {
  const TokenText a = TokenText::generate({}), b = TokenText::generate({});
  EXPECT_NE(a.secret, b.secret);
  EXPECT_NE(a.id, b.id);
}

TEST(TokenText, RefusesWhatIsNone) {
  const std::string good = TokenText::generate({}).text();
  for (const std::string& bad :
       {std::string(), std::string("pawl_"), good.substr(1), good + "A", good.substr(0, good.size() - 2),
        "Pawl_" + good.substr(5), good.substr(0, 50) + "!" + good.substr(51)}) {
    EXPECT_FALSE(TokenText::parse(bad)) << bad;
  }
}

class TokenMemoryTest : public ::testing::Test {
 protected:
  static Caller caller(std::uint8_t number) {
    Caller made;
    made.token_id.bytes[0] = number;
    return made;
  }
  const Sha256 secret = sha256("secret"), other = sha256("other");
  const TokenMemory::Clock::time_point now{};
};

TEST_F(TokenMemoryTest, KnowsGoodOnesAndRefusalsUntilTheirTime) {
  TokenMemory memory(2, 2);
  EXPECT_EQ(memory.look_up(caller(1), secret, now), std::nullopt);
  memory.accept(caller(1), secret, now + 5s);
  memory.refuse(caller(2), now + 1s);
  EXPECT_EQ(memory.look_up(caller(1), secret, now + 4s), true);
  EXPECT_EQ(memory.look_up(caller(1), other, now + 4s), false);
  EXPECT_EQ(memory.look_up(caller(1), secret, now + 5s), std::nullopt);
  EXPECT_EQ(memory.look_up(caller(2), secret, now), false);
  EXPECT_EQ(memory.look_up(caller(2), secret, now + 1s), std::nullopt);
  memory.refuse(caller(1), now + 9s);
  EXPECT_EQ(memory.look_up(caller(1), secret, now), false) << "revoked since";
}

TEST_F(TokenMemoryTest, RemembersWhoWasGood) {
  TokenMemory memory(2, 2);
  EXPECT_FALSE(memory.was_good(caller(1), secret));
  memory.accept(caller(1), secret, now);
  EXPECT_EQ(memory.look_up(caller(1), secret, now), std::nullopt);
  EXPECT_TRUE(memory.was_good(caller(1), secret));
  EXPECT_FALSE(memory.was_good(caller(1), other));
}

TEST_F(TokenMemoryTest, IsBoundedAndGuessesDisplaceNoGoodOne) {
  TokenMemory memory(2, 3);
  for (std::uint8_t i = 0; i < 4; ++i) memory.accept(caller(i), secret, now + 5s);
  for (std::uint8_t i = 100; i < 200; ++i) memory.refuse(caller(i), now + 1s);
  EXPECT_EQ(memory.size(), 5u);
  EXPECT_EQ(memory.look_up(caller(1), secret, now), std::nullopt) << "the oldest gave way";
  EXPECT_EQ(memory.look_up(caller(3), secret, now), true);
  memory.accept(caller(3), secret, now + 9s);
  EXPECT_EQ(memory.look_up(caller(2), secret, now), true) << "a renewed one takes no place of another";
}

TEST(Authenticator, RefusesWhatIsNoTokenWithoutAskingTheDatabase) {
  boost::asio::io_context io;
  Authenticator authenticator(io, {.conninfo = "host=/nowhere"});
  std::vector<Problem> refused;
  for (const char* text : {"", "nonsense"}) {
    authenticator.authenticate(text, [&](const Result<Caller>& caller) { refused.push_back(caller.error()); });
  }
  ASSERT_EQ(refused.size(), 2u);
  EXPECT_EQ(refused[0].code, "unauthorized");
  EXPECT_EQ(refused[0].title, "The request carries no bearer token");
  EXPECT_EQ(refused[1].status, 401);
  EXPECT_EQ(refused[1].title, "The bearer token is not valid");
}

TEST(Authenticator, SaysWhenTheDatabaseCannotBeAsked) {
  boost::asio::io_context io;
  Authenticator authenticator(io, {.conninfo = "host=/nowhere", .timeout = 50ms});
  Problem problem;
  authenticator.authenticate(TokenText::generate({}).text(), [&](const Result<Caller>& caller) {
    problem = caller.error();
    io.stop();
  });
  io.run();
  EXPECT_EQ(problem.status, 503);
  EXPECT_EQ(problem.code, "database-unavailable");
}

}  // namespace
}  // namespace pawl::access
