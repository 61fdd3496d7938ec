// Loops, fences, takeover, renewal (engine-protocol.md section 5).
#include <algorithm>

#include "storage/suite.h"

namespace pawl::storage_suite {
namespace {

using Kind = ports::CommitFailure::Kind;

std::vector<ports::Lane> lanes_of(const std::vector<ports::OwnedLane>& owned) {
  std::vector<ports::Lane> lanes;
  for (const ports::OwnedLane& lane : owned) lanes.push_back(lane.lane);
  std::ranges::sort(lanes);
  return lanes;
}

const ports::LoopView* view_of(const std::vector<ports::LoopView>& views, Uuid loop) {
  const auto found = std::ranges::find(views, loop, &ports::LoopView::loop);
  return found == views.end() ? nullptr : &*found;
}

TEST_P(StorageTest, ALoopsIdIsNeverUsedAgain) {
  Client client = make_client(1);
  EXPECT_FALSE(answer_of<void>(
      [&](Done<void> then) { client.storage->register_loop(client.loop, client.node, std::move(then)); }));
}

TEST_P(StorageTest, ALoopNeedsItsNode) {
  const auto storage = server_->connect();
  EXPECT_FALSE(answer_of<void>([&](Done<void> then) { storage->register_loop(id(1), id(2), std::move(then)); }));
}

TEST_P(StorageTest, AnUnknownLoopCommitsNothing) {
  Client client = make_client(1);
  client.loop = id(9);
  const CommitResult result = commit(client, start(run(5)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::fenced);
  EXPECT_EQ(result.error().sqlstate, "PW001");
}

TEST_P(StorageTest, AFencedLoopCommitsNothing) {
  Client owner = make_client(1), taker = make_client(2);
  ASSERT_TRUE(commit(owner, start(run(5))));
  ASSERT_TRUE(fence(taker, owner.loop));
  const CommitResult result = commit(owner, start(run(6)));
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().kind, Kind::fenced);
  EXPECT_TRUE(commit(taker, start(run(6)))->won[0]);
  EXPECT_TRUE(fence(taker, owner.loop)) << "again is no error";
}

TEST_P(StorageTest, TheFenceWaitsForTheCommitInFlight) {
  Client owner = make_client(1), taker = make_client(2);
  ASSERT_TRUE(commit(owner, start(run(5))));
  auto held = server_->lock(run(5));  // so that the commit stands still behind its fence
  std::optional<CommitResult> committed;
  std::optional<Result<void>> fenced;
  ports::Batch batch;
  batch.starts.push_back(start(run(6)));
  batch.changes.push_back(change(run(5), 1));
  owner.storage->commit(owner.loop, std::move(batch),
                        [&](CommitResult result) { committed.emplace(std::move(result)); });
  // A reader cannot see that the commit has passed its fence; a round trip on another session makes it likely, and both
  // orders are right: a commit that comes after the fence fails.
  ASSERT_TRUE(renew(taker));
  taker.storage->fence_loop(owner.loop, [&](Result<void> result) { fenced.emplace(std::move(result)); });
  ASSERT_TRUE(renew(taker));
  held.reset();
  ASSERT_TRUE(server_->run_until([&] { return fenced && committed; }));
  ASSERT_TRUE(*fenced);
  const auto there =
      answer_of<std::optional<ports::StoredRun>>([&](auto then) { taker.storage->load_run(run(6), std::move(then)); });
  ASSERT_TRUE(there);
  EXPECT_EQ(committed->has_value(), there->has_value());
  if (!*committed) EXPECT_EQ(committed->error().kind, Kind::fenced);
}

TEST_P(StorageTest, LanesAreTakenFromWhoHasThem) {
  Client one = make_client(1), two = make_client(2);
  auto taken = take_lanes(one, std::nullopt, {7, 8, 9});
  ASSERT_TRUE(taken) << taken.error().detail;
  EXPECT_EQ(lanes_of(*taken), (std::vector<ports::Lane>{7, 8, 9}));
  EXPECT_TRUE(std::ranges::all_of(*taken, [](const ports::OwnedLane& lane) { return lane.epoch == 1; }));

  EXPECT_TRUE(take_lanes(two, std::nullopt, {7, 8})->empty()) << "they have an owner";
  ASSERT_TRUE(fence(two, one.loop));
  taken = take_lanes(two, one.loop, {8, 9, 10});
  ASSERT_TRUE(taken);
  EXPECT_EQ(lanes_of(*taken), (std::vector<ports::Lane>{8, 9}));
  EXPECT_TRUE(std::ranges::all_of(*taken, [](const ports::OwnedLane& lane) { return lane.epoch == 2; }));
  EXPECT_TRUE(take_lanes(two, one.loop, {8, 9})->empty()) << "taken already";
}

TEST_P(StorageTest, AFencedLoopTakesNoLanes) {
  Client one = make_client(1), two = make_client(2);
  ASSERT_TRUE(fence(two, one.loop));
  EXPECT_FALSE(take_lanes(one, std::nullopt, {7}));
  EXPECT_EQ(take_lanes(two, std::nullopt, {7})->size(), 1U);
}

TEST_P(StorageTest, RenewalTellsEveryLoopThatHasLanes) {
  Client one = make_client(1), two = make_client(2), idle = make_client(3);
  ASSERT_TRUE(take_lanes(one, std::nullopt, {7, 8}));
  ASSERT_TRUE(take_lanes(two, std::nullopt, {9}));
  auto views = renew(two);
  ASSERT_TRUE(views) << views.error().detail;
  EXPECT_EQ(view_of(*views, idle.loop), nullptr);
  const ports::LoopView* mine = view_of(*views, two.loop);
  const ports::LoopView* other = view_of(*views, one.loop);
  ASSERT_TRUE(mine && other);
  EXPECT_EQ(other->node, one.node);
  EXPECT_EQ(lanes_of(other->lanes), (std::vector<ports::Lane>{7, 8}));
  EXPECT_EQ(mine->lanes[0].epoch, 1U);
  EXPECT_TRUE(mine->live && other->live);
  EXPECT_FALSE(mine->owner_gone || other->owner_gone);

  ASSERT_TRUE(fence(two, one.loop));
  views = renew(two);
  ASSERT_TRUE(views);
  EXPECT_FALSE(view_of(*views, one.loop)->live);
  EXPECT_TRUE(view_of(*views, two.loop)->live);
}

TEST_P(StorageTest, ADeadProcessIsSeenAtOnce) {
  Client one = make_client(1), two = make_client(2);
  ASSERT_TRUE(take_lanes(one, std::nullopt, {7}));
  one.storage.reset();
  EXPECT_TRUE(server_->run_until([&] {
    const auto views = renew(two);
    const ports::LoopView* view = views ? view_of(*views, one.loop) : nullptr;
    return view && view->owner_gone;
  }));
}

TEST_P(StorageTest, AForgottenNodeOwnsNothingThatOthersWouldWaitFor) {
  Client one = make_client(1), two = make_client(2);
  ASSERT_TRUE(take_lanes(one, std::nullopt, {7}));
  ASSERT_TRUE(answer_of<void>([&](Done<void> then) { one.storage->forget_node(one.node, std::move(then)); }));
  const CommitResult late = commit(one, start(run(5)));
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, Kind::fenced);
  // Either ownerless, or its loop's and seen to be gone.
  const auto views = renew(two);
  ASSERT_TRUE(views);
  const ports::LoopView* view = view_of(*views, one.loop);
  if (view) EXPECT_TRUE(view->owner_gone || !view->live);
  const auto taken = take_lanes(two, view ? std::optional(one.loop) : std::nullopt, {7});
  ASSERT_TRUE(taken);
  ASSERT_EQ(taken->size(), 1U);
  EXPECT_GE(taken->front().epoch, 2U);
}

// The last commit lies between them, so that the times are compared with one that is known to be the database's.
TEST_P(StorageTest, RegistrationRenewalAndCommitTellOneTime) {
  const auto storage = server_->connect();
  const ports::NodeInfo node{id(77), "node", "", std::chrono::seconds{10}};
  const auto registered = answer_of<Time>([&](Done<Time> then) { storage->register_node(node, std::move(then)); });
  ASSERT_TRUE(registered) << registered.error().detail;
  Client client = make_client(1);
  const CommitResult committed = commit(client, start(run(5)));
  ASSERT_TRUE(committed);
  const auto renewed = answer_of<ports::Renewal>([&](auto then) { storage->renew(node.node, std::move(then)); });
  ASSERT_TRUE(renewed) << renewed.error().detail;
  EXPECT_LE(*registered, committed->database_time);
  EXPECT_LE(committed->database_time, renewed->database_time);
  EXPECT_LT(renewed->database_time - *registered, std::chrono::minutes{1});
}

TEST_P(StorageTest, ANodeThatIsNotRegisteredIsNotRenewed) {
  Client client = make_client(1);
  client.node = id(77);
  EXPECT_FALSE(renew(client));
}

}  // namespace
}  // namespace pawl::storage_suite
