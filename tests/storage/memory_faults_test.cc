// How the model fails: what the conformance suite cannot order from a real server (engine-protocol.md section 12).
#include "storage/memory_server.h"
#include "store/sqlstate.h"

namespace pawl::storage_suite {
namespace {

using Kind = ports::CommitFailure::Kind;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;
using When = Point::When;

class MemoryFaultsTest : public StorageTest {
 protected:
  MemoryServer& memory() { return static_cast<MemoryServer&>(*server_); }

  // Once, when a script reaches that place.
  void inject(std::string_view script, When when, std::string_view statement, Fault fault) {
    memory().database.set_hook([=, done = false](const Point& point) mutable -> Fault {
      if (done || point.script != script || point.when != when || (!statement.empty() && point.statement != statement))
        return {};
      done = true;
      return fault;
    });
  }

  std::vector<CommitResult> commit_both(Client& client, ports::Batch first, ports::Batch second) {
    std::vector<CommitResult> answers;
    const auto note = [&](CommitResult result) { answers.push_back(std::move(result)); };
    client.storage->commit(client.loop, std::move(first), note);
    client.storage->commit(client.loop, std::move(second), note);
    EXPECT_TRUE(server_->run_until([&] { return answers.size() == 2; }));
    return answers;
  }

  ports::Batch starting(std::uint64_t number) const {
    ports::Batch batch;
    batch.starts.push_back(start(run(number)));
    return batch;
  }

  bool there(std::uint64_t number) { return memory().database.tables().runs.contains(run(number)); }
};

TEST_P(MemoryFaultsTest, AFailedStatementAbortsTheSessionAndWhatIsBehindIt) {
  Client client = make_client(1);
  inject("commit", When::before_statement, "starts", {.sqlstate = "40001"});
  const auto answers = commit_both(client, starting(5), starting(6));
  EXPECT_EQ(answers[0].error().kind, Kind::again);
  EXPECT_EQ(answers[1].error().sqlstate, "25P02");
  EXPECT_FALSE(there(5) || there(6));
  rollback(client);
  EXPECT_TRUE(commit(client, starting(6)));
}

TEST_P(MemoryFaultsTest, AnErrorAtCommitLeavesTheSessionIdleAndTheNextBatchCommits) {
  Client client = make_client(1);
  inject("commit", When::before_commit, "", {.sqlstate = "40001"});
  const auto answers = commit_both(client, starting(5), starting(6));
  EXPECT_EQ(answers[0].error().kind, Kind::again);
  EXPECT_TRUE(answers[1]);
  EXPECT_FALSE(there(5));
  EXPECT_TRUE(there(6));
}

TEST_P(MemoryFaultsTest, ACutConnectionLeavesTheBackendWhichCommits) {
  Client client = make_client(1);
  inject("commit", When::after_statement, "fence", {.cut = true, .stop = seconds{1}});
  const auto answers = commit_both(client, starting(5), starting(6));
  EXPECT_EQ(answers[0].error().kind, Kind::unknown);
  EXPECT_EQ(answers[1].error().kind, Kind::unknown);
  EXPECT_FALSE(there(5)) << "not yet";
  EXPECT_TRUE(server_->run_until([&] { return there(5) && there(6); }));
}

TEST_P(MemoryFaultsTest, ALostAnswerIsUnknownThoughCommitted) {
  Client client = make_client(1);
  inject("commit", When::after_commit, "", {.cut = true});
  const CommitResult result = commit(client, starting(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::unknown);
  EXPECT_TRUE(there(5));
}

TEST_P(MemoryFaultsTest, ADyingBackendRollsBack) {
  Client client = make_client(1), other = make_client(2);
  inject("commit", When::before_commit, "", {.die = true});
  const CommitResult result = commit(client, starting(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::unknown);
  EXPECT_FALSE(there(5));
  EXPECT_TRUE(commit(other, starting(5))->won[0]) << "its locks are gone";
}

TEST_P(MemoryFaultsTest, ACommitThatNobodyAnswersCountsAsLost) {
  Client client = make_client(1);
  inject("commit", When::before_commit, "", {.stop = seconds{30}});
  const CommitResult result = commit(client, starting(5));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::unknown);
  EXPECT_TRUE(server_->run_until([&] { return there(5); })) << "and commits later";
}

TEST_P(MemoryFaultsTest, TheFenceEndsABackendThatStandsStill) {
  Client owner = make_client(1), taker = make_client(2);
  inject("commit", When::after_statement, "fence", {.cut = true, .stop = std::chrono::hours{1}});
  ASSERT_FALSE(commit(owner, starting(5)));
  const Time before = memory().scheduler.now();
  ASSERT_TRUE(fence(taker, owner.loop));
  EXPECT_LT(memory().scheduler.now() - before, seconds{4});
  EXPECT_GE(memory().scheduler.now() - before, seconds{2}) << "after the lock's time-out";
  EXPECT_TRUE(commit(taker, starting(5))->won[0]);
}

TEST_P(MemoryFaultsTest, ALockWaitEndsWithItsTimeout) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, starting(5)));
  const auto held = server_->lock(run(5));
  const CommitResult result = commit(client, change(run(5), 1));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().sqlstate, "55P03");
  EXPECT_EQ(result.error().kind, Kind::again);
}

