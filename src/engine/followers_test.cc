#include "engine/followers.h"

#include <gtest/gtest.h>

#include <deque>

namespace pawl::engine {
namespace {

// Runs what is posted, when it is told to.
class TurnClock : public ports::Clock {
 public:
  Time now() const override { return Time{}; }
  ports::Steady steady() const override { return ports::Steady{}; }
  ports::TimerId call_at(Time, std::move_only_function<void()> then) override {
    return call_after(Microseconds{0}, std::move(then));
  }
  ports::TimerId call_after(Microseconds, std::move_only_function<void()> then) override {
    posted_.push_back(std::move(then));
    return posted_.size();
  }
  void cancel(ports::TimerId) override {}
  std::size_t turn() {
    const std::size_t count = posted_.size();
    for (auto& each : std::exchange(posted_, {})) each();
    return count;
  }

 private:
  std::deque<std::move_only_function<void()>> posted_;
};

ports::RunKey run(std::uint8_t number) {
  ports::RunKey key{};
  key.run.bytes[0] = number;
  return key;
}

TEST(Followers, AreToldOnceATurnAndOfTheirRunAlone) {
  TurnClock clock;
  Followers followers(clock);
  int first = 0, second = 0, other = 0;
  followers.add(run(1), [&] { ++first; });
  followers.add(run(1), [&] { ++second; });
  followers.add(run(2), [&] { ++other; });
  followers.tell(run(1));
  followers.tell(run(1));
  EXPECT_EQ(first, 0);  // never from within
  EXPECT_EQ(clock.turn(), 1u);
  EXPECT_EQ(first, 1);
  EXPECT_EQ(second, 1);
  EXPECT_EQ(other, 0);
  followers.tell(run(3));
  EXPECT_EQ(clock.turn(), 0u);  // nobody follows it
}

TEST(Followers, AreNotToldOnceTheyAreRemoved) {
  TurnClock clock;
  Followers followers(clock);
  int told = 0;
  FollowId own = 0;
  own = followers.add(run(1), [&] {
    ++told;
    followers.remove(own);
  });
  const FollowId gone = followers.add(run(1), [&] { told += 100; });
  followers.tell(run(1));
  followers.remove(gone);
  followers.remove(gone);
  clock.turn();
  EXPECT_EQ(told, 1);
  EXPECT_EQ(followers.size(), 0u);
  followers.tell(run(1));
  EXPECT_EQ(clock.turn(), 0u);
}

TEST(Followers, WhatIsPostedOutlivesThemUnharmed) {
  TurnClock clock;
  int told = 0;
  {
    Followers followers(clock);
    followers.add(run(1), [&] { ++told; });
    followers.tell(run(1));
  }
  clock.turn();
  EXPECT_EQ(told, 0);
}

}  // namespace
}  // namespace pawl::engine
