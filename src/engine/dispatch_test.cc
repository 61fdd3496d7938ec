#include "engine/dispatch.h"

#include <gtest/gtest.h>

#include <map>

#include "engine/limits.h"

namespace pawl::engine {
namespace {

using std::chrono::seconds;

class HandClock : public ports::Clock {
 public:
  Time now() const override { return Time(std::chrono::hours(1)); }  // stands still
  ports::Steady steady() const override { return now_; }
  ports::TimerId call_at(Time, std::move_only_function<void()>) override {
    ADD_FAILURE() << "a poll waits for an instant of the database's time";
    return ++last_;
  }
  ports::TimerId call_after(Microseconds pause, std::move_only_function<void()> then) override {
    timers_[{now_ + pause, ++last_}] = std::move(then);
    return last_;
  }
  void cancel(ports::TimerId timer) override {
    std::erase_if(timers_, [&](const auto& each) { return each.first.second == timer; });
  }
  void advance(Microseconds by) {
    now_ += by;
    while (!timers_.empty() && timers_.begin()->first.first <= now_) {
      auto due = timers_.extract(timers_.begin());
      due.mapped()();
    }
  }
  std::size_t timers() const { return timers_.size(); }

 private:
  ports::Steady now_{seconds(1'000)};
  ports::TimerId last_ = 0;
  std::map<std::pair<ports::Steady, ports::TimerId>, std::move_only_function<void()>> timers_;
};

class DispatchTest : public testing::Test {
 protected:
  PollId poll(std::uint32_t max, Microseconds wait = seconds(5)) {
    return dispatch_.poll(
        {tenant_, "default", "worker", {"a"}, max, wait},
        [this](Result<std::vector<Assignment>> tasks) { answers_.push_back(tasks ? tasks->size() : refused); });
  }
  Queue& ready(std::size_t loop) { return channel_.ready[loop]; }
  Dispatch::Poll& first() { return *channel_.polls.front(); }
  void grant(PollId poll) { dispatch_.grant(poll, Assignment{}, taken_); }

  static constexpr std::size_t refused = 429;
  HandClock clock_;
  std::vector<std::size_t> woken_, answers_;
  Uuid tenant_;
  bool taken_ = false;
  Dispatch dispatch_{clock_, 2, [this](std::size_t loop) { woken_.push_back(loop); }};
  Dispatch::Channel& channel_ = dispatch_.enter(tenant_, "default");
};

TEST_F(DispatchTest, OnlyWhatAPollStillWaitsForIsWanted) {
  EXPECT_FALSE(dispatch_.is_wanted(channel_, "a"));
  poll(1);
  EXPECT_TRUE(dispatch_.is_wanted(channel_, "a"));
  EXPECT_FALSE(dispatch_.is_wanted(channel_, "b"));
  dispatch_.claimed(first(), 1, 100);
  EXPECT_FALSE(dispatch_.is_wanted(channel_, "a"));
}

TEST_F(DispatchTest, RemembersWhoAskedForWhat) {
  EXPECT_EQ(dispatch_.waiting(channel_, "a"), 0U);
  EXPECT_EQ(dispatch_.asked(channel_, "a"), std::nullopt);
  poll(1);
  poll(1);
  EXPECT_EQ(dispatch_.waiting(channel_, "a"), 2U);
  EXPECT_EQ(dispatch_.waiting(channel_, "b"), 0U);
  clock_.advance(seconds(5));
  EXPECT_EQ(dispatch_.waiting(channel_, "a"), 0U);
  EXPECT_EQ(dispatch_.asked(channel_, "a"), clock_.now());  // also when nobody waits any more
  EXPECT_EQ(dispatch_.asked(channel_, "b"), std::nullopt);
}

TEST_F(DispatchTest, CountsWhatGoesBeforeAPlaceInAllLoops) {
  const auto place = [&](int second) { return Queue::place(clock_.now() + seconds(second), 5, Uuid{}); };
  ready(0).push("a", place(1));
  ready(1).push("a", place(2));
  ready(1).push("b", place(0));
  EXPECT_EQ(dispatch_.ahead(channel_, "a", place(1)), 0U);
  EXPECT_EQ(dispatch_.ahead(channel_, "a", place(3)), 2U);
  EXPECT_EQ(dispatch_.ahead(channel_, "c", place(3)), 0U);
}

TEST_F(DispatchTest, APollIsAnsweredWithNothingWhenItsTimeIsUp) {
  poll(1);
  clock_.advance(seconds(4));
  EXPECT_TRUE(answers_.empty());
  clock_.advance(seconds(1));
  EXPECT_EQ(answers_, std::vector<std::size_t>{0});
  EXPECT_EQ(dispatch_.waiting(), 0U);
}

TEST_F(DispatchTest, APollThatDoesNotWaitIsAnsweredLaterThanItsCall) {
  poll(1, seconds(0));
  EXPECT_TRUE(answers_.empty());
  clock_.advance(seconds(0));
  EXPECT_EQ(answers_, std::vector<std::size_t>{0});
}

TEST_F(DispatchTest, ALoopIsWokenOnceWhenThereIsBothWorkAndAPoll) {
  dispatch_.offer(channel_, 1);  // nobody polls
  EXPECT_TRUE(woken_.empty());
  ready(1).push("a", Queue::place(clock_.now(), 5, Uuid{}));
  poll(1);
  poll(1);
  EXPECT_EQ(woken_, std::vector<std::size_t>{1});
  EXPECT_EQ(dispatch_.hungry(1), &channel_);
  EXPECT_EQ(dispatch_.hungry(0), nullptr);
}

TEST_F(DispatchTest, TwoLoopsGiveOnePollNoMoreThanItAskedFor) {
  const PollId id = poll(3);
  dispatch_.claimed(first(), 2, 100);
  EXPECT_EQ(first().wants(), 1U);
  dispatch_.claimed(first(), 1, 100);
  EXPECT_TRUE(channel_.polls.empty());
  grant(id);
  dispatch_.refuse(id);
  EXPECT_TRUE(answers_.empty());
  grant(id);
  EXPECT_EQ(answers_, std::vector<std::size_t>{2});
}

TEST_F(DispatchTest, APollWantsNoMoreOnceItsInputsAreLarge) {
  const PollId id = poll(10);
  dispatch_.claimed(first(), 1, limits::poll_bytes - 1);
  EXPECT_EQ(first().wants(), 9U);
  dispatch_.claimed(first(), 1, 1);
  EXPECT_TRUE(channel_.polls.empty());
  grant(id);
  EXPECT_TRUE(answers_.empty());
  grant(id);
  EXPECT_EQ(answers_, std::vector<std::size_t>{2});
}

// Eight of 1 MiB each are all that it may be given.
TEST_F(DispatchTest, NoMoreInputsAreReadForAPollThanItMayBeGivenIfAllAreLarge) {
  poll(100);
  EXPECT_EQ(first().reads(), 8U);
  dispatch_.claimed(first(), 1, 1);
  EXPECT_EQ(first().reads(), 8U);
  dispatch_.claimed(first(), 1, limits::input_bytes_read - 1);
  EXPECT_EQ(first().reads(), 7U);
  dispatch_.claimed(first(), 95, 0);
  EXPECT_EQ(first().reads(), 3U);
  dispatch_.claimed(first(), 1, 7 * limits::input_bytes_read - 1);
  EXPECT_EQ(first().reads(), 1U);
  Dispatch::Poll& last = first();
  dispatch_.claimed(last, 1, 1);
  EXPECT_EQ(last.reads(), 0U);
}

TEST_F(DispatchTest, APollWhoseLargeClaimIsRefusedWantsAsMuchAsBefore) {
  const PollId id = poll(10);
  dispatch_.claimed(first(), 1, limits::poll_bytes);
  dispatch_.refuse(id);
  EXPECT_EQ(first().wants(), 10U);
}

TEST_F(DispatchTest, APollWhoseClaimsAreAllRefusedWaitsOnInFront) {
  const PollId id = poll(1);
  dispatch_.claimed(first(), 1, 100);
  const PollId other = poll(1);
  dispatch_.refuse(id);
  EXPECT_EQ(first().id, id);
  EXPECT_NE(first().id, other);
  EXPECT_TRUE(answers_.empty());
}

TEST_F(DispatchTest, WhatIsBeingClaimedWhenTimeIsUpStillComes) {
  const PollId id = poll(2);
  dispatch_.claimed(first(), 1, 100);
  clock_.advance(seconds(5));
  EXPECT_TRUE(answers_.empty());
  EXPECT_TRUE(channel_.polls.empty());
  grant(id);
  EXPECT_EQ(answers_, std::vector<std::size_t>{1});
}

TEST_F(DispatchTest, AClaimForAPollThatIsGoneIsNotTaken) {
  const PollId id = poll(1);
  dispatch_.claimed(first(), 1, 100);
  dispatch_.cancel(id);
  grant(id);
  EXPECT_FALSE(taken_);
  dispatch_.refuse(id);
  clock_.advance(seconds(10));
  EXPECT_TRUE(answers_.empty());
}

TEST_F(DispatchTest, ClosingAnswersAllAndRefusesNewOnes) {
  poll(1);
  poll(1);
  dispatch_.close();
  EXPECT_EQ(answers_.size(), 2U);
  poll(1);
  clock_.advance(seconds(0));
  EXPECT_EQ(answers_.size(), 3U);
}

TEST_F(DispatchTest, ATenantHasABoundOfItsOwn) {
  for (std::size_t i = 0; i < limits::polls_per_tenant; ++i) poll(1);
  clock_.advance(seconds(0));
  EXPECT_TRUE(answers_.empty());
  poll(1);
  clock_.advance(seconds(0));
  EXPECT_EQ(answers_, std::vector<std::size_t>{refused});
}

TEST_F(DispatchTest, NothingIsLeftOfAnAnsweredPoll) {
  const PollId id = poll(1);
  dispatch_.claimed(first(), 1, 100);
  grant(id);
  EXPECT_EQ(clock_.timers(), 0U);
  EXPECT_EQ(channel_.invocations, 1U);  // the test's own reference
}

}  // namespace
}  // namespace pawl::engine
