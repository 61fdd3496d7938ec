// What a caller of engine::Node is promised, one promise a test, on the model of the store: what the seeds do not aim
// at.
#include "engine/node.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

#include "simulation/simulation.h"
#include "simulation/world.h"

namespace pawl::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;

class NodeTest : public testing::Test {
 protected:
  void begin(engine::LoopConfig loop = {}) {
    world_ = std::make_unique<World>(World::Settings{.seed = 11, .safeguards = {}, .loop = loop});
    world_->database.deploy(world_->tenant, "sim", "sleep", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: sleep, version: 1.0.0}
do:
  - pause: {wait: {seconds: 2}}
)");
    world_->database.deploy(world_->tenant, "sim", "one", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: one, version: 1.0.0}
do:
  - work: {call: shop.one}
)");
    restart();
  }
  void restart() {
    world_->start_process();
    ASSERT_TRUE(until([&] { return node().ready(); })) << node().why_not();
  }

  engine::Node& node() { return world_->processes().back()->node(); }
  bool until(const std::function<bool()>& condition, Microseconds at_most = minutes{1}) {
    return world_->scheduler.run_until(condition, at_most);
  }
  void run_for(Microseconds time) { world_->scheduler.run_for(time); }

  template <class T>
  struct Answer {
    std::optional<Result<T>> result;
    bool there() const { return result.has_value(); }
    std::string code() const { return !result ? "none" : *result ? "" : result->error().code; }
    const T& operator*() const { return **result; }
    const T* operator->() const { return &**result; }
  };
  template <class T>
  using Answers = std::shared_ptr<Answer<T>>;
  template <class T>
  static Done<T> into(const Answers<T>& answer) {
    return [answer](Result<T> result) {
      EXPECT_FALSE(answer->result) << "answered twice";
      answer->result = std::move(result);
    };
  }
  template <class T>
  Answers<T> wait_for(Answers<T> answer) {
    EXPECT_TRUE(until([&] { return answer->there(); })) << "never answered";
    return answer;
  }

  engine::StartRun request(std::string name, std::string key = "") {
    engine::StartRun start;
    start.tenant = world_->tenant;
    start.namespace_ = "sim";
    start.name = std::move(name);
    start.input = json::Value::object({{"n", json::Value::integer(1)}});
    start.idempotency_key = std::move(key);
    return start;
  }
  Answers<engine::RunView> send(engine::StartRun start) {
    auto answer = std::make_shared<Answer<engine::RunView>>();
    node().start(std::move(start), into(answer));
    return answer;
  }
  Answers<engine::RunView> start(std::string name, std::string key = "") { return wait_for(send(request(name, key))); }
  Answers<engine::RunView> cancel(const Uuid& run) {
    auto answer = std::make_shared<Answer<engine::RunView>>();
    node().cancel(world_->tenant, run, "enough", into(answer));
    return wait_for(answer);
  }
  Answers<engine::RunView> watch(const Uuid& run) {
    auto answer = std::make_shared<Answer<engine::RunView>>();
    node().when_ended({world_->tenant, run}, into(answer));
    return answer;
  }
  engine::PollId poll_only(Answers<std::vector<engine::Assignment>> answer, std::uint32_t max, Microseconds wait) {
    return node().poll({world_->tenant, "default", "worker", {"shop.one"}, max, wait}, into(answer));
  }
  std::vector<engine::Assignment> poll(std::uint32_t max = 1, Microseconds wait = seconds{2}) {
    auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
    poll_only(answer, max, wait);
    return **wait_for(answer);
  }
  engine::Accepted complete(const engine::TaskToken& token) {
    auto answer = std::make_shared<Answer<engine::Accepted>>();
    node().complete({.token = token, .failed = false, .output = json::Value("done"), .error = {}, .retry_after = {}},
                    into(answer));
    return **wait_for(answer);
  }
  engine::HeartbeatAnswer beat(const engine::TaskToken& token, bool progress = false) {
    auto answer = std::make_shared<Answer<engine::HeartbeatAnswer>>();
    node().heartbeat({token, progress}, into(answer));
    return **wait_for(answer);
  }
  core::RunStatus status(const Uuid& run) { return world_->database.tables().runs.at({world_->tenant, run}).status; }
  bool ended(const Uuid& run) { return core::has_ended(status(run)); }
  const ports::StoredInvocation& row(const engine::TaskToken& token) {
    return world_->database.tables().invocations.at({token.tenant, token.invocation});
  }

  // Every commit whose batch the condition holds for fails with this, at the statement that writes it.
  void refuse(std::function<bool(const ports::Batch&)> condition, std::string statement, std::string sqlstate) {
    auto bad = std::make_shared<std::set<store::memory::BackendId>>();
    for (const std::size_t loop : {0, 1}) {
      GatedStorage& storage = world_->processes().back()->loop_storage(loop);
      storage.set_on_send([this, bad, condition, &storage](const ports::Batch& batch) {
        sizes_.push_back(batch.starts.size() + batch.changes.size());
        if (condition(batch))
          bad->insert(storage.backend());
        else
          bad->erase(storage.backend());
      });
    }
    world_->database.set_hook([=](const Point& point) -> Fault {
      if (point.script != "commit" || point.when != Point::When::before_statement) return {};
      if (point.statement != statement || !bad->contains(point.backend)) return {};
      return {.sqlstate = sqlstate};
    });
  }

  std::unique_ptr<World> world_;
  std::vector<std::size_t> sizes_;
};

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

