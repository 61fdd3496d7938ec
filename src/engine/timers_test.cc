#include "engine/timers.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

Time at(int seconds) { return Time{std::chrono::seconds(seconds)}; }

Timers::Entry entry(int due, std::uint32_t wait_no) { return {at(due), {}, wait_no}; }

TEST(Timers, FiresInOrderAndNotBeforeItIsDue) {
  Timers timers(10);
  timers.move_horizon(at(100));
  timers.add(entry(20, 1));
  timers.add(entry(10, 2));
  EXPECT_EQ(timers.next(), at(10));
  EXPECT_EQ(timers.pop(at(9)), std::nullopt);
  EXPECT_EQ(timers.pop(at(20))->wait_no, 2U);
  EXPECT_EQ(timers.pop(at(20))->wait_no, 1U);
  EXPECT_EQ(timers.pop(at(20)), std::nullopt);
}

TEST(Timers, KeepsOnlyWhatIsDueBeforeTheHorizon) {
  Timers timers(10);
  timers.move_horizon(at(100));
  timers.add(entry(99, 1));
  timers.add(entry(100, 2));
  EXPECT_EQ(timers.size(), 1U);
}

TEST(Timers, IsIdempotentByWait) {
  Timers timers(10);
  timers.move_horizon(at(100));
  timers.add(entry(10, 1));
  timers.add(entry(10, 1));
  EXPECT_EQ(timers.size(), 1U);
  timers.remove(entry(10, 1));
  timers.remove(entry(10, 1));
  EXPECT_EQ(timers.size(), 0U);
}

TEST(Timers, BeyondTheBoundTheHorizonComesNearer) {
  Timers timers(2);
  timers.move_horizon(at(100));
  timers.add(entry(30, 1));
  timers.add(entry(10, 2));
  timers.add(entry(20, 3));
  EXPECT_EQ(timers.size(), 2U);
  EXPECT_EQ(timers.horizon(), at(30));
  timers.add(entry(40, 4));
  EXPECT_EQ(timers.size(), 2U);
}

// More than the bound at one instant: the horizon stands there, and each refill brings the next ones.
TEST(Timers, ManyAtOneInstantStillFire) {
  Timers timers(2);
  timers.move_horizon(at(100));
  for (std::uint32_t wait_no = 1; wait_no <= 3; ++wait_no) timers.add(entry(10, wait_no));
  EXPECT_EQ(timers.horizon(), at(10));
  EXPECT_EQ(timers.pop(at(10))->wait_no, 1U);
  EXPECT_EQ(timers.pop(at(10))->wait_no, 2U);
  timers.move_horizon(at(100));
  timers.add(entry(10, 3));
  EXPECT_EQ(timers.pop(at(10))->wait_no, 3U);
}

}  // namespace
}  // namespace pawl::engine
