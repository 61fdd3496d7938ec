#include "pg/pool.h"

#include <gtest/gtest.h>

#include "pg/backoff.h"
#include "pg/test_server.h"

namespace pawl::pg {
namespace {

using namespace std::chrono_literals;
using test::patience;

Pipeline one(std::string sql) {
  Pipeline pipeline;
  pipeline.add(std::move(sql));
  return pipeline;
}

TEST(Backoff, DoublesWithinItsBoundsAndStartsAgain) {
  Backoff backoff(100ms, 350ms, 1);
  const Microseconds wholes[] = {100ms, 200ms, 350ms, 350ms};
  for (const Microseconds whole : wholes) {
    const Microseconds wait = backoff.next();
    EXPECT_GE(wait, whole / 2);
    EXPECT_LE(wait, whole);
  }
  backoff.reset();
  EXPECT_LE(backoff.next(), 100ms);
}

class PgPool : public ::testing::Test {
 protected:
  boost::asio::io_context io;
  test::Database database;
  PoolOptions options{
      .connect = {.conninfo = database.conninfo()}, .connections = 2, .retry_first = 1ms, .retry_longest = 20ms};
};

TEST_F(PgPool, NeverOpensMoreThanItsBound) {
  Pool pool(io, options);
  int answered = 0;
  for (int i = 0; i < 20; ++i) {
    pool.send(one("SELECT pg_sleep(0.01)"), patience, [&](Outcome<Results> answer) {
      EXPECT_TRUE(answer) << answer.error().message;
      EXPECT_LE(pool.open_connections(), 2u);
      ++answered;
    });
  }
  test::run_until(io, [&] { return answered == 20; });
  EXPECT_EQ(pool.open_connections(), 2u);
  EXPECT_EQ(test::value(database.conninfo(),
                        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'pawl' AND pid <> "
                        "pg_backend_pid() AND datname = current_database()"),
            "2");
}

TEST_F(PgPool, RefusesMoreThanMayWait) {
  options.connections = 1;
  options.waiting = 1;
  Pool pool(io, options);
  std::vector<bool> answers;
  pool.send(one("SELECT 1"), patience, [&](Outcome<Results> answer) { answers.push_back(answer.has_value()); });
  std::optional<Error> refused;
  pool.send(one("SELECT 2"), patience, [&](Outcome<Results> answer) { refused = answer.error(); });
  test::run_until(io, [&] { return !answers.empty() && refused; });
  EXPECT_TRUE(answers[0]);
  EXPECT_EQ(refused->kind, Error::Kind::not_sent);
}

TEST_F(PgPool, WaitsForAConnectionUntilTheDeadline) {
  options.connections = 1;
  Pool pool(io, options);
  auto lease = run_to_end(io, pool.borrow(patience));
  ASSERT_TRUE(lease) << lease.error().message;
  const auto late = run_to_end(io, pool.run(one("SELECT 1"), 20ms));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Error::Kind::not_sent);

  std::optional<bool> served;
  pool.send(one("SELECT 1"), patience, [&](Outcome<Results> answer) { served = answer.has_value(); });
  { const Lease returned = std::move(*lease); }
  test::run_until(io, [&] { return served.has_value(); });
  EXPECT_TRUE(*served);
}

TEST_F(PgPool, RollsBackWhatALeaseLeftOpen) {
  options.connections = 1;
  Pool pool(io, options);
  test::execute(database.conninfo(), "CREATE TABLE t (id int)");
  {
    auto lease = run_to_end(io, pool.borrow(patience));
    Pipeline open;
    open.begin().add("INSERT INTO t VALUES (1)");
    ASSERT_TRUE(run_to_end(io, (*lease)->run(std::move(open), patience)));
  }
  const auto count = run_to_end(io, pool.run(one("SELECT count(*) FROM t"), patience));
  ASSERT_TRUE(count) << count.error().message;
  EXPECT_EQ((*count)[0].get<std::int64_t>(0, 0), 0);
}

TEST_F(PgPool, AFailedPipelineDoesNotSpoilTheNext) {
  options.connections = 1;
  Pool pool(io, options);
  Pipeline failing;
  failing.begin().add("SELECT 1/0").commit();
  const auto failed = run_to_end(io, pool.run(std::move(failing), patience));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().sqlstate, "22012");
  EXPECT_TRUE(run_to_end(io, pool.run(one("SELECT 1"), patience)));
}

TEST_F(PgPool, ConnectsAgainWhenItsConnectionsDie) {
  test::Proxy proxy(io, database.conninfo());
  options.connect.conninfo = proxy.conninfo();
  Pool pool(io, options);
  ASSERT_TRUE(run_to_end(io, pool.run(one("SELECT 1"), patience)));
  proxy.cut();
  test::run_until(io, [&] { return pool.open_connections() == 0; });
  EXPECT_TRUE(run_to_end(io, pool.run(one("SELECT 1"), patience)));
}

TEST_F(PgPool, WaitsOutAnOutageWithBackOff) {
  test::Proxy proxy(io, database.conninfo());
  proxy.refuse(true);
  options.connect.conninfo = proxy.conninfo();
  Pool pool(io, options);
  const auto refused = run_to_end(io, pool.run(one("SELECT 1"), 50ms));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Error::Kind::not_sent);

  std::optional<bool> served;
  pool.send(one("SELECT 1"), patience, [&](Outcome<Results> answer) { served = answer.has_value(); });
  const std::size_t before = proxy.accepted();
  test::run_until(io, [&] { return proxy.accepted() > before + 3; });
  EXPECT_FALSE(served);
  proxy.refuse(false);
  test::run_until(io, [&] { return served.has_value(); });
  EXPECT_TRUE(*served);
}

TEST_F(PgPool, MayGoWhileCallersWait) {
  bool called = false;
  auto pool = std::make_unique<Pool>(io, options);
  auto lease = run_to_end(io, pool->borrow(patience));
  pool->send(one("SELECT pg_sleep(600)"), patience, [&](Outcome<Results>) { called = true; });
  pool->send(one("SELECT 1"), patience, [&](Outcome<Results>) { called = true; });
  test::run_until(io, [&] { return pool->open_connections() == 2; });
  pool.reset();
  EXPECT_FALSE((*lease)->is_open());
  io.poll();
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace pawl::pg
