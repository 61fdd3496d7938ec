#include "engine/shares.h"

#include <gtest/gtest.h>

#include <map>

namespace pawl::engine {
namespace {

Uuid id(std::uint8_t n) {
  Uuid made;
  made.bytes[0] = n;
  return made;
}

using Of = std::map<std::pair<Uuid, std::string>, std::size_t>;

class SharesTest : public testing::Test {
 protected:
  void fill(const Uuid& tenant, const std::string& queue, std::size_t count) {
    for (std::size_t i = 0; i < count; ++i) shares_.enter(tenant, queue);
  }
  // What is cut, and goes.
  Of cut() {
    Of all;
    for (const Shares::Cut& cut : shares_.cuts()) {
      all[{cut.tenant, cut.queue}] = cut.count;
      for (std::size_t i = 0; i < cut.count; ++i) shares_.leave(cut.tenant, cut.queue);
    }
    return all;
  }

  Shares shares_{80};  // of which 70 are kept in a cut
  const Uuid a_ = id(1), b_ = id(2), c_ = id(3);
};

TEST(FairLevel, IsWhatEachMayKeep) {
  EXPECT_EQ(fair_level({10, 10, 10}, 30), 10U);  // all fit
  EXPECT_EQ(fair_level({10, 10, 10}, 29), 9U);
  EXPECT_EQ(fair_level({2, 100, 50}, 30), 14U);  // 2, and 28 for two
  EXPECT_EQ(fair_level({2, 5, 100}, 30), 23U);
  EXPECT_EQ(fair_level({7}, 3), 3U);
  EXPECT_EQ(fair_level({5, 5, 5}, 2), 0U);
}

TEST_F(SharesTest, OneMayFillItAlone) {
  fill(a_, "q", 80);
  EXPECT_FALSE(shares_.over());
  EXPECT_TRUE(shares_.admits(a_, "q"));  // nobody knows yet what its share is
  shares_.enter(a_, "q");
  EXPECT_TRUE(shares_.over());
  EXPECT_EQ(cut(), (Of{{{a_, "q"}, 11}}));
  EXPECT_EQ(shares_.size(), 70U);
  EXPECT_FALSE(shares_.admits(a_, "q"));
}

TEST_F(SharesTest, WhoHasLessThanItsShareTakesFromWhoHasMost) {
  fill(a_, "q", 60);
  EXPECT_TRUE(shares_.admits(b_, "q"));
  fill(b_, "q", 21);
  EXPECT_EQ(cut(), (Of{{{a_, "q"}, 11}}));  // 49 + 21
  EXPECT_FALSE(shares_.admits(a_, "q"));
  EXPECT_TRUE(shares_.admits(b_, "q"));
  fill(b_, "q", 21);
  EXPECT_EQ(cut(), (Of{{{a_, "q"}, 14}, {{b_, "q"}, 7}}));  // 35 each
  EXPECT_TRUE(shares_.admits(c_, "q"));
}

TEST_F(SharesTest, AQueueOfATenantThatHasLittleKeepsIt) {
  fill(a_, "full", 50);
  fill(a_, "small", 3);
  fill(b_, "q", 40);
  EXPECT_EQ(cut(), (Of{{{a_, "full"}, 18}, {{b_, "q"}, 5}}));  // 35 each; of a's, 3 and 32
  EXPECT_TRUE(shares_.admits(a_, "small"));
  EXPECT_FALSE(shares_.admits(a_, "full"));
  shares_.leave(a_, "small");
  EXPECT_TRUE(shares_.admits(a_, "small"));
}

TEST_F(SharesTest, WhatLeavesMakesRoom) {
  fill(a_, "q", 81);
  cut();
  EXPECT_FALSE(shares_.admits(a_, "q"));
  shares_.leave(a_, "q");
  EXPECT_TRUE(shares_.admits(a_, "q"));
  EXPECT_EQ(shares_.size(a_, "q"), 69U);
  shares_.clear();
  EXPECT_EQ(shares_.size(), 0U);
  EXPECT_EQ(shares_.size(a_, "q"), 0U);
}

}  // namespace
}  // namespace pawl::engine
