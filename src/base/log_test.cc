#include "base/log.h"

#include "gtest/gtest.h"

#include <limits>
#include <thread>
#include <vector>

#include "base/log_line.h"

namespace pawl {
namespace {

const Time noon = *parse_time("2026-11-21T12:00:00.25Z");

TEST(Log, JsonHasEachFieldWithItsType) {
  const std::vector<LogField> fields{{"run", "a7"}, {"events", std::int64_t{-3}}, {"took", 0.5}, {"last", true}};
  EXPECT_EQ(
      json_log_line(noon, LogLevel::info, "committed", fields),
      R"({"ts":"2026-11-21T12:00:00.250Z","level":"info","message":"committed","run":"a7","events":-3,"took":0.5,"last":true})");
}

TEST(Log, JsonEscapes) {
  const std::vector<LogField> fields{{"a\"b", "\x01\x1f\x7f \\ \" \n\r\t/ \u00e9"}};
  EXPECT_EQ(
      json_log_line(noon, LogLevel::error, "x\"y\nz", fields),
      R"({"ts":"2026-11-21T12:00:00.250Z","level":"error","message":"x\"y\nz","a\"b":"\u0001\u001f\u007f \\ \" \n\r\t/ )"
      "\u00e9\"}");
}

TEST(Log, JsonIsUtf8WhateverComes) {
  const std::vector<LogField> fields{{"bytes", "a\xff\u00e9\xc3"}, {"zero", std::string("\0", 1)}};
  EXPECT_EQ(json_log_line(noon, LogLevel::warning, "\xe2\x82", fields),
            "{\"ts\":\"2026-11-21T12:00:00.250Z\",\"level\":\"warning\",\"message\":\"\ufffd\ufffd\",\"bytes\":"
            "\"a\ufffd\u00e9\ufffd\","
            "\"zero\":\"\\u0000\"}");
}

TEST(Log, JsonHasNoNumberThatJsonLacks) {
  const std::vector<LogField> fields{
      {"n", std::numeric_limits<double>::quiet_NaN()}, {"i", -std::numeric_limits<double>::infinity()}, {"d", 1e300}};
  EXPECT_TRUE(
      json_log_line(noon, LogLevel::debug, "m", fields).ends_with(R"("message":"m","n":null,"i":null,"d":1e+300})"));
}

TEST(Log, TextIsReadable) {
  const std::vector<LogField> fields{{"run", "a7"}, {"detail", "two words"}, {"none", ""}, {"n", std::int64_t{3}}};
  EXPECT_EQ(text_log_line(noon, LogLevel::info, "server is ready", fields),
            R"(2026-11-21T12:00:00.250Z info    server is ready run=a7 detail="two words" none="" n=3)");
}

TEST(Log, TextCannotBeForged) {
  const std::vector<LogField> fields{{"name", "x\n2026 error boo"}, {"eq", "a=b"}, {"esc", "\x1b[2J"}};
  EXPECT_EQ(text_log_line(*parse_time("2026-11-21T12:00:00Z"), LogLevel::error, "a\nb", fields),
            R"(2026-11-21T12:00:00.000Z error   "a\nb" name="x\n2026 error boo" eq="a=b" esc="\u001b[2J")");
}

TEST(Log, LevelDecidesAndThreadsDoNotMixLines) {
  configure_log(LogLevel::warning, LogFormat::json);
  testing::internal::CaptureStderr();
  log_info("not wanted");
  std::vector<std::jthread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      for (int n = 0; n < 50; ++n) log_warning("wanted", {{"n", std::int64_t{n}}});
    });
  }
  threads.clear();
  const std::string out = testing::internal::GetCapturedStderr();
  configure_log(LogLevel::info, LogFormat::automatic);
  EXPECT_EQ(out.find("not wanted"), out.npos);
  std::size_t lines = 0;
  for (std::size_t at = 0; at < out.size(); at = out.find('\n', at) + 1) {
    EXPECT_EQ(out.substr(at, 7), "{\"ts\":\"");
    ++lines;
  }
  EXPECT_EQ(lines, 200U);
}

TEST(Log, OffIsSilent) {
  configure_log(LogLevel::off, LogFormat::json);
  testing::internal::CaptureStderr();
  log_error("not wanted");
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
  configure_log(LogLevel::info, LogFormat::automatic);
}

}  // namespace
}  // namespace pawl
