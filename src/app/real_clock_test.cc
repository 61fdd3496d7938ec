#include "app/real_clock.h"

#include <gtest/gtest.h>

#include <string>

namespace pawl::app {
namespace {

using std::chrono::hours;
using std::chrono::milliseconds;

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

}  // namespace
}  // namespace pawl::app
