// Invocations: counted decisions, claims, extensions, late results, rows that a user's transaction holds.
#include "storage/suite.h"

namespace pawl::storage_suite {
namespace {

using Kind = ports::CommitFailure::Kind;
using ports::InvocationStatus;
using ports::Resolution;
using How = core::Resolved::How;
using std::chrono::minutes;

TEST_P(InvocationTest, ARequestedInvocationIsReady) {
  const ports::StoredInvocation stored = load(client, key);
  EXPECT_EQ(stored.key, key);
  EXPECT_EQ(stored.run, id(5));
  EXPECT_EQ(stored.status, InvocationStatus::ready);
  EXPECT_EQ(stored.resolution, Resolution::none);
  EXPECT_EQ(stored.attempt, 1U);
  EXPECT_EQ(stored.lease, 0U);
  EXPECT_EQ(stored.deaths, 0U);
  EXPECT_EQ(stored.path, "/do/0/a");
  EXPECT_EQ(stored.queue, "default");
  EXPECT_EQ(stored.action, "shop.charge");
  EXPECT_EQ(stored.version, "1.0.0");
  EXPECT_EQ(stored.idempotency_key, "key of " + key.invocation.text());
  EXPECT_EQ(stored.worker, "");
  EXPECT_EQ(stored.priority, 7) << "the run's";
  EXPECT_EQ(stored.event_seq, 1U);
  EXPECT_EQ(stored.event_ts, at(0));
  EXPECT_FALSE(stored.leased_until);
  EXPECT_EQ(load(client, run(5)).invocations.size(), 1U);
}

TEST_P(InvocationTest, AnUnknownInvocationIsNone) {
  const auto loaded = answer_of<std::optional<ports::StoredInvocation>>(
      [&](auto then) { client.storage->load_invocation(invocation(77), std::move(then)); });
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

TEST_P(InvocationTest, AResultResolvesItOnce) {
  ASSERT_TRUE(commit(client, resolving(1, How::completed)));
  EXPECT_EQ(load(client, key).status, InvocationStatus::resolved);
  EXPECT_EQ(load(client, key).resolution, Resolution::completed);
  EXPECT_TRUE(load(client, run(5)).invocations.empty());
  const CommitResult again = commit(client, resolving(2, How::failed));
  ASSERT_FALSE(again);
  EXPECT_EQ(again.error().kind, Kind::conflict);
  EXPECT_EQ(again.error().what, "invocation");
}

TEST_P(InvocationTest, OfAnotherAttemptIsNotResolved) {
  const CommitResult result = commit(client, resolving(1, How::completed, 2));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "invocation");
}

TEST_P(InvocationTest, EachClaimHasALeaseNumberOfItsOwn) {
  const CommitResult first = claim(0, Microseconds{0});
  ASSERT_TRUE(first) << first.error().message;
  ASSERT_TRUE(first->claims[0]);
  EXPECT_EQ(first->claims[0]->lease, 1U);
  EXPECT_EQ(first->claims[0]->deaths, 1U);
  EXPECT_EQ(load(client, key).status, InvocationStatus::leased);
  EXPECT_EQ(load(client, key).worker, "worker 0");

  const CommitResult second = claim(1);  // the first has lapsed at once
  ASSERT_TRUE(second && second->claims[0]);
  EXPECT_EQ(second->claims[0]->lease, 2U);
  EXPECT_EQ(second->claims[0]->deaths, 2U);
  EXPECT_GE(second->claims[0]->leased_until, second->database_time + minutes{1} - std::chrono::seconds{1});
  EXPECT_EQ(load(client, key).leased_until, second->claims[0]->leased_until);
}

TEST_P(InvocationTest, AClaimInThePlaceOfOneThatNeverArrivedIsNoDeath) {
  ASSERT_TRUE(claim(0)->claims[0]);
  ports::Batch batch;
  batch.claims.push_back({key, 1, 1, "worker", minutes{1}, false});
  const CommitResult again = commit(client, std::move(batch));
  ASSERT_TRUE(again && again->claims[0]);
  EXPECT_EQ(again->claims[0]->lease, 2U);
  EXPECT_EQ(again->claims[0]->deaths, 1U);
  EXPECT_EQ(load(client, key).deaths, 1U);
}

TEST_P(InvocationTest, AClaimOfWhatSomebodyElseGotIsRefused) {
  ASSERT_TRUE(claim(0));
  const CommitResult second = claim(0);
  ASSERT_TRUE(second) << "a refused claim does not fail the batch";
  EXPECT_FALSE(second->claims[0]);
  EXPECT_EQ(load(client, key).lease, 1U);
}

TEST_P(InvocationTest, AClaimOfWhatIsResolvedOrOfAnotherAttemptIsRefused) {
  EXPECT_FALSE(claim(0, minutes{1}, 2)->claims[0]);
  ASSERT_TRUE(commit(client, resolving(1, How::revoked)));
  EXPECT_FALSE(claim(0)->claims[0]);
  EXPECT_EQ(load(client, key).resolution, Resolution::revoked);
}

TEST_P(InvocationTest, TheNewestLeaseIsExtended) {
  ASSERT_TRUE(claim(0, Microseconds{0}));
  ASSERT_TRUE(claim(1));
  EXPECT_FALSE(extend(1)->extensions[0]) << "the older";
  const CommitResult extended = extend(2);
  ASSERT_TRUE(extended && extended->extensions[0]);
  EXPECT_EQ(extended->extensions[0]->lease, 2U);
  EXPECT_EQ(extended->extensions[0]->deaths, 2U);
  EXPECT_GE(extended->extensions[0]->leased_until, extended->database_time + minutes{5} - std::chrono::seconds{1});
  EXPECT_EQ(extend(2, true)->extensions[0]->deaths, 0U) << "progress was made";
  EXPECT_EQ(load(client, key).deaths, 0U);
}

TEST_P(InvocationTest, NothingToExtendOnceResolved) {
  ASSERT_TRUE(claim(0));
  ASSERT_TRUE(commit(client, resolving(1, How::completed)));
  EXPECT_FALSE(extend(1)->extensions[0]);
}

TEST_P(InvocationTest, AnotherAttemptReopensTheRowAndKeepsItsLease) {
  ASSERT_TRUE(claim(0));
  ASSERT_TRUE(commit(client, resolving(1, How::failed)));
  const CommitResult reopened = commit(client, reopening(2, 2));
  ASSERT_TRUE(reopened) << reopened.error().message;
  const ports::StoredInvocation stored = load(client, key);
  EXPECT_EQ(stored.status, InvocationStatus::ready);
  EXPECT_EQ(stored.resolution, Resolution::none);
  EXPECT_EQ(stored.attempt, 2U);
  EXPECT_EQ(stored.lease, 1U);
  EXPECT_EQ(stored.deaths, 0U);
  EXPECT_EQ(stored.event_seq, 3U);
  EXPECT_EQ(stored.event_ts, at(2));
  EXPECT_EQ(stored.worker, "");
  EXPECT_FALSE(stored.leased_until);
  EXPECT_EQ(claim(1, minutes{1}, 2)->claims[0]->lease, 2U);
}

TEST_P(InvocationTest, OneDecisionMayResolveAnAttemptAndOpenTheNext) {
  ports::RunChange both = resolving(1, How::failed);
  both.decision.requested = reopening(1, 2).decision.requested;
  const CommitResult result = commit(client, std::move(both));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(load(client, key).attempt, 2U);
  EXPECT_EQ(load(client, key).status, InvocationStatus::ready);
}

TEST_P(InvocationTest, WhatIsOpenIsNotReopened) {
  const CommitResult result = commit(client, reopening(1, 2));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().what, "invocation");
}

TEST_P(InvocationTest, ALateResultIsRemembered) {
  ASSERT_TRUE(claim(0));
  ASSERT_TRUE(commit(client, resolving(1, How::revoked)));
  ports::Batch batch;
  batch.changes.push_back(change(run(5), 2));
  batch.late.push_back({key, 1, 1});
  const CommitResult result = commit(client, std::move(batch));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(load(client, key).status, InvocationStatus::resolved);
  EXPECT_EQ(load(client, key).resolution, Resolution::late);
}

TEST_P(InvocationTest, AQuarantinedRowIsNotOfferedAgain) {
  ASSERT_TRUE(claim(0, Microseconds{0}));
  ports::Batch batch;
  batch.changes.push_back(resolving(1, How::failed));
  batch.quarantines.push_back({key, 1});
  const CommitResult result = commit(client, std::move(batch));
  ASSERT_TRUE(result) << result.error().message;
  EXPECT_EQ(load(client, key).status, InvocationStatus::quarantined);
  EXPECT_FALSE(claim(1)->claims[0]);
}

TEST_P(InvocationTest, AUsersLockIsSkippedNotWaitedFor) {
  const ports::InvocationKey neighbour = invocation(5 + 2 * 4096);
  ports::RunChange opening = change(run(5), 1);
  opening.decision.requested.push_back(request(neighbour, 2));
  ASSERT_TRUE(commit(client, std::move(opening)));

  auto held = server_->lock(key);
  ports::Batch claims;
  claims.claims.push_back({key, 1, 0, "worker", minutes{1}});
  claims.claims.push_back({neighbour, 1, 0, "worker", minutes{1}});
  const CommitResult claimed = commit(client, std::move(claims));
  ASSERT_TRUE(claimed) << claimed.error().message;
  EXPECT_FALSE(claimed->claims[0]);
  EXPECT_TRUE(claimed->claims[1]);

  const CommitResult refused = commit(client, resolving(2, How::revoked));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, Kind::conflict);
  EXPECT_EQ(refused.error().what, "invocation");
  rollback(client);
  held.reset();
  EXPECT_TRUE(commit(client, resolving(2, How::revoked)));
}

}  // namespace
}  // namespace pawl::storage_suite
