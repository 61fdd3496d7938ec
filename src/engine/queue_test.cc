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

TEST(Queue, GivesTheOldestOfTheActionsThatAreAskedFor) {
  Queue queue;
  queue.push("b", Queue::place(at(1), 5, id(1)));
  queue.push("a", Queue::place(at(2), 5, id(2)));
  queue.push("a", Queue::place(at(3), 5, id(3)));
  EXPECT_EQ(queue.pop(only_a), id(2));
  EXPECT_EQ(queue.pop(both), id(1));
  EXPECT_EQ(queue.pop(both), id(3));
  EXPECT_EQ(queue.pop(both), std::nullopt);
}

TEST(Queue, GivesNothingOfOtherActions) {
  Queue queue;
  queue.push("b", Queue::place(at(1), 5, id(1)));
  EXPECT_EQ(queue.pop(only_a), std::nullopt);
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
  EXPECT_EQ(queue.pop(only_a), id(1));
  EXPECT_EQ(queue.pop(only_a), id(3));
  EXPECT_EQ(queue.pop(only_a), id(2));
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
  EXPECT_EQ(queue.last(), id(3));
  queue.remove("b", Queue::place(at(3), 5, id(3)));
  EXPECT_EQ(queue.last(), id(4));
  queue.remove("b", Queue::place(at(2), 5, id(4)));
  EXPECT_EQ(queue.last(), id(1));  // one each: of the first by name
  queue.clear();
  EXPECT_EQ(queue.last(), std::nullopt);
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
  EXPECT_EQ(queue.pop(only_a), std::nullopt);
}

}  // namespace
}  // namespace pawl::engine
