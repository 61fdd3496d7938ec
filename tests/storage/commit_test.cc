// Commits: starts, the compare of revisions, counted waits, the pipeline, failures.
#include "storage/suite.h"

namespace pawl::storage_suite {
namespace {

using Kind = ports::CommitFailure::Kind;

TEST_P(StorageTest, AnEmptyBatchTellsTheTime) {
  Client client = make_client(1);
  const CommitResult first = commit(client, ports::Batch{});
  const CommitResult second = commit(client, ports::Batch{});
  ASSERT_TRUE(first && second);
  EXPECT_GT(first->database_time, at(0) - std::chrono::years{2});
  EXPECT_GE(second->database_time, first->database_time);
}

TEST_P(StorageTest, AStartIsStoredAsGiven) {
  Client client = make_client(1);
  ports::Start given = start(run(5));
  given.head.idempotency_key = "order 7";
  given.head.request_sha256 = sha256("the body");
  given.head.queue = "slow";
  given.head.priority = 7;
  given.head.correlation_id = "c-1";
  given.change.decision.events[0].payload = json::Value::object(
      {{"input", json::Value::object({{"text", "ä€𝄞\n\"\\"},
                                      {"whole", json::Value::integer(-9'007'199'254'740'993)},
                                      {"real", json::Value::number(0.1)},
                                      {"huge", json::Value::number(1e300)},
                                      {"none", nullptr},
                                      {"list", json::Value::array({true, false, json::Value::array()})}})}});
  const json::Value payload = given.change.decision.events[0].payload;
  given.change.decision.events.push_back(
      {2, core::EventType::task_completed, at(1) + Microseconds{1}, "/do/0/a", json::Value::object()});
  given.change.now = 2;
  given.change.updated_at = at(1) + Microseconds{1};
  given.change.status = core::RunStatus::waiting;
  const CommitResult result = commit(client, given);
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->won, std::vector<bool>{true});

  const ports::StoredRun stored = load(client, run(5));
  EXPECT_EQ(stored.key, run(5));
  EXPECT_EQ(stored.head.definition, version_.definition);
  EXPECT_EQ(stored.head.version, version_.version);
  EXPECT_EQ(stored.head.trigger_kind, "api");
  EXPECT_EQ(stored.head.idempotency_key, "order 7");
  ASSERT_TRUE(stored.head.request_sha256);
  EXPECT_EQ(*stored.head.request_sha256, sha256("the body"));
  EXPECT_EQ(stored.head.queue, "slow");
  EXPECT_EQ(stored.head.priority, 7);
  EXPECT_EQ(stored.head.correlation_id, "c-1");
  EXPECT_EQ(stored.head.started_at, at(0));
  EXPECT_EQ(stored.revision, 2U);
  EXPECT_EQ(stored.status, core::RunStatus::waiting);
  EXPECT_FALSE(stored.ended_at);
  ASSERT_EQ(stored.events.size(), 2U);
  EXPECT_EQ(stored.events[0].seq, 1U);
  EXPECT_EQ(stored.events[0].type, core::EventType::run_started);
  EXPECT_EQ(stored.events[0].ts, at(0));
  EXPECT_EQ(stored.events[0].path, "");
  EXPECT_EQ(stored.events[0].payload, payload);
  EXPECT_EQ(stored.events[1].path, "/do/0/a");
  EXPECT_EQ(stored.events[1].ts, at(1) + Microseconds{1});
}

TEST_P(StorageTest, ASuspensionAndItsEndChangeNothingButTheRow) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  ports::Batch batch;
  batch.suspensions.push_back({.key = run(5), .reason = "Event 2: ä."});
  batch.suspensions.push_back({.key = run(6), .reason = "It is not there."});
  ASSERT_TRUE(commit(client, std::move(batch)));
  ports::StoredRun stored = load(client, run(5));
  EXPECT_EQ(stored.status, core::RunStatus::suspended);
  EXPECT_EQ(stored.suspended_reason, "Event 2: ä.");
  EXPECT_EQ(stored.revision, 1U);
  EXPECT_EQ(stored.events.size(), 1U);

  // Lifted, and changed in the same batch: the change comes after.
  ports::Batch lift;
  lift.suspensions.push_back({.key = run(5), .reason = "", .status = core::RunStatus::running});
  ports::RunChange next = change(run(5), 1);
  next.status = core::RunStatus::waiting;
  lift.changes.push_back(std::move(next));
  ASSERT_TRUE(commit(client, std::move(lift)));
  stored = load(client, run(5));
  EXPECT_EQ(stored.status, core::RunStatus::waiting);
  EXPECT_EQ(stored.suspended_reason, "");
}

TEST_P(StorageTest, ARunThatHasEndedIsNotSuspended) {
  Client client = make_client(1);
  ports::Start ended = start(run(5));
  ended.change.status = core::RunStatus::completed;
  ended.change.ended_at = at(0);
  ASSERT_TRUE(commit(client, std::move(ended)));
  ports::Batch batch;
  batch.suspensions.push_back({.key = run(5), .reason = "Event 2"});
  ASSERT_TRUE(commit(client, std::move(batch)));
  EXPECT_EQ(load(client, run(5)).status, core::RunStatus::completed);
  EXPECT_EQ(load(client, run(5)).suspended_reason, "");
}

TEST_P(StorageTest, AKeylessStartHasNoRequestHash) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  const ports::StoredRun stored = load(client, run(5));
  EXPECT_EQ(stored.head.idempotency_key, "");
  EXPECT_EQ(stored.head.queue, "");
  EXPECT_EQ(stored.head.correlation_id, "");
}

TEST_P(StorageTest, TheSecondStartOfAnIdLosesAndWritesNothing) {
  Client one = make_client(1), two = make_client(2);
  ASSERT_TRUE(commit(one, start(run(5))));
  ports::Start loser = start(run(5));
  loser.change.decision.events.push_back({2, core::EventType::task_completed, at(1), "/do/0/a", json::Value::object()});
  loser.change.now = 2;
  loser.change.decision.opened.push_back(wait(1, at(10)));
  ports::Batch batch;
  batch.starts.push_back(std::move(loser));
  batch.starts.push_back(start(run(6)));
  const CommitResult result = commit(two, std::move(batch));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(result->won, (std::vector<bool>{false, true}));
  EXPECT_EQ(load(two, run(5)).events.size(), 1U);
  EXPECT_EQ(load(two, run(6)).revision, 1U);
}

TEST_P(StorageTest, OneIdInTwoTenantsIsTwoRuns) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  const Uuid other = server_->make_tenant();
  const ports::StoredVersion version = server_->deploy(other, "test", "flow", "1.0.0", version_.source);
  ports::Start theirs = start({other, id(5)});
  theirs.head.definition = version.definition;
  theirs.head.version = version.version;
  const CommitResult result = commit(client, std::move(theirs));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_TRUE(result->won[0]);
}

