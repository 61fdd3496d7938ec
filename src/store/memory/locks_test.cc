#include "store/memory/locks.h"

#include <gtest/gtest.h>

namespace pawl::store::memory {
namespace {

RowId row(std::uint32_t number) { return {RowId::Table::runs, {}, {}, number}; }

struct LocksTest : testing::Test {
  std::vector<TransactionId> woken;
  Locks locks{[this](TransactionId transaction) { woken.push_back(transaction); }};
};

TEST_F(LocksTest, SharesAreCompatibleWithEachOtherOnly) {
  EXPECT_TRUE(locks.acquire(1, row(1), LockMode::share));
  EXPECT_TRUE(locks.acquire(2, row(1), LockMode::share));
  EXPECT_FALSE(locks.acquire(3, row(1), LockMode::exclusive));
  EXPECT_TRUE(locks.acquire(3, row(2), LockMode::exclusive));
  EXPECT_FALSE(locks.acquire(1, row(2), LockMode::share));
}

TEST_F(LocksTest, ReleaseWakesWaitersWhoThenAskAgain) {
  ASSERT_TRUE(locks.acquire(1, row(1), LockMode::exclusive));
  ASSERT_FALSE(locks.acquire(2, row(1), LockMode::share));
  locks.wait(2, row(1));
  EXPECT_TRUE(woken.empty());
  locks.release_all(1);
  EXPECT_EQ(woken, std::vector<TransactionId>{2});
  EXPECT_TRUE(locks.acquire(2, row(1), LockMode::share));
}

TEST_F(LocksTest, OnlyTheHolderCanMakeItsShareExclusive) {
  ASSERT_TRUE(locks.acquire(1, row(1), LockMode::share));
  EXPECT_TRUE(locks.acquire(1, row(1), LockMode::exclusive));
  EXPECT_FALSE(locks.acquire(2, row(1), LockMode::share));
}

TEST_F(LocksTest, SeesACycleOfWaits) {
  ASSERT_TRUE(locks.acquire(1, row(1), LockMode::exclusive));
  ASSERT_TRUE(locks.acquire(2, row(2), LockMode::exclusive));
  ASSERT_FALSE(locks.acquire(1, row(2), LockMode::exclusive));
  locks.wait(1, row(2));
  EXPECT_FALSE(locks.deadlocked(1));
  ASSERT_FALSE(locks.acquire(2, row(1), LockMode::exclusive));
  locks.wait(2, row(1));
  EXPECT_TRUE(locks.deadlocked(1));
  EXPECT_TRUE(locks.deadlocked(2));
  locks.stop_waiting(2);
  EXPECT_FALSE(locks.deadlocked(1));
}

TEST_F(LocksTest, NothingIsLeftOfWhatWasReleased) {
  ASSERT_TRUE(locks.acquire(1, row(1), LockMode::exclusive));
  ASSERT_TRUE(locks.acquire(1, row(2), LockMode::share));
  locks.release(1, row(1));
  EXPECT_EQ(locks.size(), 1U);
  locks.release_all(1);
  EXPECT_EQ(locks.size(), 0U);
}

}  // namespace
}  // namespace pawl::store::memory
