// What applications ask for in transactions of their own (protocol sections 6, 8 and 9).
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using ports::InboxKind;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using User = store::memory::MemoryDatabase::UserTransaction;

class NodeInboxTest : public NodeTest {
 protected:
  ports::RunKey key(const Uuid& run) const { return {world_->tenant, run}; }
  Uuid new_run() { return Uuid::version8(sha256("run " + std::to_string(++runs_))); }
  void put_start(User& user, const Uuid& run, const std::string& name, const std::string& idempotency_key = "") {
    json::Value payload =
        json::Value::object({{"definition", json::Value("sim/" + name)}, {"version", json::Value("1.0.0")}});
    if (!idempotency_key.empty()) {
      payload = json::Value::object({{"definition", json::Value("sim/" + name)},
                                     {"version", json::Value("1.0.0")},
                                     {"idempotencyKey", json::Value(idempotency_key)},
                                     {"requestSha256", json::Value(std::string(64, 'a'))}});
    }
    user.put(key(run), InboxKind::start, std::move(payload), json::Value::object({{"n", json::Value::integer(1)}}));
  }
  void put_cancel(User& user, const Uuid& run) {
    user.put(key(run), InboxKind::cancel, json::Value::object({{"reason", json::Value("no more")}}));
  }
  Uuid start_by_sql(const std::string& name) {
    const Uuid run = new_run();
    User user(world_->database);
    put_start(user, run, name);
    user.commit();
    return run;
  }
  bool end_task(User& user, const engine::TaskToken& token, json::Value output = json::Value("done")) {
    return user.end_task({token.tenant, token.invocation}, token.attempt, token.lease, InboxKind::complete,
                         std::move(output));
  }
  bool complete_by_sql(const engine::TaskToken& token) {
    User user(world_->database);
    const bool accepted = end_task(user, token);
    if (accepted) user.commit();
    return accepted;
  }
  bool exists(const Uuid& run) const { return world_->database.tables().runs.contains(key(run)); }
  bool empty() const { return world_->database.tables().inbox.empty(); }
  std::size_t events(const Uuid& run) const { return world_->database.tables().events.at(key(run)).size(); }

  int runs_ = 0;
};

TEST_F(NodeInboxTest, AStartIsDoneWithinMillisecondsAlsoByWhoSleeps) {
  begin();
  run_for(seconds{1});  // asleep by now
  for (int i = 0; i < 3; ++i) {
    const Time before = world_->scheduler.now();
    const Uuid run = start_by_sql("set");
    ASSERT_TRUE(until([&] { return exists(run) && ended(run); }));
    EXPECT_LT(world_->scheduler.now() - before, milliseconds{30});
    EXPECT_TRUE(until([&] { return empty(); }));
    run_for(seconds{3});
  }
}

TEST_F(NodeInboxTest, ATransactionThatIsRolledBackAsksForNothing) {
  begin();
  const Uuid run = new_run();
  {
    User user(world_->database);
    put_start(user, run, "set");
  }
  run_for(seconds{5});
  EXPECT_FALSE(exists(run));
}

TEST_F(NodeInboxTest, AThousandInOneTransactionAreAllDone) {
  begin();
  std::vector<Uuid> runs;
  {
    User user(world_->database);
    for (int i = 0; i < 1'000; ++i) {
      runs.push_back(new_run());
      put_start(user, runs.back(), "set");
    }
    user.commit();
  }
  EXPECT_TRUE(until([&] {
    return empty() && std::ranges::all_of(runs, [&](const Uuid& run) { return exists(run) && ended(run); });
  }));
}

TEST_F(NodeInboxTest, TheSameKeyIsTheSameRun) {
  begin();
  const Uuid run = new_run();
  for (int i = 0; i < 3; ++i) {
    User user(world_->database);
    put_start(user, run, "one", "k");
    user.commit();
    if (i == 1) run_for(seconds{3});
  }
  ASSERT_TRUE(until([&] { return empty(); }));
  EXPECT_EQ(poll().size(), 1U);
  EXPECT_TRUE(poll().empty());
}

