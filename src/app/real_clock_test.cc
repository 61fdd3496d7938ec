#include "app/real_clock.h"

#include <gtest/gtest.h>

#include <concepts>
#include <string>

namespace pawl::app {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::seconds;

static_assert(!std::totally_ordered_with<Time, ports::Steady>, "an instant of one clock means nothing to the other");
static_assert(!std::convertible_to<ports::Steady, Time> && !std::convertible_to<Time, ports::Steady>);

TEST(RealClock, CallsInOrderOfTime) {
  boost::asio::io_context io;
  RealClock clock(io);
  std::string order;
  const Time now = clock.now();
  clock.call_at(now + milliseconds(20), [&] { order += "c"; });
  clock.call_at(now + milliseconds(10), [&] { order += "b"; });
  clock.call_at(now - hours(1), [&] { order += "a"; });
  EXPECT_EQ(order, "");
  io.run();
  EXPECT_EQ(order, "abc");
  EXPECT_GE(clock.now(), now + milliseconds(20));
}

TEST(RealClock, ACancelledCallNeverComesEvenWhenItIsDue) {
  boost::asio::io_context io;
  RealClock clock(io);
  std::string order;
  ports::TimerId second = 0;
  const Time now = clock.now();
  clock.call_at(now, [&] {
    order += "a";
    clock.cancel(second);
  });
  second = clock.call_at(now, [&] { order += "b"; });
  const ports::TimerId third = clock.call_at(now + hours(1), [&] { order += "c"; });
  clock.cancel(third);
  clock.cancel(third);
  io.run();
  EXPECT_EQ(order, "a");
}

TEST(RealClock, ACallAddedByACallComesToo) {
  boost::asio::io_context io;
  RealClock clock(io);
  int calls = 0;
  clock.call_at(clock.now(), [&] { clock.call_at(clock.now(), [&] { ++calls; }); });
  io.run();
  EXPECT_EQ(calls, 1);
}

TEST(RealClock, FollowsTheDatabasesClock) {
  boost::asio::io_context io;
  RealClock clock(io, -hours(1));
  const Time wrong = clock.now();
  clock.observe(wrong + hours(1));
  EXPECT_GE(clock.now(), wrong + hours(1));
  EXPECT_LT(clock.now(), wrong + hours(1) + std::chrono::seconds(10));
}

TEST(RealClock, NeverGoesBackOnceItHasFollowed) {
  boost::asio::io_context io;
  RealClock clock(io);
  clock.observe(clock.now() + hours(1));
  const Time before = clock.now();
  clock.observe(before - hours(2));
  EXPECT_GE(clock.now(), before);
}

TEST(RealClock, AJumpOfTheDatabasesClockFiresWhatHasBecomeDue) {
  boost::asio::io_context io;
  RealClock clock(io);
  bool called = false;
  clock.call_at(clock.now() + hours(1), [&] { called = true; });
  clock.observe(clock.now() + hours(1));
  io.run_for(std::chrono::seconds(5));
  EXPECT_TRUE(called);
}

TEST(RealClock, CallsAfterPausesInTheirOrder) {
  boost::asio::io_context io;
  RealClock clock(io);
  std::string order;
  const ports::Steady before = clock.steady();
  clock.call_after(milliseconds(20), [&] { order += "d"; });
  const ports::TimerId never = clock.call_after(milliseconds(15), [&] { order += "x"; });
  clock.call_after(milliseconds(0), [&] { order += "a"; });
  clock.call_after(milliseconds(0), [&] { order += "b"; });
  clock.call_after(milliseconds(10), [&] {
    order += "c";
    clock.cancel(never);
  });
  EXPECT_EQ(order, "");
  io.run();
  EXPECT_EQ(order, "abcd");
  EXPECT_GE(clock.steady(), before + milliseconds(20));
}

TEST(RealClock, NothingIsLeftToRunWhenBothKindsAreCancelled) {
  boost::asio::io_context io;
  RealClock clock(io);
  const ports::TimerId wait = clock.call_at(clock.now() + hours(1), [] { FAIL(); });
  const ports::TimerId pause = clock.call_after(hours(1), [] { FAIL(); });
  EXPECT_NE(wait, pause);
  clock.cancel(wait);
  clock.cancel(pause);
  io.run_for(seconds(5));
  EXPECT_TRUE(io.stopped());
}

// A machine an hour ahead learns the database's time: what was to wait for an instant waits for the database's, what
// was to pause does not.
TEST(RealClock, APauseEndsInTimeThoughTheDatabasesTimeIsSetBack) {
  boost::asio::io_context io;
  RealClock clock(io, hours(1));
  const Time wrong = clock.now();
  bool paused = false, waited = false;
  clock.call_after(milliseconds(20), [&] {
    paused = true;
    io.stop();
  });
  clock.call_at(wrong + milliseconds(10), [&] { waited = true; });
  clock.observe(wrong - hours(1));
  io.run_for(seconds(5));
  EXPECT_TRUE(paused);
  EXPECT_FALSE(waited);
  EXPECT_LT(clock.now(), wrong - hours(1) + seconds(10));
}

TEST(RealClock, ItsOwnTimeIsNeverCorrected) {
  boost::asio::io_context io;
  RealClock clock(io, -hours(1));
  const ports::Steady before = clock.steady();
  for (const hours by : {hours(1), -hours(2), hours(3)}) {
    clock.observe(clock.now() + by);
    EXPECT_GE(clock.steady(), before);
    EXPECT_LT(clock.steady(), before + seconds(10));
  }
}

TEST(RealClock, ItsOwnTimeCountsSinceTheMachineWasBooted) {
  const auto monotonic = std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now().time_since_epoch());
  EXPECT_GE(time_since_boot().time_since_epoch(), monotonic);  // which has not counted suspensions
}

TEST(RealClock, AMachineThatSleptCallsWhatHasBecomeDueMeanwhile) {
  boost::asio::io_context io;
  Microseconds slept{0};
  RealClock clock(io, Microseconds(0), [&] { return time_since_boot() + slept; });
  const Time before = clock.now();
  int calls = 0;
  clock.call_after(hours(1), [&] { ++calls; });
  clock.call_at(before + hours(1), [&] { ++calls; });
  slept = hours(2);  // Asio's timer does not know
  io.run_for(seconds(5));
  EXPECT_EQ(calls, 2);
  EXPECT_GE(clock.now(), before + hours(2));
}

}  // namespace
}  // namespace pawl::app
