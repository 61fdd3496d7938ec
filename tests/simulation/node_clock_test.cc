// A node whose clock is not the database's, and one whose machine sleeps: its lease and its pauses go by its own time.
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;
using When = Point::When;

constexpr seconds trust{2};  // two thirds of the lease

class NodeClockTest : public NodeTest {
 protected:
  // One server, whose clock is wrong until it knows better.
  void begin(Microseconds clock_offset = {}) {
    NodeTest::begin();
    world_->database.deploy(world_->tenant, "sim", "call", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: call, version: 1.0.0}
do:
  - ask: {call: http, with: {method: get, endpoint: "http://shop.example/ask"}}
)");
    world_->kill(first().number());
    world_->start_process(clock_offset, true);
    for (const std::size_t loop : {0, 1}) {
      first().loop_storage(loop).set_on_send([this](const ports::Batch&) { sent_.push_back(world_->scheduler.now()); });
    }
    ASSERT_TRUE(until([&] { return node().ready(); })) << node().why_not();
  }
  Process& first() { return *world_->processes().front(); }
  // Something to commit every tenth of a second.
  void keep_starting(Microseconds time) {
    for (Microseconds passed{0}; passed < time; passed += milliseconds{100}) {
      node().start(request("one"), [](const auto&) {});
      run_for(milliseconds{100});
    }
  }
  void refuse_renewals() {
    world_->database.set_hook([](const Point& point) -> Fault {
      return {.sqlstate = point.script == "renew" && point.when == When::before_statement ? "57014" : ""};
    });
  }
  // From a while after renewals begin to fail it sends nothing, and before that it does.
  void expect_to_stop_sending() {
    const Time refused = world_->scheduler.now();
    refuse_renewals();
    keep_starting(seconds{6});
    ASSERT_FALSE(sent_.empty());
    EXPECT_GT(sent_.back(), refused);
    EXPECT_LT(sent_.back(), refused + trust);
    EXPECT_FALSE(node().ready());
    world_->database.set_hook({});
    EXPECT_TRUE(until([&] { return node().ready() && sent_.back() > refused + trust; })) << node().why_not();
  }

  std::vector<Time> sent_;
};

class ANodeAnHourOff : public NodeClockTest, public testing::WithParamInterface<hours> {};

INSTANTIATE_TEST_SUITE_P(, ANodeAnHourOff, testing::Values(-hours{1}, hours{1}),
                         [](const auto& offset) { return offset.param < hours{0} ? "Behind" : "Ahead"; });

TEST_P(ANodeAnHourOff, RenewsItsLeaseInTime) {
  begin(GetParam());
  int renewals = 0;
  world_->database.set_hook([&](const Point& point) -> Fault {
    renewals += point.script == "renew" && point.when == When::arrive ? 1 : 0;
    return {};
  });
  start("one");  // a commit tells the database's time as well
  EXPECT_FALSE(until([&] { return !node().ready(); }, seconds{9})) << node().why_not();
  EXPECT_GE(renewals, 8);
  EXPECT_LE(renewals, 10);
}

TEST_P(ANodeAnHourOff, StopsSendingWhenItsLeaseCannotBeRenewed) {
  begin(GetParam());
  keep_starting(seconds{1});
  expect_to_stop_sending();
}

TEST_P(ANodeAnHourOff, WritesTheDatabasesTimeFromItsFirstEventOn) {
  begin(GetParam());
  const Time before = world_->database.now();
  const auto started = start("one");
  EXPECT_GE((*started)->started_at, before - seconds{1});
  EXPECT_LE((*started)->started_at, world_->database.now());
}

TEST_F(NodeClockTest, StopsSendingWhenTheDatabasesClockWasSetBackAndItsLeaseCannotBeRenewed) {
  begin();
  world_->database.set_clock_offset(-hours{1});
  keep_starting(seconds{2});
  expect_to_stop_sending();
}

TEST_F(NodeClockTest, KeepsItsLeaseWhenTheDatabasesClockIsSetBackOrAhead) {
  begin();
  for (const hours offset : {-hours{1}, hours{1}}) {
    world_->database.set_clock_offset(offset);
    start("one");
    // An hour ahead, the lease has lapsed for the database, and nobody is there to see it.
    EXPECT_FALSE(until([&] { return !node().ready(); }, seconds{9})) << node().why_not();
  }
}

TEST_F(NodeClockTest, PollsAndCallsEndInTimeWhileTheDatabasesTimeStandsStill) {
  begin();
  world_->database.set_clock_offset(-hours{1});
  start("call");
  const auto tasks = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(tasks, 1, seconds{2});
  EXPECT_TRUE(until([&] { return tasks->there(); }, seconds{3}));
  world_->database.set_hook([](const Point& point) -> Fault {
    return {.stop = point.script == "commit" && point.when == When::arrive ? minutes{1} : minutes{0}};
  });
  const auto late = send(request("one"));
  EXPECT_TRUE(until([&] { return late->there(); }, seconds{21}));
  EXPECT_EQ(late->code(), "store-unavailable");
}

