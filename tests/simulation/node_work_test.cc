// What a caller of engine::Node is promised, one promise a test: cancels, watches, work, and stopping.
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::seconds;

class NodeWorkTest : public NodeTest {};

// ---- cancels and watches

TEST_F(NodeWorkTest, CancelsAreRepeatableAndRefusedForWhatHasEnded) {
  begin();
  const auto open = start("one"), done = start("set");
  EXPECT_EQ((*cancel((*open)->id))->status, core::RunStatus::cancelled);
  EXPECT_EQ((*cancel((*open)->id))->status, core::RunStatus::cancelled);
  EXPECT_EQ(cancel((*done)->id)->code(), "run-ended");
  EXPECT_EQ(cancel(Uuid::version7(world_->scheduler.now(), 1, 2))->code(), "run-not-found");
}

TEST_F(NodeWorkTest, AWatchIsAnsweredAtTheEndAndAtOnceAfterIt) {
  begin();
  const auto run = start("sleep");
  const auto before = watch((*run)->id);
  run_for(seconds{1});
  EXPECT_FALSE(before->there());
  EXPECT_EQ((*wait_for(before))->status, core::RunStatus::completed);
  EXPECT_EQ((*wait_for(watch((*run)->id)))->status, core::RunStatus::completed);
  EXPECT_EQ(wait_for(watch(Uuid::version7(world_->scheduler.now(), 1, 2)))->code(), "run-not-found");
}

TEST_F(NodeWorkTest, AWatchThatWasGivenUpIsNotAnswered) {
  begin();
  const auto run = start("sleep");
  auto answer = std::make_shared<Answer<engine::RunView>>();
  const engine::WatchId id = node().when_ended({world_->tenant, (*run)->id}, into(answer));
  node().cancel_watch(id);
  run_for(seconds{5});
  EXPECT_TRUE(ended((*run)->id));
  EXPECT_FALSE(answer->there());
}

TEST_F(NodeWorkTest, ARunWhoseHistoryHasAHoleIsNeverDecided) {
  begin();
  const auto run = start("one");
  lose_first_event((*run)->id);
  EXPECT_EQ(cancel((*run)->id)->code(), "run-quarantined");
  EXPECT_EQ(wait_for(watch((*run)->id))->code(), "run-quarantined");
  EXPECT_TRUE(poll().empty());
  EXPECT_FALSE(ended((*run)->id));
  EXPECT_EQ(world_->processes().back()->metrics().gauge("pawl_runs_in_quarantine", "").value(), 1);
  const store::memory::RunRow& row = world_->database.tables().runs.at({world_->tenant, (*run)->id});
  EXPECT_EQ(row.status, core::RunStatus::suspended);
  EXPECT_EQ(row.suspended_reason.substr(0, 9), "Event 2: ");
}

TEST_F(NodeWorkTest, AQuarantineEndsWhenTheHistoryCanBeFoldedAgain) {
  begin();
  const auto run = start("one");
  const ports::RunKey key{world_->tenant, (*run)->id};
  const store::memory::Tables& tables = world_->database.tables();
  const store::memory::EventRow lost = lose_first_event(key.run);
  EXPECT_TRUE(poll().empty());
  run_for(seconds{1});
  EXPECT_EQ(tables.runs.at(key).status, core::RunStatus::suspended);
  bring_back(key.run, lost);
  const auto work = poll();
  ASSERT_EQ(work.size(), 1U);
  run_for(seconds{1});
  EXPECT_EQ(tables.runs.at(key).status, core::RunStatus::running);
  EXPECT_EQ(tables.runs.at(key).suspended_reason, "");
  EXPECT_EQ(complete(work[0].token), engine::Accepted::done);
  EXPECT_TRUE(ended(key.run));
}

TEST_F(NodeWorkTest, AnUnreadableRunThatHasEndedStaysAsItIs) {
  begin();
  const auto run = start("set");
  const ports::RunKey key{world_->tenant, (*run)->id};
  lose_first_event(key.run);
  EXPECT_EQ(cancel(key.run)->code(), "run-quarantined");
  run_for(seconds{1});
  EXPECT_EQ(world_->database.tables().runs.at(key).status, core::RunStatus::completed);
}

// ---- work