TEST_P(StorageTest, AChangeMovesTheRunOn) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  ports::RunChange last = change(run(5), 1);
  last.status = core::RunStatus::completed;
  last.ended_at = at(1);
  last.epoch = 2;
  ASSERT_TRUE(commit(client, std::move(last)));
  const ports::StoredRun stored = load(client, run(5));
  EXPECT_EQ(stored.revision, 2U);
  EXPECT_EQ(stored.status, core::RunStatus::completed);
  EXPECT_EQ(stored.ended_at, at(1));
  ASSERT_EQ(stored.events.size(), 2U);
  EXPECT_EQ(stored.events[1].payload, json::Value::object({{"output", json::Value::integer(1)}}));
}

TEST_P(StorageTest, AChangeOfAnotherRevisionFailsAndTakesItsBatchAlong) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  ports::Batch batch;
  batch.starts.push_back(start(run(6)));
  batch.changes.push_back(change(run(5), 2));
  const CommitResult result = commit(client, std::move(batch));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(result.error().what, "run");
  EXPECT_EQ(result.error().sqlstate, "PW002");
  rollback(client);
  EXPECT_EQ(load(client, run(5)).revision, 1U);
  const auto neighbour =
      answer_of<std::optional<ports::StoredRun>>([&](auto then) { client.storage->load_run(run(6), std::move(then)); });
  ASSERT_TRUE(neighbour);
  EXPECT_FALSE(*neighbour);
  EXPECT_TRUE(commit(client, change(run(5), 1))) << "the session works again";
}