TEST_P(MemoryFaultsTest, ADeadlockEndsOneOfTheTwo) {
  Client one = make_client(1), two = make_client(2);
  ASSERT_TRUE(commit(one, starting(5)));
  ASSERT_TRUE(commit(one, starting(6)));
  std::vector<CommitResult> answers;
  const auto note = [&](CommitResult result) { answers.push_back(std::move(result)); };
  const auto held = server_->lock(run(5));  // until both wait for it, or hold the other row
  for (Client* client : {&one, &two}) {
    ports::Batch batch;
    batch.changes.push_back(change(run(client == &one ? 5 : 6), 1));
    batch.changes.push_back(change(run(client == &one ? 6 : 5), 1));
    client->storage->commit(client->loop, std::move(batch), note);
  }
  ASSERT_TRUE(server_->run_until([&] { return answers.size() == 2; }));
  EXPECT_FALSE(answers[0] && answers[1]);
}

TEST_P(MemoryFaultsTest, TwoStartsOfOneIdInOneInstantHaveOneWinner) {
  Client one = make_client(1), two = make_client(2);
  std::vector<CommitResult> answers;
  const auto note = [&](CommitResult result) { answers.push_back(std::move(result)); };
  one.storage->commit(one.loop, starting(5), note);
  two.storage->commit(two.loop, starting(5), note);
  ASSERT_TRUE(server_->run_until([&] { return answers.size() == 2; }));
  ASSERT_TRUE(answers[0] && answers[1]);
  EXPECT_NE(answers[0]->won[0], answers[1]->won[0]);
  EXPECT_EQ(memory().database.tables().events.at(run(5)).size(), 1U);
}

TEST_P(MemoryFaultsTest, AStartWaitsForTheOtherAndWinsWhenThatRollsBack) {
  Client one = make_client(1), two = make_client(2);
  inject("commit", When::after_statement, "starts", {.stop = seconds{1}, .die = true});
  std::optional<CommitResult> first, second;
  one.storage->commit(one.loop, starting(5), [&](CommitResult result) { first.emplace(std::move(result)); });
  ASSERT_FALSE(memory().scheduler.run_until([&] { return first.has_value(); }, std::chrono::milliseconds{50}));
  two.storage->commit(two.loop, starting(5), [&](CommitResult result) { second.emplace(std::move(result)); });
  ASSERT_TRUE(server_->run_until([&] { return first && second; }));
  EXPECT_FALSE(*first);
  ASSERT_TRUE(*second);
  EXPECT_TRUE((*second)->won[0]);
}

TEST_P(MemoryFaultsTest, ACrashOfTheServerLosesEverySessionAndNothingCommitted) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, starting(5)));
  std::optional<CommitResult> answer;
  client.storage->commit(client.loop, starting(6), [&](CommitResult result) { answer.emplace(std::move(result)); });
  memory().database.crash();
  ASSERT_TRUE(server_->run_until([&] { return answer.has_value(); }));
  EXPECT_EQ(answer->error().kind, Kind::unknown);
  EXPECT_TRUE(there(5));
  EXPECT_FALSE(there(6));
  const CommitResult broken = commit(client, starting(7));
  EXPECT_EQ(broken.error().kind, Kind::unknown) << "the connection stays lost";
  ASSERT_TRUE(answer_of<void>([&](Done<void> then) { client.storage->reconnect(std::move(then)); }));
  client.loop = id(3'000'000);
  ASSERT_TRUE(answer_of<void>(
      [&](Done<void> then) { client.storage->register_loop(client.loop, client.node, std::move(then)); }));
  EXPECT_TRUE(commit(client, starting(7)));
}

TEST_P(MemoryFaultsTest, ALeaseLapsesByTheServersClock) {
  Client one = make_client(1), two = make_client(2);
  ASSERT_TRUE(take_lanes(one, std::nullopt, {7}));
  ASSERT_TRUE(renew(one));
  EXPECT_FALSE(renew(two)->at(0).owner_gone);
  memory().database.set_clock_offset(seconds{11});
  EXPECT_TRUE(renew(two)->at(0).owner_gone);
}

INSTANTIATE_TEST_SUITE_P(Memory, MemoryFaultsTest,
                         testing::Values(Factory{"memory", [] { return std::make_unique<MemoryServer>(); }}),
                         [](const auto& factory) { return factory.param.name; });

TEST(Sqlstate, IsSortedAsTheProtocolSays) {
  using store::classify;
  for (const char* state : {"", "57P01", "57P02", "08006"}) EXPECT_EQ(classify(state), Kind::unknown) << state;
  EXPECT_EQ(classify("PW001"), Kind::fenced);
  EXPECT_EQ(classify("PW002"), Kind::conflict);
  for (const char* state : {"40001", "40P01", "55P03", "57014", "25P02", "23514"})
    EXPECT_EQ(classify(state), Kind::again) << state;
  for (const char* state : {"53100", "53300", "25006", "58030"}) EXPECT_EQ(classify(state), Kind::full) << state;
  for (const char* state : {"21000", "22P05", "22021", "23505", "54000"})
    EXPECT_EQ(classify(state), Kind::data) << state;
  for (const char* state : {"42P01", "XX000", "28000", "PW003"}) EXPECT_EQ(classify(state), Kind::other) << state;
}

}  // namespace
}  // namespace pawl::storage_suite
