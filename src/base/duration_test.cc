#include "gtest/gtest.h"

#include "base/time.h"

namespace pawl {
namespace {

using std::chrono::days;
using std::chrono::hours;
using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;

TEST(IsoDuration, ReadsEachUnit) {
  EXPECT_EQ(parse_iso_duration("P1Y2M3DT4H5M6.5S"),
            (CalendarDuration{1, 2, 3, hours{4} + minutes{5} + milliseconds{6'500}}));
  EXPECT_EQ(parse_iso_duration("P2W"), (CalendarDuration{.days = 14}));
  EXPECT_EQ(parse_iso_duration("PT0S"), CalendarDuration{});
  EXPECT_EQ(parse_iso_duration("P0D"), CalendarDuration{});
  EXPECT_EQ(parse_iso_duration("P13M"), (CalendarDuration{.months = 13}));
  EXPECT_EQ(parse_iso_duration("PT36H"), (CalendarDuration{.rest = hours{36}}));
  EXPECT_EQ(parse_iso_duration("PT1M"), (CalendarDuration{.rest = minutes{1}}));
  EXPECT_EQ(parse_iso_duration("PT0.000001S"), (CalendarDuration{.rest = Microseconds{1}}));
  EXPECT_EQ(parse_iso_duration("PT0.0000019S"), (CalendarDuration{.rest = Microseconds{1}}));
}

TEST(IsoDuration, RefusesTheRest) {
  for (const char* text : {"",       "P",      "PT",    "P1",    "P1DT",  "1D",     "p1d",     "-P1D",   "P-1D",
                           "P1.5D",  "PT1.5H", "PT1.S", "PT.5S", "P1D1Y", "PT1S1M", "P1M1M",   "P1W1D",  "P1Y1W",
                           "P1DT1W", "P1WT1H", "PT1D",  "P1H",   "P1D ",  " P1D",   "P1DT1H2", "PT1,5S", "P+1D"}) {
    EXPECT_FALSE(parse_iso_duration(text)) << text;
  }
}

TEST(IsoDuration, HasALimitInEachUnit) {
  EXPECT_EQ(parse_iso_duration("P9999Y")->years, 9'999);
  EXPECT_FALSE(parse_iso_duration("P10000Y"));
  EXPECT_EQ(parse_iso_duration("P119988M")->months, 119'988);
  EXPECT_FALSE(parse_iso_duration("P119989M"));
  EXPECT_FALSE(parse_iso_duration("P9999Y1M"));
  EXPECT_EQ(parse_iso_duration("P3659634D")->days, 3'659'634);
  EXPECT_FALSE(parse_iso_duration("P3659635D"));
  EXPECT_FALSE(parse_iso_duration("P522805W"));
  EXPECT_TRUE(parse_iso_duration("PT87831216H"));
  EXPECT_FALSE(parse_iso_duration("PT87831216H0.000001S"));
  EXPECT_FALSE(parse_iso_duration("PT87831217H"));
  EXPECT_FALSE(parse_iso_duration("PT99999999999999999S"));
  EXPECT_FALSE(parse_iso_duration("PT100000000000000000000000S"));
}

TEST(IsoDuration, WritesTheShortestForm) {
  EXPECT_EQ(format_iso_duration(Microseconds{0}), "PT0S");
  EXPECT_EQ(format_iso_duration(minutes{90} + milliseconds{250}), "PT1H30M0.25S");
  EXPECT_EQ(format_iso_duration(seconds{59}), "PT59S");
  EXPECT_EQ(format_iso_duration(seconds{60}), "PT1M");
  EXPECT_EQ(format_iso_duration(days{2}), "PT48H");
  EXPECT_EQ(format_iso_duration(hours{1} + seconds{1}), "PT1H1S");
  EXPECT_EQ(format_iso_duration(Microseconds{1}), "PT0.000001S");
  EXPECT_EQ(format_iso_duration(-milliseconds{1'500}), "-PT1.5S");
  EXPECT_EQ(format_iso_duration(Microseconds::min()), "-PT2562047788H54.775808S");
}

TEST(Duration, ReadsANumberWithAUnit) {
  EXPECT_EQ(parse_duration("250ms"), milliseconds{250});
  EXPECT_EQ(parse_duration("30s"), seconds{30});
  EXPECT_EQ(parse_duration("5m"), minutes{5});
  EXPECT_EQ(parse_duration("2h"), hours{2});
  EXPECT_EQ(parse_duration("7d"), days{7});
  EXPECT_EQ(parse_duration("0s"), seconds{0});
}

TEST(Duration, ReadsIso8601WithoutCalendarUnits) {
  EXPECT_EQ(parse_duration("PT1.5S"), milliseconds{1'500});
  EXPECT_EQ(parse_duration("P1DT1H"), hours{25});
  EXPECT_EQ(parse_duration("P1W"), days{7});
  EXPECT_FALSE(parse_duration("P1M"));
  EXPECT_FALSE(parse_duration("P1Y"));
}

TEST(Duration, RefusesTheRest) {
  for (const char* text : {"", "5", "s", "5 s", "-5s", "1.5s", "5S", "5us", "5min", "5ss", "5sm", "5w", "4000000d",
                           "99999999999999999999s", "99999999999999999d"}) {
    EXPECT_FALSE(parse_duration(text)) << text;
  }
}

}  // namespace
}  // namespace pawl
