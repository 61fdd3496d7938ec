// What PostgresStorage does beyond the suite of tests/storage: sessions, roles, and servers that fail.
#include "store/postgres/storage.h"

#include "store/test_fixture.h"

namespace pawl::store {

namespace {

using Kind = ports::CommitFailure::Kind;
using CommitResult = std::expected<ports::Committed, ports::CommitFailure>;

// A login as servers have it: no superuser, and by itself not even a reader (NOINHERIT). Roles are the whole server's.
class ServerLogin {
 public:
  explicit ServerLogin(const test::Database& database)
      : database_(database), name_("pawl_login_" + database.value("SELECT replace(gen_random_uuid()::text, '-', '')")) {
    database_.execute("CREATE ROLE " + name_ + " LOGIN NOINHERIT IN ROLE pawl_engine, pawl_reader");
  }
  ~ServerLogin() { database_.execute("DROP ROLE " + name_); }
  std::string conninfo() const { return pg::test::with(database_.conninfo(), "user=" + name_); }

 private:
  const test::Database& database_;
  std::string name_;
};

class PgStorage : public test::PgTest {
 protected:
  PgStorage() : login_(database_) {}

  std::unique_ptr<PostgresStorage> connect() {
    return std::make_unique<PostgresStorage>(io_,
                                             PostgresSettings{.conninfo = login_.conninfo(), .allow_fsync_off = true});
  }
  void register_loop(PostgresStorage& storage, Uuid loop) {
    EXPECT_TRUE(answer_of<Time>([&](Done<Time> then) {
      storage.register_node({.node = node_, .name = "n", .address = "", .lease = std::chrono::seconds(10)},
                            std::move(then));
    }));
    const auto registered =
        answer_of<void>([&](Done<void> then) { storage.register_loop(loop, node_, std::move(then)); });
    EXPECT_TRUE(registered) << registered.error().detail;
  }
  std::vector<ports::LoopView> renew(PostgresStorage& storage) {
    auto renewed = answer_of<ports::Renewal>([&](auto then) { storage.renew(node_, std::move(then)); });
    EXPECT_TRUE(renewed) << renewed.error().detail;
    return renewed ? std::move(renewed->loops) : std::vector<ports::LoopView>();
  }
  void take_lane(PostgresStorage& storage, Uuid loop, ports::Lane lane) {
    auto taken = answer_of<std::vector<ports::OwnedLane>>(
        [&](auto then) { storage.take_lanes(loop, std::nullopt, {lane}, std::move(then)); });
    ASSERT_TRUE(taken) << taken.error().detail;
    ASSERT_EQ(taken->size(), 1U);
  }

  ports::Batch starting(std::uint8_t number) {
    ports::Start start;
    start.head.definition = start.head.version = node_;
    start.head.trigger_kind = "api";
    start.head.started_at = start.change.updated_at = at(0);
    start.change.key = {a(), id("0190f0c0-0000-7000-8000-000000000100")};
    start.change.key.run.bytes[15] = number;
    start.change.now = 1;
    start.change.status = core::RunStatus::running;
    start.change.decision.events.push_back({1, core::EventType::run_started, at(0), "", json::Value::object()});
    ports::Batch batch;
    batch.starts.push_back(std::move(start));
    return batch;
  }
  CommitResult commit(PostgresStorage& storage, Uuid loop, ports::Batch batch) {
    std::optional<CommitResult> answer;
    storage.commit(loop, std::move(batch), [&](CommitResult result) { answer.emplace(std::move(result)); });
    pg::test::run_until(io_, [&] { return answer.has_value(); });
    return std::move(*answer);
  }
  std::string runs() const { return database_.value("SELECT count(*) FROM pawl.workflow_runs"); }

