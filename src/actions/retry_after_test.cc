#include "actions/retry_after.h"

#include "gtest/gtest.h"

namespace pawl::actions {
namespace {

using namespace std::chrono_literals;

// 1994-11-06T08:49:37Z, the date of RFC 9110's examples.
const Time example = *parse_time("1994-11-06T08:49:37Z");

TEST(RetryAfter, Seconds) {
  EXPECT_EQ(parse_retry_after("0", example), 0s);
  EXPECT_EQ(parse_retry_after("120", example), 120s);
  EXPECT_EQ(parse_retry_after(" 7\t", example), 7s);
  EXPECT_EQ(parse_retry_after("2592000", example), 24h * 30);
  EXPECT_EQ(parse_retry_after("2592001", example), 24h * 30);
  EXPECT_EQ(parse_retry_after("99999999999999999999999999", example), 24h * 30);
}

TEST(RetryAfter, Dates) {
  const Time before = example - 10s;
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", before), 10s);
  EXPECT_EQ(parse_retry_after("Sunday, 06-Nov-94 08:49:37 GMT", before), 10s);
  EXPECT_EQ(parse_retry_after("Sun Nov  6 08:49:37 1994", before), 10s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 1994 08:49:37 GMT", example + 1s), 0s);
  EXPECT_EQ(parse_retry_after("Sun, 06 Nov 2094 08:49:37 GMT", example), 24h * 30);
}

TEST(RetryAfter, RefusesTheRest) {
  for (const char* text :
       {"", " ", "-1", "1.5", "soon", "10 s", "Sun, 06 Nov 1994 08:49:37", "Sun, 31 Feb 1994 08:49:37 GMT",
        "Sun, 06 Nov 1994 24:00:00 GMT", "Sun, 06 Nov 1994 08:49:37 CET", "Sun, 06 Nov 1994 08:49:37 GMT x",
        "Sun, 6 Nov 1994 08:49:37 GMT"}) {
    EXPECT_EQ(parse_retry_after(text, example), std::nullopt) << text;
  }
}

TEST(HttpDate, ShortYearsAreNear) {
  EXPECT_EQ(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT", *parse_time("2026-11-21T00:00:00Z")), example);
  EXPECT_EQ(parse_http_date("Saturday, 21-Nov-26 00:00:00 GMT", *parse_time("2026-11-20T00:00:00Z")),
            *parse_time("2026-11-21T00:00:00Z"));
}

}  // namespace
}  // namespace pawl::actions
