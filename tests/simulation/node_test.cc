// What a caller of engine::Node is promised, one promise a test: starts, bounds, and data that cannot be stored.
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::milliseconds;

using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;

// ---- starts

TEST_F(NodeTest, AStartIsAnsweredWhenItsBatchIsCommitted) {
  begin();
  const auto run = start("set");
  EXPECT_EQ((*run)->status, core::RunStatus::completed);
  EXPECT_EQ((*run)->output, json::Value::object({{"n", json::Value::integer(4)}}));
  EXPECT_FALSE((*run)->existed);
  EXPECT_EQ((*run)->name, "set");
  EXPECT_TRUE(ended((*run)->id));
}

TEST_F(NodeTest, OneKeyIsOneRunWhetherTheFirstIsInFlightOrLongOver) {
  begin();
  const auto first = send(request("one", "k")), twin = send(request("one", "k"));
  wait_for(first);
  wait_for(twin);
  EXPECT_EQ((*first)->id, (*twin)->id);
  EXPECT_FALSE((*first)->existed);
  EXPECT_TRUE((*twin)->existed);
  world_->kill(world_->processes().front()->number());
  restart();
  const auto later = start("one", "k");
  EXPECT_EQ((*later)->id, (*first)->id);
  EXPECT_TRUE((*later)->existed);
  EXPECT_NE((*start("one", "other"))->id, (*first)->id);
}

TEST_F(NodeTest, OneKeyWithAnotherRequestIsRefused) {
  begin();
  const auto first = send(request("one", "k"));
  engine::StartRun other = request("one", "k");
  other.request_sha256[0] = 1;
  const auto in_flight = send(other);
  EXPECT_EQ(wait_for(in_flight)->code(), "idempotency-mismatch");
  EXPECT_EQ(wait_for(first)->code(), "");
  EXPECT_EQ(wait_for(send(other))->code(), "idempotency-mismatch");
}

TEST_F(NodeTest, WhatIsNotDeployedIsNotFound) {
  begin();
  EXPECT_EQ(start("nothing")->code(), "definition-not-found");
  engine::StartRun other = request("set");
  other.version = "9.9.9";
  EXPECT_EQ(wait_for(send(other))->code(), "definition-not-found");
}

TEST_F(NodeTest, BeforeAnyLaneIsOwnedCallsAreSentAway) {
  begin();
  world_->start_process();  // the lanes are the first one's
  EXPECT_FALSE(node().ready());
  EXPECT_EQ(wait_for(send(request("set")))->code(), "lane-unowned");
  EXPECT_EQ(wait_for(send(request("set", "k")))->code(), "lane-unowned");
}

TEST_F(NodeTest, AStartThatWasStoredWithoutAnAnswerIsStillItsOwn) {
  begin();
  start("set");
  world_->database.set_hook([done = false](const Point& point) mutable -> Fault {
    const bool now = !done && point.script == "commit" && point.when == Point::When::after_commit;
    done |= now;
    return {.cut = now};
  });
  const auto recovered = start("one", "k");
  EXPECT_FALSE((*recovered)->existed);
  const auto again = start("one", "k");
  EXPECT_EQ((*again)->id, (*recovered)->id);
  EXPECT_TRUE((*again)->existed);
}

// ---- bounds

TEST_F(NodeTest, TooManyStartsAreRefusedBeforeMemoryGrowsAndResultsAreTaken) {
  engine::LoopConfig loop;
  loop.retained_stimuli = 4;  // of which one tenant has half
  begin(loop);
  start("one");
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  world_->database.set_hook([](const Point& point) -> Fault {
    return {.stop = point.script == "commit" && point.when == Point::When::arrive ? seconds{1} : seconds{0}};
  });
  std::vector<Answers<engine::RunView>> starts;
  for (int i = 0; i < 8; ++i) starts.push_back(send(request("set")));
  auto result = std::make_shared<Answer<engine::Accepted>>();
  node().complete(
      {.token = tasks[0].token, .failed = false, .output = json::Value("done"), .error = {}, .retry_after = {}},
      into(result));
  int refused = 0;
  for (const auto& each : starts) refused += wait_for(each)->code() == "overloaded" ? 1 : 0;
  EXPECT_EQ(refused, 4);  // two loops, two each
  EXPECT_EQ(**wait_for(result), engine::Accepted::done);
}