TEST_F(NodeClockTest, ARunIsReadAgainInTimeWhileTheDatabasesTimeStandsStill) {
  begin();
  const auto started = start("one");
  world_->kill(first().number());
  restart();
  world_->database.set_clock_offset(-hours{1});
  start("one");
  int failures = 3;
  world_->database.set_hook([&](const Point& point) -> Fault {
    const bool fails = point.script == "load_run" && point.when == When::before_statement && failures > 0;
    failures -= fails ? 1 : 0;
    return {.sqlstate = fails ? "57014" : ""};
  });
  const auto answer = cancel_only((*started)->id);
  EXPECT_TRUE(until([&] { return answer->there(); }, seconds{5}));
  EXPECT_EQ(answer->code(), "");
  EXPECT_EQ(failures, 0);
}

TEST_F(NodeClockTest, WorkStaysWithItsWorkerWhenTheDatabasesClockIsSetBack) {
  begin();
  start("one");
  world_->database.set_clock_offset(-hours{1});
  run_for(seconds{2});  // the node has heard of it
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_TRUE(poll(1, seconds{50}).empty());
  const auto again = poll(1, seconds{20});  // after a minute
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].token.lease, 2U);
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::stale);
}

TEST_F(NodeClockTest, WorkStaysWithItsWorkerWhenTheDatabasesClockJumpsAhead) {
  begin();
  start("one");
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  world_->database.set_clock_offset(hours{1});
  EXPECT_TRUE(poll(1, seconds{50}).empty());
  EXPECT_EQ(beat(tasks[0].token).result, engine::Accepted::done);
  EXPECT_TRUE(poll(1, seconds{50}).empty());
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
}

TEST_F(NodeClockTest, AWaitIsNotSleptThroughWhenTheDatabasesClockJumpsAhead) {
  begin();
  world_->database.deploy(world_->tenant, "sim", "hour", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: hour, version: 1.0.0}
do:
  - pause: {wait: {minutes: 50}}
)");
  const auto started = start("hour");
  run_for(seconds{2});
  world_->database.set_clock_offset(hours{1});
  EXPECT_TRUE(until([&] { return ended((*started)->id); }, seconds{5}));
}

// Its machine sleeps while the answer to its commit is on the way. That comes first when it wakes, its timers late.
TEST_F(NodeClockTest, AServerWhoseMachineSleptBeyondItsLeaseSendsNothingWhenItWakes) {
  begin();
  world_->database.set_hook([](const Point& point) -> Fault {
    return {.stop = milliseconds{point.script == "commit" && point.when == When::arrive ? 50 : 0}};
  });
  const auto started = send(request("call"));
  run_for(milliseconds{20});
  first().sleep();
  restart();
  const std::uint64_t second = world_->processes().back()->number();
  ASSERT_TRUE(until([&] { return world_->ledger.calls_of(second) == 1; }));
  sent_.clear();
  first().go_on();
  run_for(seconds{3});
  EXPECT_EQ(started->code(), "");  // the start was committed, and that stays true
  EXPECT_EQ(world_->ledger.calls_of(first().number()), 0U);
  EXPECT_TRUE(sent_.empty());
}

// The claim was committed before it slept, and by now the work may be another's.
TEST_F(NodeClockTest, AServerWhoseMachineSleptBeyondItsLeaseGivesOutNoWorkWhenItWakes) {
  begin();
  start("one");
  bool claims = false;
  for (const std::size_t loop : {0, 1}) {
    first().loop_storage(loop).set_on_send([&](const ports::Batch& batch) { claims |= !batch.claims.empty(); });
  }
  world_->database.set_hook([&](const Point& point) -> Fault {
    return {.stop = milliseconds{point.script == "commit" && point.when == When::arrive ? 50 : 0}};
  });
  const auto tasks = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(tasks, 1, seconds{20});
  ASSERT_TRUE(until([&] { return claims; }));
  first().sleep();
  run_for(minutes{2});
  world_->database.set_hook({});
  const Time woken = world_->scheduler.now();
  first().go_on();
  EXPECT_FALSE(tasks->there());
  // Nobody has taken its place: once its lease is renewed, the work is claimed anew.
  ASSERT_TRUE(until([&] { return tasks->there(); }, seconds{5}));
  ASSERT_EQ((*tasks)->size(), 1U);
  EXPECT_EQ((*tasks)->front().token.lease, 2U);
  EXPECT_GT((*tasks)->front().deadline, woken);
}

}  // namespace
}  // namespace pawl::simulation
