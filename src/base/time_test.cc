#include "base/time.h"

#include "gtest/gtest.h"

namespace pawl {
namespace {

Time at(std::string_view text) { return parse_time(text).value(); }

TEST(Time, WritesAsManyFractionDigitsAsNeeded) {
  EXPECT_EQ(format_time(Time{}), "1970-01-01T00:00:00Z");
  EXPECT_EQ(format_time(Time{Microseconds{1'250'000}}), "1970-01-01T00:00:01.250Z");
  EXPECT_EQ(format_time(Time{Microseconds{1}}), "1970-01-01T00:00:00.000001Z");
  EXPECT_EQ(format_time(Time{Microseconds{-1}}), "1969-12-31T23:59:59.999999Z");
  EXPECT_EQ(format_time(Time{Microseconds{1'795'274'040'000'000}}), "2026-11-21T15:14:00Z");
}

TEST(Time, ParsesAnyOffset) {
  EXPECT_EQ(format_time(at("2026-11-21T15:14:00.25Z")), "2026-11-21T15:14:00.250Z");
  EXPECT_EQ(at("2026-11-21t15:14:00z"), at("2026-11-21T15:14:00+00:00"));
  EXPECT_EQ(at("2026-11-21T00:30:00+05:30"), at("2026-11-20T19:00:00Z"));
  EXPECT_EQ(at("2026-12-31T20:00:00-04:00"), at("2027-01-01T00:00:00Z"));
  EXPECT_EQ(at("2024-02-29T00:00:00Z") - at("2024-02-28T00:00:00Z"), std::chrono::days{1});
}

TEST(Time, CutsFractionsBeyondMicroseconds) {
  EXPECT_EQ(format_time(at("2026-11-21T00:00:00.1234569Z")), "2026-11-21T00:00:00.123456Z");
  EXPECT_EQ(at("2026-11-21T00:00:00.5Z"), at("2026-11-21T00:00:00.500000000000000000000Z"));
}

TEST(Time, ALeapSecondIsTheNextDaysFirstInstant) {
  EXPECT_EQ(at("2016-12-31T23:59:60Z"), at("2017-01-01T00:00:00Z"));
  EXPECT_EQ(at("2016-12-31T18:59:60-05:00"), at("2017-01-01T00:00:00Z"));
  EXPECT_FALSE(parse_time("2016-12-31T23:58:60Z"));
}

TEST(Time, KnowsItsEdges) {
  EXPECT_EQ(format_time(at("0001-01-01T00:00:00Z")), "0001-01-01T00:00:00Z");
  EXPECT_EQ(format_time(at("9999-12-31T23:59:59.999999Z")), "9999-12-31T23:59:59.999999Z");
  EXPECT_FALSE(parse_time("0001-01-01T00:00:00+00:01"));
  EXPECT_FALSE(parse_time("9999-12-31T23:59:59-00:01"));
  EXPECT_FALSE(parse_time("9999-12-31T23:59:60Z"));
  EXPECT_FALSE(parse_time("0000-06-01T00:00:00Z"));
}

TEST(Time, RefusesWhatIsNotRfc3339) {
  for (const char* text : {"",
                           "2026-11-21",
                           "2026-11-21T15:14Z",
                           "2026-11-21T15:14:00",
                           "2026-11-21 15:14:00Z",
                           "2026-11-21T24:00:00Z",
                           "2026-11-21T15:60:00Z",
                           "2026-11-21T15:14:61Z",
                           "2026-13-01T00:00:00Z",
                           "2026-02-29T00:00:00Z",
                           "2026-00-01T00:00:00Z",
                           "2026-01-00T00:00:00Z",
                           "2026-11-21T15:14:00.Z",
                           "2026-11-21T15:14:00Zx",
                           "2026-11-21T15:14:00+0100",
                           "2026-11-21T15:14:00+24:00",
                           "2026-11-21T15:14:00+01:60",
                           "2026-1-21T15:14:00Z",
                           "+2026-11-21T15:14:00Z",
                           "2026-11-21T15:14:00,5Z"}) {
    EXPECT_FALSE(parse_time(text)) << text;
  }
}

TEST(Time, AddsMonthsThenDaysThenTheRest) {
  EXPECT_EQ(add(at("2026-01-31T10:00:00Z"), {.months = 1}), at("2026-02-28T10:00:00Z"));
  EXPECT_EQ(add(at("2024-01-31T10:00:00Z"), {.months = 1}), at("2024-02-29T10:00:00Z"));
  EXPECT_EQ(add(at("2024-02-29T10:00:00Z"), {.years = 1}), at("2025-02-28T10:00:00Z"));
  EXPECT_EQ(add(at("2026-01-31T10:00:00Z"), {.months = 1, .days = 1}), at("2026-03-01T10:00:00Z"));
  EXPECT_EQ(add(at("2026-11-30T23:00:00Z"), {.years = 1, .months = 1, .days = 1, .rest = std::chrono::hours{2}}),
            at("2028-01-01T01:00:00Z"));
  EXPECT_EQ(add(at("2026-12-15T00:00:00Z"), {.months = 12}), at("2027-12-15T00:00:00Z"));
  EXPECT_EQ(add(at("2026-11-21T00:00:00Z"), {}), at("2026-11-21T00:00:00Z"));
  EXPECT_EQ(add(at("1969-12-31T23:59:59.500Z"), {.rest = Microseconds{500'000}}), Time{});
}

TEST(Time, AddSaturatesAtTheEndOfYear9999) {
  const Time latest = at("9999-12-31T23:59:59.999999Z");
  EXPECT_EQ(add(at("2026-01-01T00:00:00Z"), {.years = 9'999}), latest);
  EXPECT_EQ(add(at("9999-12-01T00:00:00Z"), {.months = 1}), latest);
  EXPECT_EQ(add(at("2026-01-01T00:00:00Z"), {.days = 1'000'000'000'000}), latest);
  EXPECT_EQ(add(at("2026-01-01T00:00:00Z"), {.rest = Microseconds::max()}), latest);
  EXPECT_EQ(add(latest, {.rest = Microseconds{1}}), latest);
  EXPECT_EQ(add(latest - Microseconds{1}, {.rest = Microseconds{1}}), latest);
  EXPECT_EQ(add(at("9999-11-30T00:00:00Z"), {.months = 1}), at("9999-12-30T00:00:00Z"));
}

}  // namespace
}  // namespace pawl
