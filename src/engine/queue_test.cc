#include "engine/queue.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

Uuid id(std::uint8_t number) {
  Uuid made;
  made.bytes[15] = number;
  return made;
}

Time at(int seconds) { return Time{std::chrono::seconds(1'000 + seconds)}; }

const std::vector<std::string> both{"a", "b"}, only_a{"a"};

std::optional<Uuid> take(Queue& queue, const std::vector<std::string>& actions) {
  const auto next = queue.next(actions);
  if (!next) return std::nullopt;
  for (const std::string& action : actions) queue.remove(action, *next);
  return next->invocation;
}

std::optional<Uuid> last(const Queue& queue) {
  const auto last = queue.last();
  return last ? std::optional(last->invocation) : std::nullopt;
}

TEST(Queue, GivesTheOldestOfTheActionsThatAreAskedFor) {
  Queue queue;
  queue.push("b", Queue::place(at(1), 5, id(1)));
  queue.push("a", Queue::place(at(2), 5, id(2)));
  queue.push("a", Queue::place(at(3), 5, id(3)));
  EXPECT_EQ(take(queue, only_a), id(2));
  EXPECT_EQ(take(queue, both), id(1));
  EXPECT_EQ(take(queue, both), id(3));
  EXPECT_EQ(take(queue, both), std::nullopt);
}

TEST(Queue, CountsWhatGoesBeforeAPlace) {
  Queue queue;
  const auto place = [](int second, std::uint8_t number) {
    Uuid id{};
    id.bytes[0] = number;
    return Queue::place(Time(std::chrono::seconds(second)), 5, id);
  };
  queue.push("a", place(1, 1));
  queue.push("a", place(2, 2));
  queue.push("b", place(0, 3));
  EXPECT_EQ(queue.ahead("a", place(1, 1)), 0u);
  EXPECT_EQ(queue.ahead("a", place(2, 2)), 1u);
  EXPECT_EQ(queue.ahead("a", place(9, 9)), 2u);
  EXPECT_EQ(queue.ahead("c", place(9, 9)), 0u);
}

TEST(Queue, GivesNothingOfOtherActions) {
  Queue queue;
  queue.push("b", Queue::place(at(1), 5, id(1)));
  EXPECT_EQ(take(queue, only_a), std::nullopt);
  EXPECT_FALSE(queue.has_any(only_a));
  EXPECT_TRUE(queue.has_any(both));
  EXPECT_EQ(queue.size(), 1U);
}

// A step of priority is 30 s: priority 6 passes what came up to 30 s before it with priority 5, and nothing older.
TEST(Queue, PriorityIsAPlaceFurtherInFrontAndAgeMakesUpForIt) {
  Queue queue;
  queue.push("a", Queue::place(at(0), 5, id(1)));
  queue.push("a", Queue::place(at(1), 5, id(2)));
  queue.push("a", Queue::place(at(30), 6, id(3)));
  EXPECT_EQ(take(queue, only_a), id(1));
  EXPECT_EQ(take(queue, only_a), id(3));
  EXPECT_EQ(take(queue, only_a), id(2));
}

TEST(Queue, WhatMustGoIsTheLastOfTheActionThatHasMost) {
  Queue queue;
  queue.push("a", Queue::place(at(9), 5, id(1)));
  queue.push("b", Queue::place(at(1), 5, id(2)));
  queue.push("b", Queue::place(at(3), 5, id(3)));
  queue.push("b", Queue::place(at(2), 5, id(4)));
  EXPECT_EQ(queue.most(), 3U);
  EXPECT_EQ(queue.size("a"), 1U);
  EXPECT_EQ(queue.size("c"), 0U);
  EXPECT_EQ(last(queue), id(3));
  queue.remove("b", Queue::place(at(3), 5, id(3)));
  EXPECT_EQ(last(queue), id(4));
  queue.remove("b", Queue::place(at(2), 5, id(4)));
  EXPECT_EQ(queue.most(), 1U);
  EXPECT_EQ(last(queue), id(1));  // one each: of the one that has had no more for longer
  queue.clear();
  EXPECT_EQ(last(queue), std::nullopt);
  EXPECT_EQ(queue.most(), 0U);
}

TEST(Queue, KnowsWhichActionHasMostAmongThousandsAsTheyComeAndGo) {
  constexpr int actions = 10'000;
  const auto name = [](int action) { return std::to_string(action); };
  Queue queue;
  for (int i = 0; i < actions; ++i) queue.push(name(i), Queue::place(at(0), 5, id(1)));
  EXPECT_EQ(queue.most(), 1U);
  for (int i = 1; i <= 3; ++i) queue.push(name(77), Queue::place(at(i), 5, id(2)));
  queue.push(name(4'000), Queue::place(at(9), 5, id(3)));
  EXPECT_EQ(queue.most(), 4U);
  EXPECT_EQ(queue.last(), Queue::place(at(3), 5, id(2)));
  for (int i = 1; i <= 3; ++i) queue.remove(name(77), Queue::place(at(i), 5, id(2)));
  EXPECT_EQ(queue.most(), 2U);
  EXPECT_EQ(queue.last(), Queue::place(at(9), 5, id(3)));
  for (int i = 0; i < actions; ++i) queue.remove(name(i), Queue::place(at(0), 5, id(1)));
  EXPECT_EQ(queue.most(), 1U);
  EXPECT_EQ(queue.size(), 1U);
  queue.remove(name(4'000), Queue::place(at(9), 5, id(3)));
  EXPECT_EQ(queue.most(), 0U);
}

TEST(Queue, WhatIsTakenOutIsGone) {
  Queue queue;
  const Queue::Place place = Queue::place(at(1), 5, id(1));
  queue.push("a", place);
  queue.push("a", place);
  EXPECT_EQ(queue.size(), 1U);
  queue.remove("a", place);
  queue.remove("a", place);
  queue.remove("b", place);
  EXPECT_EQ(queue.size(), 0U);
  EXPECT_EQ(take(queue, only_a), std::nullopt);
}

}  // namespace
}  // namespace pawl::engine