TEST_F(NodeInboxTest, ACancelWaitsForItsStart) {
  begin();
  const Uuid run = new_run();
  {
    User user(world_->database);
    put_cancel(user, run);
    user.commit();
  }
  run_for(seconds{5});
  EXPECT_FALSE(empty());
  {
    User user(world_->database);
    put_start(user, run, "one");
    user.commit();
  }
  ASSERT_TRUE(until([&] { return exists(run) && ended(run); }));
  EXPECT_EQ(status(run), core::RunStatus::cancelled);
  EXPECT_TRUE(until([&] { return empty(); }));
}

TEST_F(NodeInboxTest, ACancelOfARunThatNeverComesIsGivenUp) {
  begin();
  User user(world_->database);
  put_cancel(user, new_run());
  user.commit();
  EXPECT_TRUE(until([&] { return empty(); }, minutes{2}));
}

TEST_F(NodeInboxTest, ACancelIsNotGivenUpBecauseItsTransactionWasLong) {
  begin();
  const Uuid run = new_run();
  world_->kill(world_->processes().back()->number());
  {
    User user(world_->database);
    put_start(user, run, "one");
    put_cancel(user, run);
    user.commit();
  }
  run_for(minutes{2});  // nobody is there to see them
  restart();
  ASSERT_TRUE(until([&] { return exists(run) && ended(run) && empty(); }));
  EXPECT_EQ(status(run), core::RunStatus::cancelled);
}

TEST_F(NodeInboxTest, WhoAsksForARunBeforeItsStartDoesNotKeepItFromStarting) {
  begin();
  world_->database.set_deaf(true);
  run_for(seconds{1});
  const Uuid run = new_run();
  for (int i = 0; i < 50; ++i) {
    watch(run);
    if (i == 25) {
      User user(world_->database);
      put_start(user, run, "set");
      user.commit();
    }
    run_for(milliseconds{100});
  }
  ASSERT_TRUE(until([&] { return exists(run) && ended(run) && empty(); }));
}

TEST_F(NodeInboxTest, WhatARunInQuarantineIsAskedForStays) {
  begin();
  const auto run = start("one");
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  const store::memory::EventRow lost = lose_first_event((*run)->id);
  EXPECT_TRUE(complete_by_sql(work[0].token));
  run_for(seconds{30});
  EXPECT_FALSE(empty());
  bring_back((*run)->id, lost);
  ASSERT_TRUE(until([&] { return ended((*run)->id) && empty(); }));
  EXPECT_EQ(status((*run)->id), core::RunStatus::completed);
}

TEST_F(NodeInboxTest, AWorkerCompletesInItsOwnTransaction) {
  begin();
  const auto run = start("one");
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  EXPECT_TRUE(complete_by_sql(work[0].token));
  EXPECT_TRUE(complete_by_sql(work[0].token)) << "repeated";
  ASSERT_TRUE(until([&] { return ended((*run)->id); }));
  EXPECT_TRUE(until([&] { return empty(); }));
  EXPECT_EQ(row(work[0].token).status, ports::InvocationStatus::resolved);
  EXPECT_TRUE(complete_by_sql(work[0].token)) << "repeated after the end";
  EXPECT_EQ(complete(work[0].token), engine::Accepted::done) << "and over HTTP";
  EXPECT_EQ(status((*run)->id), core::RunStatus::completed);
}

TEST_F(NodeInboxTest, ACancelThatFindsItsWorkerCommittingWaits) {
  begin();
  const auto run = start("one");
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  auto user = std::make_unique<User>(world_->database);
  ASSERT_TRUE(end_task(*user, work[0].token));
  const auto cancelled = cancel_only((*run)->id);
  run_for(seconds{3});
  EXPECT_FALSE(ended((*run)->id));
  user->commit();
  user.reset();
  EXPECT_EQ(wait_for(cancelled)->code(), "run-ended");
  EXPECT_EQ(status((*run)->id), core::RunStatus::completed);
}