TEST_F(NodeTest, ACallThatCannotBeCommittedInTimeIsAnswered503) {
  engine::LoopConfig loop;
  loop.call_timeout = seconds{3};
  begin(loop);
  world_->database.set_hook([](const Point& point) -> Fault {
    return {.stop = point.script == "commit" && point.when == Point::When::arrive ? seconds{10} : seconds{0}};
  });
  const auto answer = send(request("set"));
  run_for(milliseconds{2'900});
  EXPECT_FALSE(answer->there());
  run_for(milliseconds{200});
  EXPECT_EQ(answer->code(), "store-unavailable");
}

TEST_F(NodeTest, WorkBeyondTheWindowIsDoneToo) {
  engine::LoopConfig loop;
  loop.queue_window = 3;
  begin(loop);
  std::set<Uuid> runs;
  for (int i = 0; i < 20; ++i) runs.insert((*start("one"))->id);
  for (int i = 0; i < 200 && !runs.empty(); ++i) {
    for (const auto& task : poll(2)) {
      EXPECT_EQ(complete(task.token), engine::Accepted::done);
      runs.erase(task.run);
    }
  }
  EXPECT_TRUE(runs.empty());
}

TEST_F(NodeTest, MoreTimersThanFitInMemoryFireAll) {
  engine::LoopConfig loop;
  loop.timers = 3;
  begin(loop);
  std::vector<Uuid> runs;
  for (int i = 0; i < 20; ++i) runs.push_back((*start("sleep"))->id);
  EXPECT_TRUE(
      until([&] { return std::ranges::all_of(runs, [&](const Uuid& run) { return ended(run); }); }, seconds{10}));
}

TEST_F(NodeTest, RunsLeaveMemoryAndComeBack) {
  engine::LoopConfig loop;
  loop.run_bytes = 1;
  begin(loop);
  const auto run = start("one");
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
  EXPECT_EQ(status((*run)->id), core::RunStatus::completed);
}

TEST_F(NodeTest, AFloodOfOneTenantDoesNotHoldUpAnother) {
  engine::LoopConfig loop;
  loop.batch_rows = 100;  // a start of `set` is five rows
  begin(loop);
  const Uuid other = *Uuid::parse("018f0000-0000-7000-8000-000000000002");
  world_->database.deploy(other, "sim", "sleep", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: sleep, version: 1.0.0}
do:
  - pause: {wait: {seconds: 2}}
)");
  engine::StartRun of_other = request("sleep");
  of_other.tenant = other;
  wait_for(send(of_other));  // its program is known now
  std::vector<Answers<engine::RunView>> flood;
  for (int i = 0; i < 2'000; ++i) flood.push_back(send(request("set")));
  const auto one = send(of_other);
  wait_for(one);
  const auto before = std::ranges::count_if(flood, [](const auto& each) { return each->there(); });
  EXPECT_LT(before, 300);
}

// ---- data that cannot be stored

TEST_F(NodeTest, OneStartThatCannotBeStoredDoesNotFailItsNeighbours) {
  begin();
  start("set");
  refuse(
      [](const ports::Batch& batch) {
        return std::ranges::any_of(batch.starts, [](const auto& each) { return each.head.correlation_id == "bad"; });
      },
      "starts", "22021");
  std::vector<Answers<engine::RunView>> starts;
  for (int i = 0; i < 40; ++i) {
    engine::StartRun each = request("set");
    if (i == 17) each.correlation_id = "bad";
    starts.push_back(send(each));
  }
  for (std::size_t i = 0; i < starts.size(); ++i)
    EXPECT_EQ(wait_for(starts[i])->code(), i == 17 ? "unstorable" : "") << i;
  EXPECT_LE(sizes_.size(), 2 + 40 / 2 + 2 * 6U);  // the first sends are small; then halves of what failed
  EXPECT_TRUE(node().ready());
}

TEST_F(NodeTest, ARunWhoseEventsCannotBeStoredFaultsAndNamesNoData) {
  begin();
  const auto run = start("one"), neighbour = start("one");
  const auto tasks = poll(2);
  ASSERT_EQ(tasks.size(), 2U);
  const Uuid bad = (*run)->id;
  refuse(
      [bad](const ports::Batch& batch) {
        return std::ranges::any_of(batch.changes, [&](const auto& each) {
          return each.key.run == bad && each.decision.events.front().type == core::EventType::task_completed;
        });
      },
      "events", "22P05");
  for (const auto& task : tasks) EXPECT_EQ(complete(task.token), engine::Accepted::done);
  EXPECT_TRUE(until([&] { return ended(bad) && ended((*neighbour)->id); }));
  EXPECT_EQ(status(bad), core::RunStatus::faulted);
  EXPECT_EQ(status((*neighbour)->id), core::RunStatus::completed);
}

TEST_F(NodeTest, AFullDatabaseIsAnswered503AndIsNotReadyUntilItTakesDataAgain) {
  begin();
  refuse([](const ports::Batch& batch) { return !batch.starts.empty(); }, "starts", "53100");
  EXPECT_EQ(start("set")->code(), "store-unavailable");
  EXPECT_FALSE(node().ready());
  world_->database.set_hook({});
  EXPECT_TRUE(until([&] { return node().ready(); }, seconds{5})) << node().why_not();
  EXPECT_EQ(start("set")->code(), "");
}

TEST_F(NodeTest, ADatabaseThatTakesOnlySmallCommitsIsNotReady) {
  begin();
  start("set");
  refuse([](const ports::Batch& batch) { return !batch.starts.empty(); }, "starts", "53100");
  EXPECT_EQ(start("set")->code(), "store-unavailable");
  const Time failed = world_->scheduler.now();
  EXPECT_FALSE(until([&] { return node().ready(); }, milliseconds{2'900}));
  EXPECT_EQ(start("set")->code(), "store-unavailable");
  EXPECT_FALSE(until([&] { return node().ready(); }, milliseconds{2'900}));
  EXPECT_TRUE(until([&] { return node().ready(); }, seconds{1})) << node().why_not();  // a commit has passed since
  EXPECT_LT(world_->scheduler.now() - failed, seconds{7});
}

}  // namespace
}  // namespace pawl::simulation
