#include "pg/connection.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "pg/test_server.h"

namespace pawl::pg {
namespace {

using namespace std::chrono_literals;
using test::patience;

Pipeline one(std::string sql, Params params = {}) {
  Pipeline pipeline;
  pipeline.add(std::move(sql), std::move(params));
  return pipeline;
}

TEST(Connection, AStringThatCannotBeReadIsNotQuotedSinceItMayHoldAPassword) {
  for (const char* conninfo :
       {"postgresql://u:secret@[", "host=a password=one secret", "secret=1", "postgres://u:secret/x@h/"}) {
    boost::asio::io_context io;
    Connection connection{io};
    const auto opened = run_to_end(io, connection.open({.conninfo = conninfo}));
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, Error::Kind::connection_lost);
    EXPECT_EQ(opened.error().message, "cannot connect: the connection string cannot be read");
  }
}

class PgConnection : public ::testing::Test {
 protected:
  void SetUp() override {
    test::execute(database.conninfo(), "CREATE TABLE t (id int PRIMARY KEY, value text)");
    const auto opened = run_to_end(io, connection.open({.conninfo = database.conninfo()}));
    ASSERT_TRUE(opened) << opened.error().message;
  }
  Outcome<Results> run(Pipeline pipeline, Microseconds timeout = patience) {
    return run_to_end(io, connection.run(std::move(pipeline), timeout));
  }
  std::string rows() {
    return test::value(database.conninfo(), "SELECT coalesce(string_agg(id::text, ',' ORDER BY id), '') FROM t");
  }
  static Pipeline insert(std::int32_t id) {
    Pipeline pipeline;
    pipeline.begin().add(Statement{"insert_t", "INSERT INTO t VALUES ($1, 'x')"}, Params().add(id)).commit();
    return pipeline;
  }

  test::Database database;
  boost::asio::io_context io;
  Connection connection{io};
};

TEST_F(PgConnection, AnswersEachStatementInOrder) {
  Pipeline pipeline;
  pipeline.add("SELECT 1::int4").add("SELECT 'two'::text").add("INSERT INTO t VALUES (1, NULL), (2, NULL)");
  const auto answer = run(std::move(pipeline));
  ASSERT_TRUE(answer) << answer.error().message;
  ASSERT_EQ(answer->size(), 3u);
  EXPECT_EQ((*answer)[0].get<std::int32_t>(0, 0), 1);
  EXPECT_EQ((*answer)[1].text(0, 0), "two");
  EXPECT_EQ((*answer)[2].affected(), 2u);
  EXPECT_EQ((*answer)[2].tag(), "INSERT 0 2");
  EXPECT_EQ(rows(), "1,2");
}

TEST_F(PgConnection, TakesItsRoleAndSettingsAtStart) {
  test::execute(database.conninfo(),
                "DO $$ BEGIN CREATE ROLE pawl_test_role; EXCEPTION WHEN duplicate_object THEN NULL; END $$");
  Connection other(io);
  const auto opened =
      run_to_end(io, other.open({.conninfo = database.conninfo(),
                                 .role = "pawl_test_role",
                                 .settings = {{"statement_timeout", "7s"}, {"pawl.words", "two words\\"}},
                                 .application_name = "pawl test"}));
  ASSERT_TRUE(opened) << opened.error().message;
  const auto answer = run_to_end(
      io,
      other.run(one("SELECT current_user::text, current_setting('statement_timeout'), current_setting('pawl.words'), "
                    "current_setting('application_name')"),
                patience));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ((*answer)[0].text(0, 0), "pawl_test_role");
  EXPECT_EQ((*answer)[0].text(0, 1), "7s");
  EXPECT_EQ((*answer)[0].text(0, 2), "two words\\");
  EXPECT_EQ((*answer)[0].text(0, 3), "pawl test");
}

TEST_F(PgConnection, ReportsWhoCannotLogIn) {
  Connection other(io);
  const auto opened =
      run_to_end(io, other.open({.conninfo = test::with(database.conninfo(), "dbname=pawl_no_such_database")}));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Error::Kind::connection_lost);
  EXPECT_NE(opened.error().message.find("pawl_no_such_database"), std::string::npos) << opened.error().message;
  EXPECT_FALSE(other.is_open());
}