  const Uuid node_ = id("0190f0c0-0000-7000-8000-0000000000f1");
  const Uuid one_ = id("0190f0c0-0000-7000-8000-0000000000f2");
  const Uuid two_ = id("0190f0c0-0000-7000-8000-0000000000f3");
  ServerLogin login_;
};

TEST_F(PgStorage, TheSessionAndItsLoopsRowNameEachOther) {
  const auto storage = connect();
  register_loop(*storage, one_);
  const std::string pid = std::to_string(storage->commit_backend_pid());
  EXPECT_EQ(database_.value("SELECT application_name FROM pg_stat_activity WHERE pid = " + pid),
            "pawl loop " + one_.text());
  EXPECT_EQ(database_.value("SELECT l.backend_start = a.backend_start FROM pawl.engine_loops l JOIN pg_stat_activity a"
                            " ON a.pid = l.backend_pid WHERE l.loop_id = '" +
                            one_.text() + "'"),
            "t");
}

TEST_F(PgStorage, AServerThatDoesNotFlushIsRefused) {
  PostgresStorage storage(io_, {.conninfo = login_.conninfo()});
  const auto connected = answer_of<void>([&](Done<void> then) { storage.reconnect(std::move(then)); });
  if (database_.value("SHOW fsync") == "on") {
    EXPECT_TRUE(connected);
    return;
  }
  ASSERT_FALSE(connected);
  EXPECT_EQ(connected.error().code, "fsync-off");
  EXPECT_EQ(commit(storage, one_, {}).error().kind, Kind::unknown);
}

TEST_F(PgStorage, ACommitBeforeAnyConnectionIsUnknown) {
  const auto storage = connect();
  const CommitResult result = commit(*storage, one_, {});
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::unknown);
}

TEST_F(PgStorage, ANeighbourUnderTheSameLoginIsSeenAliveAndThenGone) {
  auto one = connect(), two = connect();
  register_loop(*one, one_);
  register_loop(*two, two_);
  take_lane(*one, one_, 1);
  take_lane(*two, two_, 2);
  std::vector<ports::LoopView> views = renew(*one);
  ASSERT_EQ(views.size(), 2U);
  EXPECT_FALSE(views[0].owner_gone);
  EXPECT_FALSE(views[1].owner_gone);
  two.reset();
  // The server takes a moment to see that its client has left.
  for (int looked = 0; looked < 10'000 && !views[1].owner_gone; ++looked) {
    views = renew(*one);
    ASSERT_EQ(views.size(), 2U);
  }
  EXPECT_TRUE(views[1].owner_gone);
  EXPECT_EQ(views[1].loop, two_);
  EXPECT_FALSE(views[0].owner_gone);
}

TEST_F(PgStorage, ABackendThatStoppedInItsCommitIsEnded) {
  // An owner that holds its fence and says no more, as one whose machine stands still.
  pg::Connection stopped(io_);
  bool holds = false, lost = false;
  stopped.open({.conninfo = login_.conninfo(), .role = "pawl_engine"},
               [&](pg::Outcome<void> opened) { holds = opened.has_value(); });
  pg::test::run_until(io_, [&] { return holds; });
  const auto storage = connect();
  register_loop(*storage, one_);
  database_.execute("INSERT INTO pawl.engine_loops (loop_id, node_id, backend_pid, backend_start) SELECT '" +
                    two_.text() + "', '" + node_.text() +
                    "', pid, backend_start FROM pg_stat_activity WHERE pid = " + std::to_string(stopped.backend_pid()));
  holds = false;
  stopped.when_closed([&](const pg::Error&) { lost = true; });
  stopped.send(pg::Pipeline().begin().add("SELECT pawl.fence('" + two_.text() + "')"), pg::test::patience,
               [&](pg::Outcome<pg::Results> answer) { holds = answer.has_value(); });
  pg::test::run_until(io_, [&] { return holds; });

  const auto fenced = answer_of<void>([&](Done<void> then) { storage->fence_loop(two_, std::move(then)); });
  EXPECT_TRUE(fenced) << fenced.error().detail;
  EXPECT_EQ(database_.value("SELECT state FROM pawl.engine_loops WHERE loop_id = '" + two_.text() + "'"), "fenced");
  pg::test::run_until(io_, [&] { return lost; });
}

TEST_F(PgStorage, WhatAKilledBackendWasSentIsUnknownInOrderAndAnotherLoopGoesOn) {
  const auto storage = connect();
  register_loop(*storage, one_);
  ASSERT_TRUE(commit(*storage, one_, starting(1)));
  // A user's transaction holds the run, so that the commit waits.
  pg::Connection user(io_);
  bool held = false;
  user.open({.conninfo = database_.conninfo()}, [&](pg::Outcome<void>) {
    user.send(pg::Pipeline().begin().add("SELECT 1 FROM pawl.workflow_runs FOR UPDATE"), pg::test::patience,
              [&](pg::Outcome<pg::Results> answer) { held = answer.has_value(); });
  });
  pg::test::run_until(io_, [&] { return held; });

  ports::Batch change;
  change.changes.push_back(starting(1).starts[0].change);
  change.changes[0].was = 1;
  change.changes[0].now = 2;
  change.changes[0].decision.events[0].seq = 2;
  std::vector<std::pair<int, Kind>> answers;
  storage->commit(one_, std::move(change), [&](CommitResult result) { answers.emplace_back(1, result.error().kind); });
  storage->commit(one_, starting(2), [&](CommitResult result) { answers.emplace_back(2, result.error().kind); });
  EXPECT_TRUE(answers.empty());
  const std::string pid = std::to_string(storage->commit_backend_pid());
  pg::test::run_until(io_, [&] {
    return database_.value("SELECT wait_event_type FROM pg_stat_activity WHERE pid = " + pid) == "Lock";
  });
  database_.execute("SELECT pg_terminate_backend(" + pid + ")");
  pg::test::run_until(io_, [&] { return answers.size() == 2; });
  EXPECT_EQ(answers, (std::vector<std::pair<int, Kind>>{{1, Kind::unknown}, {2, Kind::unknown}}));
  EXPECT_EQ(runs(), "1");

  EXPECT_TRUE(answer_of<void>([&](Done<void> then) { storage->reconnect(std::move(then)); }));
  register_loop(*storage, two_);
  EXPECT_TRUE(commit(*storage, two_, starting(2)));
  EXPECT_EQ(runs(), "2");
}

TEST_F(PgStorage, AnErrorAtCommitLetsTheBatchBehindItPass) {
  database_.execute(
      "CREATE FUNCTION refuse_at_commit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE EXCEPTION 'no'"
      " USING ERRCODE = '40001'; END $$;"
      "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON pawl.workflow_runs DEFERRABLE INITIALLY DEFERRED"
      " FOR EACH ROW WHEN (NEW.lane = 257) EXECUTE FUNCTION refuse_at_commit()");  // 0x101: run 1 of starting()
  const auto storage = connect();
  register_loop(*storage, one_);
  std::vector<CommitResult> answers;
  storage->commit(one_, starting(1), [&](CommitResult result) { answers.push_back(std::move(result)); });
  storage->commit(one_, starting(2), [&](CommitResult result) { answers.push_back(std::move(result)); });
  pg::test::run_until(io_, [&] { return answers.size() == 2; });
  ASSERT_FALSE(answers[0]);
  EXPECT_EQ(answers[0].error().kind, Kind::again);
  EXPECT_EQ(answers[0].error().sqlstate, "40001");
  EXPECT_TRUE(answers[1]);
  EXPECT_EQ(runs(), "1");
  EXPECT_TRUE(
      answer_of<void>([&](Done<void> then) { storage->rollback(std::move(then)); }));  // of an idle session: allowed
  database_.execute("DROP TRIGGER refuse ON pawl.workflow_runs; DROP FUNCTION refuse_at_commit()");
}

TEST_F(PgStorage, ADestroyedStorageCallsNobodyBack) {
  auto storage = connect();
  register_loop(*storage, one_);
  bool called = false;
  storage->commit(one_, starting(1), [&](CommitResult) { called = true; });
  storage->load_run({a(), node_}, [&](auto) { called = true; });
  storage->fence_loop(two_, [&](auto) { called = true; });
  storage.reset();
  const auto other = connect();
  register_loop(*other, two_);  // several round trips later
  EXPECT_FALSE(called);
}

TEST_F(PgStorage, ANodeThatWasForgottenComesBackWithItsRenewal) {
  const auto storage = connect();
  const Uuid loop = id("0190f0c0-0000-7000-8000-0000000000f2");
  register_loop(*storage, loop);
  database_.execute("DELETE FROM pawl.engine_loops");
  database_.execute("DELETE FROM pawl.engine_nodes");
  EXPECT_TRUE(renew(*storage).empty());
  EXPECT_EQ(database_.value("SELECT count(*) FROM pawl.engine_nodes WHERE lease_until > now()"), "1");
  EXPECT_EQ(commit(*storage, loop, starting(1)).error().kind, Kind::fenced);  // a loop does not
}

}  // namespace

}  // namespace pawl::store