// ---- cancels and watches

TEST_F(NodeTest, CancelsAreRepeatableAndRefusedForWhatHasEnded) {
  begin();
  const auto open = start("one"), done = start("set");
  EXPECT_EQ((*cancel((*open)->id))->status, core::RunStatus::cancelled);
  EXPECT_EQ((*cancel((*open)->id))->status, core::RunStatus::cancelled);
  EXPECT_EQ(cancel((*done)->id)->code(), "run-ended");
  EXPECT_EQ(cancel(Uuid::version7(world_->scheduler.now(), 1, 2))->code(), "run-not-found");
}

TEST_F(NodeTest, AWatchIsAnsweredAtTheEndAndAtOnceAfterIt) {
  begin();
  const auto run = start("sleep");
  const auto before = watch((*run)->id);
  run_for(seconds{1});
  EXPECT_FALSE(before->there());
  EXPECT_EQ((*wait_for(before))->status, core::RunStatus::completed);
  EXPECT_EQ((*wait_for(watch((*run)->id)))->status, core::RunStatus::completed);
  EXPECT_EQ(wait_for(watch(Uuid::version7(world_->scheduler.now(), 1, 2)))->code(), "run-not-found");
}

TEST_F(NodeTest, AWatchThatWasGivenUpIsNotAnswered) {
  begin();
  const auto run = start("sleep");
  auto answer = std::make_shared<Answer<engine::RunView>>();
  const engine::WatchId id = node().when_ended({world_->tenant, (*run)->id}, into(answer));
  node().cancel_watch(id);
  run_for(seconds{5});
  EXPECT_TRUE(ended((*run)->id));
  EXPECT_FALSE(answer->there());
}

TEST_F(NodeTest, ARunWhoseHistoryHasAHoleIsNeverDecided) {
  begin();
  const auto run = start("one");
  world_->kill(world_->processes().front()->number());
  auto& log = world_->database.mutable_tables().events.at({world_->tenant, (*run)->id});
  log.erase(log.begin());
  restart();
  EXPECT_EQ(cancel((*run)->id)->code(), "run-quarantined");
  EXPECT_EQ(wait_for(watch((*run)->id))->code(), "run-quarantined");
  EXPECT_TRUE(poll().empty());
  EXPECT_FALSE(ended((*run)->id));
}

// ---- work

TEST_F(NodeTest, APollWaitsForWorkAndGetsNothingWhenItsTimeIsUp) {
  begin();
  const Time before = world_->scheduler.now();
  EXPECT_TRUE(poll(1, seconds{3}).empty());
  EXPECT_GE(world_->scheduler.now() - before, seconds{3});
  auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(answer, 5, seconds{30});
  run_for(seconds{1});
  const auto run = start("one");
  wait_for(answer);
  ASSERT_EQ((*answer)->size(), 1U);
  EXPECT_EQ((**answer)[0].run, (*run)->id);
  EXPECT_EQ((**answer)[0].action, "shop.one");
  EXPECT_EQ((**answer)[0].name, "one");
  EXPECT_EQ((**answer)[0].path, "/do/0/work");
}

TEST_F(NodeTest, OnePollIsNeverGivenMoreThanItAskedFor) {
  begin();
  for (int i = 0; i < 10; ++i) start("one");
  EXPECT_EQ(poll(3).size(), 3U);
  EXPECT_EQ(poll(100).size(), 7U);
}

TEST_F(NodeTest, WhatWasClaimedForAPollThatLeftIsOfferedAtOnce) {
  begin();
  auto gone = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  const engine::PollId id = poll_only(gone, 1, seconds{30});
  bool cancelled = false;
  for (const std::size_t loop : {0, 1}) {
    world_->processes().back()->loop_storage(loop).set_on_send([&](const ports::Batch& batch) {
      if (!batch.claims.empty() && !std::exchange(cancelled, true)) {
        world_->scheduler.after(Microseconds{1}, [&] { node().cancel_poll(id); });
      }
    });
  }
  start("one");
  const auto tasks = poll(1, seconds{5});
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_TRUE(cancelled);
  EXPECT_FALSE(gone->there());
  EXPECT_EQ(tasks[0].token.lease, 2U);
}

