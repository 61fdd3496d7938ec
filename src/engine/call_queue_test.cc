#include "engine/call_queue.h"

#include <gtest/gtest.h>

namespace pawl::engine {
namespace {

Uuid id(std::uint8_t n) {
  Uuid made;
  made.bytes[0] = n;
  return made;
}

TEST(CallQueue, TenantsTakeTurns) {
  CallQueue queue(10);
  for (std::uint8_t n : {1, 2, 3}) queue.push({id(100), id(n)});
  queue.push({id(200), id(4)});
  EXPECT_EQ(queue.pop()->invocation, id(1));
  EXPECT_EQ(queue.pop()->invocation, id(4));
  EXPECT_EQ(queue.pop()->invocation, id(2));
  EXPECT_EQ(queue.pop()->invocation, id(3));
  EXPECT_FALSE(queue.pop());
  EXPECT_TRUE(queue.empty());
}

TEST(CallQueue, ATenantWithItsShareOutHoldsUpNobodyElse) {
  CallQueue queue(2);
  for (std::uint8_t n : {1, 2, 3}) queue.push({id(100), id(n)});
  for (int i = 0; i < 2; ++i) queue.called(queue.pop()->tenant);
  EXPECT_FALSE(queue.pop());
  EXPECT_FALSE(queue.empty());
  queue.push({id(200), id(4)});
  EXPECT_EQ(queue.pop()->invocation, id(4));
  queue.ended(id(100));
  EXPECT_EQ(queue.out(), 1U);
  EXPECT_EQ(queue.pop()->invocation, id(3));
}

TEST(CallQueue, ClearForgetsWhatIsOut) {
  CallQueue queue(1);
  queue.push({id(100), id(1)});
  queue.called(queue.pop()->tenant);
  queue.clear();
  EXPECT_EQ(queue.out(), 0U);
  queue.push({id(100), id(2)});
  EXPECT_EQ(queue.pop()->invocation, id(2));
}

}  // namespace
}  // namespace pawl::engine