TEST_F(NodeInboxTest, ACancelGoesOnWhenItsWorkerRollsBack) {
  begin();
  const auto run = start("one");
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  auto user = std::make_unique<User>(world_->database);
  ASSERT_TRUE(end_task(*user, work[0].token));
  const auto cancelled = cancel_only((*run)->id);
  run_for(seconds{1});
  user.reset();
  EXPECT_EQ((*wait_for(cancelled))->status, core::RunStatus::cancelled);
  EXPECT_FALSE(complete_by_sql(work[0].token)) << "the worker's next try is stale";
}

TEST_F(NodeInboxTest, OfTwoThatFailInTheirOwnTransactionsTheSecondIsLate) {
  begin();
  world_->database.deploy(world_->tenant, "sim", "twins", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: twins, version: 1.0.0}
do:
  - both: {fork: {branches: [a: {call: shop.one}, b: {call: shop.one}]}}
)");
  const auto run = start("twins");
  const auto work = poll(2);
  ASSERT_EQ(work.size(), 2U);
  {
    User user(world_->database);
    for (const auto& each : work) {
      ASSERT_TRUE(user.end_task({each.token.tenant, each.token.invocation}, 1, 1, InboxKind::fail,
                                json::Value::object({{"title", json::Value("no")}})));
    }
    user.commit();
  }
  ASSERT_TRUE(until([&] { return ended((*run)->id) && empty(); }));
  EXPECT_EQ(status((*run)->id), core::RunStatus::faulted);
  const auto& log = world_->database.tables().events.at(key((*run)->id));
  EXPECT_EQ(
      std::ranges::count_if(log, [](const auto& row) { return row.event.type == core::EventType::invocation_late; }),
      1);
}

TEST_F(NodeInboxTest, WhatWasCommittedIsAppliedOnceThroughKills) {
  begin();
  const auto run = start("one");
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  ASSERT_TRUE(complete_by_sql(work[0].token));
  for (int i = 0; i < 3; ++i) {
    world_->scheduler.run_for(Microseconds{200});
    world_->kill(world_->processes().back()->number());
    restart();
  }
  ASSERT_TRUE(until([&] { return ended((*run)->id) && empty(); }));
  EXPECT_EQ(status((*run)->id), core::RunStatus::completed);
  EXPECT_EQ(events((*run)->id), 4U);  // started, requested, completed, run completed
}

TEST_F(NodeInboxTest, ALostRingIsHealedByTheSlowLook) {
  begin();
  run_for(seconds{1});
  world_->database.set_deaf(true);
  const Time before = world_->scheduler.now();
  const Uuid run = start_by_sql("set");
  ASSERT_TRUE(until([&] { return exists(run) && ended(run); }));
  EXPECT_GT(world_->scheduler.now() - before, milliseconds{100}) << "nobody rang";
  EXPECT_LT(world_->scheduler.now() - before, milliseconds{2'500});
}

TEST_F(NodeInboxTest, WhatCannotBeReadEndsItsTask) {
  begin();
  const auto run = start("one");
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  User user(world_->database);
  ASSERT_TRUE(user.end_task({work[0].token.tenant, work[0].token.invocation}, 1, 1, InboxKind::complete, {}));
  auto& written = world_->database.mutable_tables().inbox;
  user.commit();
  for (auto& [id, row] : written) row.content.reset();
  ASSERT_TRUE(until([&] { return ended((*run)->id); }));
  EXPECT_EQ(status((*run)->id), core::RunStatus::faulted);
  EXPECT_TRUE(until([&] { return empty(); }));
}

}  // namespace
}  // namespace pawl::simulation
