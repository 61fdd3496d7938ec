#include "dsl/suggest.h"

#include <gtest/gtest.h>

#include <array>
#include <vector>

namespace pawl::dsl {
namespace {

constexpr std::array<std::string_view, 5> members{"endpoint", "method", "headers", "body", "query"};

TEST(SuggestTest, FindsInsertionsRemovalsReplacementsAndSwaps) {
  EXPECT_EQ(closest("endpoints", members), "endpoint");
  EXPECT_EQ(closest("metod", members), "method");
  EXPECT_EQ(closest("heeders", members), "headers");
  EXPECT_EQ(closest("bdoy", members), "body");
  EXPECT_EQ(closest("METHOD", members), "method");
}

TEST(SuggestTest, SaysNothingWhenNothingIsNear) {
  EXPECT_EQ(closest("timeout", members), "");
  EXPECT_EQ(closest("", members), "");
  EXPECT_EQ(closest("by", members), "");  // two edits are too many for two letters
  EXPECT_EQ(closest("x", {}), "");
}

TEST(SuggestTest, TakesTheNearestThenTheFirst) {
  constexpr std::array<std::string_view, 3> names{"count", "counts", "mount"};
  EXPECT_EQ(closest("counts", names), "counts");
  EXPECT_EQ(closest("fount", names), "count");
}

TEST(SuggestTest, LooksNeitherAtLongNamesNorAtMany) {
  const std::string long_name(65, 'a');
  const std::array<std::string_view, 1> same{long_name};
  EXPECT_EQ(closest(long_name, same), "");
  const std::string just(64, 'a');
  const std::array<std::string_view, 1> short_enough{just};
  EXPECT_EQ(closest(just, short_enough), just);

  std::vector<std::string_view> many(100, "zzzzzzzz");
  many.push_back("method");
  EXPECT_EQ(closest("metod", many), "");
}

TEST(SuggestTest, AsksAQuestion) {
  EXPECT_EQ(did_you_mean("metod", members), "did you mean \"method\"?");
  EXPECT_EQ(did_you_mean("unlike", members), "");
}

}  // namespace
}  // namespace pawl::dsl