TEST_F(PgConnection, GivesUpConnectingAtTheDeadline) {
  test::Proxy proxy(io, database.conninfo());
  proxy.hold_answers(true);
  Connection other(io);
  const auto opened = run_to_end(io, other.open({.conninfo = proxy.conninfo(), .timeout = 50ms}));
  ASSERT_FALSE(opened);
  EXPECT_EQ(opened.error().kind, Error::Kind::deadline);
}

TEST_F(PgConnection, AnErrorIsDefiniteAndSaysWhichStatementAndConstraint) {
  test::execute(database.conninfo(), "INSERT INTO t VALUES (7)");
  Pipeline pipeline;
  pipeline.add("INSERT INTO t VALUES (1)").add("INSERT INTO t VALUES (7)").add("INSERT INTO t VALUES (8)");
  const auto answer = run(std::move(pipeline));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Error::Kind::server_answered);
  EXPECT_EQ(answer.error().sqlstate, "23505");
  EXPECT_EQ(answer.error().sqlstate_class(), "23");
  EXPECT_EQ(answer.error().constraint, "t_pkey");
  EXPECT_EQ(answer.error().table, "t");
  EXPECT_EQ(answer.error().statement, 1u);
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(rows(), "7") << "the implicit transaction is undone as a whole";
  EXPECT_TRUE(run(one("SELECT 1"))) << "the connection goes on";
}

TEST_F(PgConnection, AnErrorInsideATransactionLeavesItFailedUntilRollback) {
  Pipeline pipeline;
  pipeline.begin().add("INSERT INTO t VALUES (1)").add("SELECT 1/0").commit();
  const auto answer = run(std::move(pipeline));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().sqlstate, "22012");
  EXPECT_EQ(answer.error().statement, 2u);
  EXPECT_TRUE(connection.in_transaction());
  const auto next = run(one("SELECT 1"));
  ASSERT_FALSE(next);
  EXPECT_EQ(next.error().sqlstate, "25P02");
  ASSERT_TRUE(run(one("ROLLBACK")));
  EXPECT_FALSE(connection.in_transaction());
  EXPECT_EQ(rows(), "");
  EXPECT_TRUE(run(insert(5)));
  EXPECT_EQ(rows(), "5");
}

TEST_F(PgConnection, TwoBatchesInFlightTheFirstFails) {
  test::execute(database.conninfo(), "INSERT INTO t VALUES (1)");
  std::vector<std::string> answers;
  const auto note = [&](Outcome<Results> answer) { answers.push_back(answer ? "ok" : answer.error().sqlstate); };
  connection.send(insert(1), patience, note);
  connection.send(insert(2), patience, note);
  EXPECT_TRUE(answers.empty());
  EXPECT_GE(connection.in_flight(), 2u);
  test::run_until(io, [&] { return answers.size() == 2; });
  // The second meets the failed transaction of the first: a definite error too.
  EXPECT_EQ(answers, (std::vector<std::string>{"23505", "25P02"}));
  ASSERT_TRUE(run(one("ROLLBACK")));
  EXPECT_TRUE(run(insert(2)));
  EXPECT_EQ(rows(), "1,2");
}

TEST_F(PgConnection, TheSecondBatchCommitsWhenTheFirstFailsAtItsCommit) {
  test::execute(database.conninfo(), "CREATE TABLE child (id int REFERENCES t DEFERRABLE INITIALLY DEFERRED)");
  std::vector<std::string> answers;
  const auto note = [&](Outcome<Results> answer) { answers.push_back(answer ? "ok" : answer.error().sqlstate); };
  Pipeline orphan;
  orphan.begin().add("INSERT INTO child VALUES (99)").commit();
  connection.send(std::move(orphan), patience, note);
  connection.send(insert(2), patience, note);
  test::run_until(io, [&] { return answers.size() == 2; });
  EXPECT_EQ(answers, (std::vector<std::string>{"23503", "ok"}));
  EXPECT_EQ(rows(), "2");
}

