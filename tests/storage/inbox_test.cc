// The inbox: what applications ask for is seen, once, and goes with the commit of what came of it; the doorbell.
#include <algorithm>

#include "storage/suite.h"

namespace pawl::storage_suite {
namespace {

using ports::InboxKind;

TEST_P(InboxTest, IsReadByLaneInWindows) {
  for (const char* reason : {"one", "two", "three"}) server_->cancel(run(5), reason);
  EXPECT_TRUE(read({4, 6}).rows.empty());
  const ports::InboxPage first = read({5}, {}, 2);
  ASSERT_EQ(first.rows.size(), 2U);
  EXPECT_EQ(first.rows[0].run, run(5).run);
  EXPECT_EQ(first.rows[0].kind, InboxKind::cancel);
  EXPECT_LT(first.rows[0].key.id, first.rows[1].key.id);
  EXPECT_FALSE(first.rows[0].content);
  ASSERT_TRUE(first.next);
  const ports::InboxPage second = read({5}, first.next, 2);
  ASSERT_EQ(second.rows.size(), 1U);
  EXPECT_FALSE(second.next);
  std::vector<std::string> reasons;
  for (const auto& page : {first, second}) {
    for (const auto& row : page.rows) reasons.emplace_back(row.payload.find("reason")->text());
  }
  std::ranges::sort(reasons);
  EXPECT_EQ(reasons, (std::vector<std::string>{"one", "three", "two"}));
}

TEST_P(InboxTest, ARowGoesOnceWithItsCommit) {
  server_->cancel(run(5), "enough");
  const ports::InboxPage page = read();
  ASSERT_EQ(page.rows.size(), 1U);
  ports::Batch batch;
  batch.changes.push_back(change(run(5), 1));
  batch.inbox.push_back(page.rows[0].key);
  ASSERT_TRUE(commit(client, std::move(batch)));
  EXPECT_TRUE(read().rows.empty());

  ports::Batch again;
  again.changes.push_back(change(run(5), 2));
  again.inbox.push_back(page.rows[0].key);
  const CommitResult refused = commit(client, std::move(again));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ports::CommitFailure::Kind::conflict);
  EXPECT_EQ(refused.error().what, "inbox");
  rollback(client);
  EXPECT_EQ(load(client, run(5)).revision, 2U);
}

TEST_P(InboxTest, ACompletionIsAcceptedOnceAndOnlyItMayEndItsTask) {
  ASSERT_TRUE(claim(0).value().claims[0]);
  EXPECT_FALSE(server_->complete(key, 1, 2)) << "a lease that was never granted";
  ASSERT_TRUE(claim(1).value().claims[0]);
  EXPECT_FALSE(server_->complete(key, 1, 1)) << "the former lease";
  EXPECT_TRUE(server_->complete(key, 1, 2));
  EXPECT_TRUE(server_->complete(key, 1, 2)) << "repeated";
  EXPECT_EQ(load(client, key).status, ports::InvocationStatus::completing);
  const ports::InboxPage page = read();
  ASSERT_EQ(page.rows.size(), 1U);
  EXPECT_EQ(page.rows[0].kind, InboxKind::complete);
  EXPECT_EQ(page.rows[0].payload.find("invocation")->text(), key.invocation.text());
  EXPECT_EQ(page.rows[0].payload.find("attempt")->integer(), 1);
  EXPECT_EQ(page.rows[0].payload.find("lease")->integer(), 2);
  EXPECT_EQ(page.rows[0].content, json::Value("done"));

  ports::RunChange cancels = change(run(5), 1);
  cancels.decision.resolved.push_back({key.invocation, 1, core::Resolved::How::revoked});
  const CommitResult refused = commit(client, cancels);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().what, "invocation");
  rollback(client);

  ports::RunChange completes = change(run(5), 1);
  completes.decision.resolved.push_back({key.invocation, 1, core::Resolved::How::completed});
  completes.accepted.push_back(key.invocation);
  ASSERT_TRUE(commit(client, std::move(completes)));
  EXPECT_EQ(load(client, key).status, ports::InvocationStatus::resolved);
  EXPECT_TRUE(server_->complete(key, 1, 2)) << "repeated after the end";
}

TEST_P(InboxTest, WhoSleepsIsRung) {
  ASSERT_TRUE(take_lanes(client, {}, {5}));
  int rings = 0;
  client.storage->listen(client.loop, [&] { ++rings; });
  ASSERT_TRUE(server_->run_until([&] { return rings == 1; })) << "it may have missed one";
  ASSERT_TRUE(arm(true));
  server_->cancel(run(5), "enough");
  ASSERT_TRUE(server_->run_until([&] { return rings == 2; }));
  ASSERT_TRUE(arm(false));
  server_->cancel(run(5), "enough");
  ASSERT_TRUE(arm(true));
  server_->cancel(run(5), "enough");
  ASSERT_TRUE(server_->run_until([&] { return rings == 3; }));
  EXPECT_EQ(rings, 3) << "nobody rang while it was awake";
}

}  // namespace
}  // namespace pawl::storage_suite