TEST_P(StorageTest, AChangeOfARunThatIsNotThereFails) {
  Client client = make_client(1);
  const CommitResult result = commit(client, change(run(5), 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::conflict);
}

TEST_P(StorageTest, WaitsAreClosedOnce) {
  Client client = make_client(1);
  ports::Start opening = start(run(5));
  opening.change.decision.opened = {wait(1, at(10)), wait(2, at(20))};
  ASSERT_TRUE(commit(client, std::move(opening)));
  ports::RunChange closing = change(run(5), 1);
  closing.decision.closed = {1};
  closing.decision.opened = {wait(3, at(30))};
  ASSERT_TRUE(commit(client, std::move(closing)));
  ports::RunChange again = change(run(5), 2);
  again.decision.closed = {3, 1};
  const CommitResult result = commit(client, std::move(again));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::conflict);
  EXPECT_EQ(result.error().what, "wait");
  rollback(client);
  ports::RunChange right = change(run(5), 2);
  right.decision.closed = {3, 2};
  EXPECT_TRUE(commit(client, std::move(right)));
}

TEST_P(StorageTest, TwoBatchesInFlightAreAnsweredInOrder) {
  Client client = make_client(1);
  ports::Batch first, second;
  first.starts.push_back(start(run(5)));
  second.changes.push_back(change(run(5), 1));
  std::vector<int> answers;
  const auto note = [&](int number) {
    return [&answers, number](CommitResult result) { answers.push_back(result ? number : -number); };
  };
  client.storage->commit(client.loop, std::move(first), note(1));
  client.storage->commit(client.loop, std::move(second), note(2));
  EXPECT_TRUE(answers.empty()) << "never before the call returned";
  ASSERT_TRUE(server_->run_until([&] { return answers.size() == 2; }));
  EXPECT_EQ(answers, (std::vector<int>{1, 2}));
  EXPECT_EQ(load(client, run(5)).revision, 2U);
}

TEST_P(StorageTest, WhatIsBehindAFailedBatchFailsToo) {
  Client client = make_client(1);
  ports::Batch first, second;
  first.changes.push_back(change(run(5), 1));  // there is no such run
  second.starts.push_back(start(run(6)));
  std::vector<CommitResult> answers;
  const auto note = [&](CommitResult result) { answers.push_back(std::move(result)); };
  client.storage->commit(client.loop, std::move(first), note);
  client.storage->commit(client.loop, std::move(second), note);
  ASSERT_TRUE(server_->run_until([&] { return answers.size() == 2; }));
  ASSERT_FALSE(answers[0] || answers[1]);
  EXPECT_EQ(answers[0].error().kind, Kind::conflict);
  EXPECT_EQ(answers[1].error().kind, Kind::again);
  EXPECT_EQ(answers[1].error().sqlstate, "25P02");
  rollback(client);
  const CommitResult result = commit(client, start(run(6)));
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->won[0]) << "the second batch had written nothing";
}

TEST_P(StorageTest, AReconnectedStorageCommitsUnderANewLoop) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  ASSERT_TRUE(answer_of<void>([&](Done<void> then) { client.storage->reconnect(std::move(then)); }));
  client.loop = id(3'000'000);
  ASSERT_TRUE(answer_of<void>(
      [&](Done<void> then) { client.storage->register_loop(client.loop, client.node, std::move(then)); }));
  EXPECT_TRUE(commit(client, change(run(5), 1)));
}

TEST_P(StorageTest, AKilledClientsBatchIsThereAsAWholeOrNotAtAll) {
  Client client = make_client(1), reader = make_client(2);
  ports::Batch batch;
  batch.starts.push_back(start(run(5)));
  batch.starts.push_back(start(run(6)));
  bool called = false;
  client.storage->commit(client.loop, std::move(batch), [&](CommitResult) { called = true; });
  client.storage.reset();
  ASSERT_TRUE(fence(reader, client.loop)) << "waits for it, if it is still at work";
  const auto there = [&](ports::RunKey key) {
    const auto loaded =
        answer_of<std::optional<ports::StoredRun>>([&](auto then) { reader.storage->load_run(key, std::move(then)); });
    return loaded && loaded->has_value();
  };
  const bool first = there(run(5));
  EXPECT_EQ(first, there(run(6)));
  EXPECT_FALSE(called);
}

}  // namespace
}  // namespace pawl::storage_suite