TEST_F(PgConnection, ACommitAnsweredByRollbackIsAnError) {
  ASSERT_TRUE(run(one("BEGIN")));
  ASSERT_FALSE(run(one("SELECT 1/0")));
  Pipeline commit;
  commit.commit();
  const auto answer = run(std::move(commit));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Error::Kind::server_answered);
  EXPECT_EQ(answer.error().sqlstate, "40000");
}

TEST_F(PgConnection, PreparesAStatementOnceAndForgetsAFailedPreparation) {
  ASSERT_TRUE(run(insert(1)));
  ASSERT_TRUE(run(insert(2)));
  const auto prepared = run(one("SELECT count(*) FROM pg_prepared_statements WHERE name = 'insert_t'"));
  EXPECT_EQ((*prepared)[0].get<std::int64_t>(0, 0), 1);

  const Statement late{"select_late", "SELECT id FROM late"};
  Pipeline first;
  first.add(late);
  const auto missing = run(std::move(first));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().sqlstate, "42P01") << "the reason, not that the prepared statement does not exist";
  test::execute(database.conninfo(), "CREATE TABLE late (id int)");
  Pipeline second;
  second.add(late);
  EXPECT_TRUE(run(std::move(second)));
}

TEST_F(PgConnection, RunsAScript) {
  const auto answer =
      run_to_end(io, connection.run_script("INSERT INTO t VALUES (1); INSERT INTO t VALUES (2); SELECT 42", patience));
  ASSERT_TRUE(answer) << answer.error().message;
  EXPECT_EQ(answer->back().raw(0, 0), "42");
  const auto failed = run_to_end(io, connection.run_script("INSERT INTO t VALUES (3); SELECT nonsense", patience));
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().sqlstate, "42703");
  EXPECT_EQ(rows(), "1,2");
  EXPECT_TRUE(run(one("SELECT 1"))) << "back in pipeline mode";
}

TEST_F(PgConnection, RefusesWhatItCannotSend) {
  const auto empty = run(Pipeline());
  ASSERT_FALSE(empty);
  EXPECT_EQ(empty.error().kind, Error::Kind::not_sent);

  int sent = 0, refused = 0;
  for (std::size_t i = 0; i <= pipelines_in_flight; ++i) {
    connection.send(one("SELECT 1"), patience, [&](Outcome<Results> answer) { ++(answer ? sent : refused); });
  }
  test::run_until(io, [&] { return sent + refused == static_cast<int>(pipelines_in_flight) + 1; });
  EXPECT_EQ(refused, 1);

  connection.close();
  const auto closed = run(one("SELECT 1"));
  ASSERT_FALSE(closed);
  EXPECT_EQ(closed.error().kind, Error::Kind::not_sent);
}

TEST_F(PgConnection, CarriesAMegabyteBothWaysAndManyOfThem) {
  const std::string large(1 << 20, 'x');
  Pipeline pipeline;
  for (int i = 0; i < 24; ++i) pipeline.add(Statement{"echo", "SELECT $1::text"}, Params().add(large));
  const auto answer = run(std::move(pipeline));
  ASSERT_TRUE(answer) << answer.error().message;
  for (const Rows& each : *answer) EXPECT_EQ(each.text(0, 0), large);
}

TEST_F(PgConnection, ADeadlineGivesTheConnectionUp) {
  const auto answer = run(one("SELECT pg_sleep(600)"), 50ms);
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, Error::Kind::deadline);
  EXPECT_TRUE(answer.error().outcome_is_unknown());
  EXPECT_FALSE(connection.is_open());
}

TEST_F(PgConnection, AKilledBackendIsALostConnectionNotADefiniteError) {
  std::optional<Error> closed;
  connection.when_closed([&](const Error& error) { closed = error; });
  std::vector<Error> answers;
  for (int i = 0; i < 2; ++i) {
    connection.send(one("SELECT pg_sleep(600)"), patience,
                    [&](Outcome<Results> answer) { answers.push_back(answer.error()); });
  }
  test::execute(database.conninfo(),
                "SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ", 5000)");
  test::run_until(io, [&] { return answers.size() == 2 && closed; });
  EXPECT_EQ(answers[0].kind, Error::Kind::connection_lost);
  EXPECT_EQ(answers[0].sqlstate, "57P01");
  EXPECT_EQ(answers[1].kind, Error::Kind::connection_lost);
  EXPECT_FALSE(connection.is_open());
}