TEST_F(NodeWorkTest, APollWaitsForWorkAndGetsNothingWhenItsTimeIsUp) {
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

TEST_F(NodeWorkTest, OnePollIsNeverGivenMoreThanItAskedFor) {
  begin();
  for (int i = 0; i < 10; ++i) start("one");
  EXPECT_EQ(poll(3).size(), 3U);
  EXPECT_EQ(poll(100).size(), 7U);
}

TEST_F(NodeWorkTest, WhatWasClaimedForAPollThatLeftIsOfferedAtOnce) {
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
  EXPECT_EQ(row(tasks[0].token).deaths, 1U);  // the first one reached nobody
}

TEST_F(NodeWorkTest, WhatAWorkerDoesNotListIsOfferedAtOnceAndWhatOthersHoldIsNot) {
  begin();
  for (int i = 0; i < 6; ++i) start("one");
  const auto kept = poll(2);
  const auto others = [&] {
    auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
    node().poll({world_->tenant, "default", "another", {"shop.one"}, 2, seconds{2}}, into(answer));
    return **wait_for(answer);
  }();
  const auto lost = poll(2);
  ASSERT_EQ(kept.size() + others.size() + lost.size(), 6U);
  auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  engine::PollTasks again{world_->tenant, "default", "worker", {"shop.one"}, 6, seconds{2}};
  again.holding = {kept[0].token, kept[1].token};
  node().poll(again, into(answer));
  std::set<Uuid> offered;
  while (offered.size() < 2) {  // each loop may have one
    for (const auto& task : **wait_for(answer)) offered.insert(task.token.invocation);
    answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
    poll_only(answer, 6, seconds{2});
  }
  EXPECT_EQ(offered, (std::set<Uuid>{lost[0].token.invocation, lost[1].token.invocation}));
  EXPECT_TRUE((**wait_for(answer)).empty());
  for (const auto& task : kept) EXPECT_EQ(complete(task.token), engine::Accepted::done);
  for (const auto& task : lost) EXPECT_EQ(complete(task.token), engine::Accepted::stale);
}

TEST_F(NodeWorkTest, ALapsedLeaseStillCompletesUntilTheNextOneIsGranted) {
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

TEST_F(NodeWorkTest, AHeartbeatHoldsTheLeaseAndProgressForgetsDeaths) {
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

TEST_F(NodeWorkTest, WorkThatEndsFiveWorkersIsQuarantinedAndItsTaskFails) {
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

// A worker polls again and again, and says each time that it has nothing of what it was given.
class NodeDisownedTest : public NodeTest {
 protected:
  std::vector<engine::Assignment> poll_with_nothing() {
    auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
    engine::PollTasks again{world_->tenant, "default", "worker", {"shop.one"}, 1, seconds{2}};
    again.holding.emplace();
    node().poll(again, into(answer));
    return **wait_for(answer);
  }
};

TEST_F(NodeDisownedTest, AClaimWhoseAnswerWasLostIsNoDeath) {
  begin();
  const auto run = start("one");
  engine::TaskToken token;
  for (int lost = 0; lost < 12; ++lost) {
    const auto tasks = poll_with_nothing();
    ASSERT_EQ(tasks.size(), 1U) << lost;
    token = tasks[0].token;
    EXPECT_EQ(row(token).deaths, 1U);
  }
  EXPECT_EQ(complete(token), engine::Accepted::done);
  EXPECT_EQ(status((*run)->id), core::RunStatus::completed);
}

TEST_F(NodeDisownedTest, AClaimThatHasArrivedIsOneThoughItIsDisownedLater) {
  begin();
  start("one");
  for (std::uint32_t death = 1; death <= 5; ++death) {
    const auto tasks = poll_with_nothing();
    ASSERT_EQ(tasks.size(), 1U) << death;
    EXPECT_EQ(row(tasks[0].token).deaths, death);
    EXPECT_EQ(beat(tasks[0].token).result, engine::Accepted::done);
  }
  EXPECT_TRUE(poll_with_nothing().empty());
}

TEST_F(NodeDisownedTest, AWorkerThatComesBackUnderItsNameAfterEachDeathIsNotBelievedForEver) {
  begin();
  const auto run = start("one");
  int claims = 0;
  while (!poll_with_nothing().empty()) ASSERT_LT(++claims, 100);
  EXPECT_EQ(claims, 25);  // twenty are taken for lost answers
  EXPECT_TRUE(until([&] { return status((*run)->id) == core::RunStatus::faulted; }, seconds{5}));
}

TEST_F(NodeWorkTest, AResultThatComesAfterTheCancelIsRecordedOnce) {
  begin();
  const auto run = start("one");
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  cancel((*run)->id);
  const ports::RunKey key{world_->tenant, (*run)->id};
  const auto ended_at = world_->database.tables().runs.at(key).ended_at;
  ASSERT_TRUE(ended_at);
  for (int i = 0; i < 3; ++i) EXPECT_EQ(complete(tasks[0].token), engine::Accepted::stale);
  const auto& log = world_->database.tables().events.at(key);
  EXPECT_EQ(
      std::ranges::count_if(log, [](const auto& each) { return each.event.type == core::EventType::invocation_late; }),
      1);
  // Its run is still what it was, and ended once; only its history is longer.
  EXPECT_EQ(world_->database.tables().runs.at(key).ended_at, ended_at);
  EXPECT_EQ(world_->database.tables().runs.at(key).updated_at, log.back().event.ts);
  EXPECT_TRUE(world_->processes().front()->metrics().expose().contains("\npawl_runs_ended_total 1\n"));
}

// ---- stopping

TEST_F(NodeWorkTest, ADrainAnswersEverythingAndLeavesTheLanesToTheNextOneAtOnce) {
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

TEST_F(NodeWorkTest, TheDatabaseComesBackAndNothingAcknowledgedIsLost) {
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
