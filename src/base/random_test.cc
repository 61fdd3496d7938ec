#include "base/random.h"

#include "gtest/gtest.h"

#include <array>
#include <set>

namespace pawl {
namespace {

// The first words of xoshiro256++ seeded by splitmix64 from 0, as the reference programs of Blackman and Vigna give
// them.
TEST(Random, IsTheReferenceGenerator) {
  Random random(0);
  EXPECT_EQ(random.next(), 5987356902031041503U);
  EXPECT_EQ(random.next(), 7051070477665621255U);
  EXPECT_EQ(random.next(), 6633766593972829180U);
}

TEST(Random, RepeatsFromASeed) {
  Random a(42), b(42), c(43);
  const std::uint64_t first = a.next();
  EXPECT_EQ(b.next(), first);
  EXPECT_NE(c.next(), first);
}

TEST(Random, BelowReachesEachValueAndNoOther) {
  Random random(1);
  std::array<int, 6> seen{};
  for (int i = 0; i < 6'000; ++i) {
    const std::uint64_t value = random.below(6);
    ASSERT_LT(value, 6U);
    ++seen[value];
  }
  for (const int count : seen) EXPECT_NEAR(count, 1'000, 200);
  EXPECT_EQ(random.below(1), 0U);
  EXPECT_LT(random.below(~0ULL), ~0ULL);
}

TEST(Random, UnitIsBelowOne) {
  Random random(7);
  double sum = 0;
  for (int i = 0; i < 10'000; ++i) {
    const double value = random.unit();
    ASSERT_GE(value, 0.0);
    ASSERT_LT(value, 1.0);
    sum += value;
  }
  EXPECT_NEAR(sum / 10'000, 0.5, 0.02);
  EXPECT_FALSE(random.chance(0));
  EXPECT_TRUE(random.chance(1));
}

TEST(Secret, FillsAllAndDiffers) {
  std::array<std::uint8_t, 512> a{}, b{};
  fill_secret(a);
  fill_secret(b);
  EXPECT_NE(a, b);
  EXPECT_GT(std::set(a.begin(), a.end()).size(), 100U);
  EXPECT_NE(secret_seed(), secret_seed());
  fill_secret({});
}

}  // namespace
}  // namespace pawl