TEST_F(PgConnection, AnIdleConnectionIsNotified) {
  std::vector<std::string> heard;
  connection.when_notified([&](std::string_view channel) { heard.emplace_back(channel); });
  ASSERT_TRUE(run(one("LISTEN bell")));
  test::execute(database.conninfo(), "NOTIFY other; NOTIFY bell, 'x'; NOTIFY bell, 'y'");
  test::run_until(io, [&] { return heard.size() == 2; });
  EXPECT_EQ(heard, (std::vector<std::string>{"bell", "bell"}));
}

TEST_F(PgConnection, AnIdleConnectionNoticesItsEnd) {
  bool closed = false;
  connection.when_closed([&](const Error&) { closed = true; });
  test::execute(database.conninfo(), "SELECT pg_terminate_backend(" + std::to_string(connection.backend_pid()) + ")");
  test::run_until(io, [&] { return closed; });
  EXPECT_FALSE(connection.is_open());
}

TEST_F(PgConnection, ACommitWhoseAnswerIsLostHasAnUnknownOutcome) {
  test::Proxy proxy(io, database.conninfo());
  Connection far(io);
  ASSERT_TRUE(run_to_end(io, far.open({.conninfo = proxy.conninfo()})));

  std::optional<Outcome<Results>> answer;
  proxy.hold_answers(true);
  far.send(insert(1), patience, [&](Outcome<Results> result) { answer = std::move(result); });
  test::run_until(io, [&] { return rows() == "1"; });  // it was committed, and we are not told
  EXPECT_FALSE(answer);
  proxy.cut();
  test::run_until(io, [&] { return answer.has_value(); });
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().kind, Error::Kind::connection_lost);
  EXPECT_TRUE(answer->error().outcome_is_unknown());
}

TEST_F(PgConnection, ABatchThatNeverArrivedLooksTheSame) {
  test::Proxy proxy(io, database.conninfo());
  Connection far(io);
  ASSERT_TRUE(run_to_end(io, far.open({.conninfo = proxy.conninfo()})));

  std::optional<Outcome<Results>> answer;
  proxy.hold_requests(true);
  far.send(insert(1), patience, [&](Outcome<Results> result) { answer = std::move(result); });
  proxy.cut();
  test::run_until(io, [&] { return answer.has_value(); });
  ASSERT_FALSE(*answer);
  EXPECT_TRUE(answer->error().outcome_is_unknown());
  EXPECT_EQ(rows(), "");
}

TEST_F(PgConnection, ACallbackMaySendCloseOrDestroy) {
  auto other = std::make_unique<Connection>(io);
  ASSERT_TRUE(run_to_end(io, other->open({.conninfo = database.conninfo()})));
  bool called = false, dropped_was_called = false;
  other->send(one("SELECT 1"), patience, [&](Outcome<Results>) {
    called = true;
    other.reset();
  });
  other->send(one("SELECT 2"), patience, [&](Outcome<Results>) { dropped_was_called = true; });
  test::run_until(io, [&] { return called; });
  EXPECT_FALSE(other);

  std::string order;
  connection.send(one("SELECT 1"), patience, [&](Outcome<Results>) {
    order += "1";
    connection.send(one("SELECT 3"), patience, [&](Outcome<Results>) { order += "3"; });
  });
  connection.send(one("SELECT 2"), patience, [&](Outcome<Results>) { order += "2"; });
  test::run_until(io, [&] { return order.size() == 3; });
  EXPECT_EQ(order, "123");
  EXPECT_FALSE(dropped_was_called);

  std::vector<Error::Kind> kinds;
  connection.send(one("SELECT 1"), patience, [&](Outcome<Results>) { connection.close(); });
  connection.send(one("SELECT 2"), patience, [&](Outcome<Results> answer) { kinds.push_back(answer.error().kind); });
  test::run_until(io, [&] { return !kinds.empty(); });
  EXPECT_EQ(kinds[0], Error::Kind::connection_lost);
}

}  // namespace
}  // namespace pawl::pg
