#include "engine/call_queue.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

Uuid id(std::uint8_t n) {
  Uuid made;
  made.bytes[0] = n;
  return made;
}

Queue::Place place(std::uint8_t n) { return Queue::place(Time{std::chrono::seconds(n)}, 5, id(n)); }

class CallQueueTest : public testing::Test {
 protected:
  void push(const Uuid& tenant, std::uint8_t from, std::uint8_t to) {
    for (std::uint8_t n = from; n <= to; ++n) queue_.push(tenant, place(n));
  }
  static std::optional<ports::InvocationKey> take(CallQueue& queue) {
    const auto next = queue.next();
    if (next) queue.remove(next->tenant, place(next->invocation.bytes[0]));
    return next;
  }
  // Calls whatever may be called; how many of each tenant have left.
  std::size_t call_all(CallQueue& queue, const Uuid& counted) {
    std::size_t count = 0;
    while (const auto next = take(queue)) {
      queue.called(next->tenant);
      if (next->tenant == counted) ++count;
    }
    return count;
  }

  std::vector<std::size_t> woken_;
  CallPlaces places_{32, 20, [this](std::size_t loop) { woken_.push_back(loop); }};  // 8 of them for first calls
  CallQueue queue_{places_, 0}, other_{places_, 1};
  const Uuid a_ = id(100), b_ = id(200);
};

TEST_F(CallQueueTest, TenantsTakeTurnsAndEachGoesByAge) {
  queue_.push(a_, place(3));
  push(a_, 1, 2);
  queue_.push(b_, place(4));
  EXPECT_EQ(take(queue_)->invocation, id(1));
  EXPECT_EQ(take(queue_)->invocation, id(4));
  EXPECT_EQ(take(queue_)->invocation, id(2));
  EXPECT_EQ(take(queue_)->invocation, id(3));
  EXPECT_FALSE(take(queue_));
  EXPECT_TRUE(queue_.empty());
}

TEST_F(CallQueueTest, WhatIsNotTakenStaysAndItsTenantHasHadItsTurn) {
  push(a_, 1, 2);
  push(b_, 3, 3);
  EXPECT_EQ(queue_.next()->invocation, id(1));
  EXPECT_EQ(queue_.next()->invocation, id(3));
  EXPECT_EQ(queue_.next()->invocation, id(1));
  EXPECT_EQ(queue_.waiting(a_), 2U);
}

TEST_F(CallQueueTest, WhatIsRemovedIsNotCalled) {
  push(a_, 1, 3);
  EXPECT_EQ(queue_.last(a_), place(3));
  queue_.remove(a_, place(3));
  queue_.remove(a_, place(1));
  queue_.remove(b_, place(1));
  EXPECT_EQ(queue_.waiting(a_), 1U);
  EXPECT_EQ(take(queue_)->invocation, id(2));
  EXPECT_EQ(queue_.last(a_), std::nullopt);
  EXPECT_TRUE(queue_.empty());
}

// 24 places beside the reserve: twelve out leave twelve free.
TEST_F(CallQueueTest, ATenantHasNoMoreOutThanItLeavesFree) {
  push(a_, 1, 30);
  EXPECT_EQ(call_all(queue_, a_), 12U);
  EXPECT_EQ(queue_.out(), 12U);
  push(b_, 1, 30);
  EXPECT_EQ(call_all(queue_, b_), 6U);
  queue_.ended(b_);
  EXPECT_EQ(call_all(queue_, a_), 0U);  // it has more than its share now
  EXPECT_EQ(call_all(queue_, b_), 0U);  // it was taken by the line above
  EXPECT_EQ(queue_.out(), 18U);
}

TEST_F(CallQueueTest, ATenantNeverHasMoreThanItsBound) {
  CallPlaces many(1'000, 20, [](std::size_t) {});
  CallQueue queue(many, 0);
  for (std::uint8_t n = 1; n <= 30; ++n) queue.push(a_, place(n));
  EXPECT_EQ(call_all(queue, a_), 20U);
}

TEST_F(CallQueueTest, ThereIsAPlaceForTheFirstCallOfManyOneAfterTheOther) {
  for (std::uint8_t tenant = 1; tenant <= 10; ++tenant) {
    push(id(tenant), 1, 30);
    EXPECT_GE(call_all(queue_, id(tenant)), 1U) << int{tenant};
  }
  other_.push(b_, place(1));
  EXPECT_EQ(call_all(other_, b_), 1U);
}

TEST_F(CallQueueTest, WhenAllPlacesAreOutTheNextOneGoesToWhoHasNone) {
  for (std::uint8_t tenant = 1; tenant <= 50; ++tenant) push(id(tenant), 1, 3);
  call_all(queue_, a_);
  ASSERT_TRUE(places_.full());
  other_.push(b_, place(1));
  EXPECT_FALSE(take(other_));
  EXPECT_TRUE(woken_.empty());
  queue_.ended(id(1));
  EXPECT_EQ(woken_, (std::vector<std::size_t>{0, 1}));
  EXPECT_FALSE(places_.has_one_for(id(2)));
  EXPECT_EQ(take(other_)->tenant, b_);
}

TEST_F(CallQueueTest, ClearGivesBackWhatIsOut) {
  push(a_, 1, 30);
  call_all(queue_, a_);
  queue_.clear();
  EXPECT_EQ(queue_.out(), 0U);
  EXPECT_TRUE(queue_.empty());
  other_.push(a_, place(1));
  for (std::uint8_t n = 1; n <= 30; ++n) other_.push(a_, place(n));
  EXPECT_EQ(call_all(other_, a_), 12U);
}

TEST_F(CallQueueTest, WhatHasSpilledIsKnownUntilAPassThatBeganLaterHasEnded) {
  queue_.spilled(a_, 3);  // in the third pass: the fourth finds it
  EXPECT_TRUE(queue_.has_spilled(a_));
  EXPECT_EQ(queue_.spilled_after(3), (std::vector<Uuid>{a_}));
  EXPECT_TRUE(queue_.spilled_after(4).empty());
  EXPECT_FALSE(queue_.has_spilled(a_));
}

}  // namespace
}  // namespace pawl::engine