TEST_F(NodeTest, ALapsedLeaseStillCompletesUntilTheNextOneIsGranted) {
  engine::LoopConfig loop;
  loop.task_lease = seconds{3};
  begin(loop);
  start("one");
  start("one");
  const auto tasks = poll(2);
  ASSERT_EQ(tasks.size(), 2U);
  run_for(seconds{4});
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
  const auto again = poll(2);
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].idempotency_key, tasks[1].idempotency_key);
  EXPECT_EQ(again[0].token.lease, 2U);
  EXPECT_EQ(complete(tasks[1].token), engine::Accepted::stale);
  EXPECT_EQ(complete(again[0].token), engine::Accepted::done);
  EXPECT_EQ(complete(again[0].token), engine::Accepted::done);  // repeated
  EXPECT_EQ(complete(tasks[1].token), engine::Accepted::stale);
  engine::TaskToken unknown = again[0].token;
  unknown.lease = 9;
  EXPECT_EQ(complete(unknown), engine::Accepted::stale);
  unknown.invocation.bytes[0] ^= 1;
  EXPECT_EQ(complete(unknown), engine::Accepted::unknown_token);
}

TEST_F(NodeTest, AHeartbeatHoldsTheLeaseAndProgressForgetsDeaths) {
  engine::LoopConfig loop;
  loop.task_lease = seconds{3};
  begin(loop);
  start("one");
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  for (int i = 0; i < 4; ++i) {
    run_for(seconds{2});
    EXPECT_EQ(beat(tasks[0].token, i == 3).result, engine::Accepted::done);
    EXPECT_EQ(row(tasks[0].token).deaths, i == 3 ? 0U : 1U);
  }
  EXPECT_TRUE(poll(1, seconds{1}).empty());
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
  EXPECT_EQ(beat(tasks[0].token).result, engine::Accepted::stale);
}

TEST_F(NodeTest, WorkThatEndsFiveWorkersIsQuarantinedAndItsTaskFails) {
  engine::LoopConfig loop;
  loop.task_lease = seconds{1};
  begin(loop);
  const auto run = start("one");
  engine::TaskToken token;
  for (int death = 1; death <= 5; ++death) {
    const auto tasks = poll(1, seconds{5});
    ASSERT_EQ(tasks.size(), 1U) << death;
    token = tasks[0].token;
    run_for(seconds{2});
  }
  EXPECT_TRUE(poll(1, seconds{5}).empty());
  EXPECT_EQ(status((*run)->id), core::RunStatus::faulted);
  EXPECT_EQ(row(token).status, ports::InvocationStatus::quarantined);
  EXPECT_EQ(complete(token), engine::Accepted::stale);
}

TEST_F(NodeTest, AResultThatComesAfterTheCancelIsRecordedOnce) {
  begin();
  const auto run = start("one");
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  cancel((*run)->id);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(complete(tasks[0].token), engine::Accepted::stale);
  const auto& log = world_->database.tables().events.at({world_->tenant, (*run)->id});
  EXPECT_EQ(
      std::ranges::count_if(log, [](const auto& each) { return each.event.type == core::EventType::invocation_late; }),
      1);
}

// ---- stopping

TEST_F(NodeTest, ADrainAnswersEverythingAndLeavesTheLanesToTheNextOneAtOnce) {
  begin();
  const auto sleeping = start("sleep");
  auto polled = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(polled, 1, seconds{60});
  const auto in_flight = send(request("set"));
  const auto waiting = watch((*sleeping)->id);
  bool drained = false;
  node().drain([&](Result<void>) { drained = true; });
  EXPECT_EQ(wait_for(send(request("set")))->code(), "shutting-down");
  EXPECT_TRUE(until([&] { return drained; }, seconds{5}));
  EXPECT_EQ(in_flight->code(), "");
  EXPECT_EQ(waiting->code(), "shutting-down");
  ASSERT_TRUE(polled->there());
  EXPECT_TRUE((**polled).empty());
  const Time before = world_->scheduler.now();
  restart();  // beside the old process, whose backends still live
  EXPECT_LT(world_->scheduler.now() - before, seconds{1});
  EXPECT_TRUE(until([&] { return ended((*sleeping)->id); }, seconds{10}));
}

TEST_F(NodeTest, TheDatabaseComesBackAndNothingAcknowledgedIsLost) {
  begin();
  const auto run = start("one");
  world_->database.crash();
  EXPECT_TRUE(until([&] { return node().ready(); }, seconds{20})) << node().why_not();
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
  EXPECT_TRUE(ended((*run)->id));
}

}  // namespace
}  // namespace pawl::simulation
