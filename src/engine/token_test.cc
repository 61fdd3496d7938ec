#include <gtest/gtest.h>

#include "engine/api.h"

namespace pawl::engine {
namespace {

TaskToken token() {
  TaskToken made;
  made.tenant = *Uuid::parse("01934a00-0000-7000-8000-000000000001");
  made.invocation = *Uuid::parse("01934a00-0000-8000-8000-000000000fff");
  made.attempt = 3;
  made.lease = 258;
  return made;
}

TEST(TaskToken, IsReadBackAsItWasWritten) {
  const auto read = TaskToken::parse(token().text());
  ASSERT_TRUE(read);
  EXPECT_EQ(read->tenant, token().tenant);
  EXPECT_EQ(read->invocation, token().invocation);
  EXPECT_EQ(read->attempt, 3U);
  EXPECT_EQ(read->lease, 258U);
}

// 41 bytes: format 1, two ids, two numbers in network order.
TEST(TaskToken, HasThisText) { EXPECT_EQ(token().text(), "AQGTSgAAAHAAgAAAAAAAAAEBk0oAAACAAIAAAAAAAA__AAAAAwAAAQI"); }

TEST(TaskToken, RefusesWhatIsNotOne) {
  const std::string text = token().text();
  EXPECT_FALSE(TaskToken::parse(""));
  EXPECT_FALSE(TaskToken::parse("not a token"));
  EXPECT_FALSE(TaskToken::parse(text.substr(0, text.size() - 2)));
  EXPECT_FALSE(TaskToken::parse(text + "AA"));
  EXPECT_FALSE(TaskToken::parse("Ag" + text.substr(2)));  // another format
}

}  // namespace
}  // namespace pawl::engine
