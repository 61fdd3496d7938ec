#include "http/arguments.h"

#include "gtest/gtest.h"

#include "http/cursor.h"

namespace pawl::http {
namespace {

Request with_body(std::string body, std::string type = "application/json") {
  Request request;
  request.headers.add("Content-Type", type);
  request.body = std::move(body);
  return request;
}

Request with_query(std::string_view query) {
  Request request;
  request.query = *parse_query(query);
  return request;
}

TEST(Cursor, ComesBackAsItWent) {
  const Cursor cursor{Time(Microseconds(1'795'274'045'123'456)), *Uuid::parse("0190a5c4-1f2e-7abc-8def-0123456789ab")};
  const std::string text = format_cursor(cursor);
  EXPECT_EQ(text.size(), 34u);
  EXPECT_EQ(parse_cursor(text), cursor);
  const Cursor early{Time(Microseconds(-1)), Uuid{}};
  EXPECT_EQ(parse_cursor(format_cursor(early)), early);
}

TEST(Cursor, RefusesWhatItDidNotGive) {
  for (const std::string& text :
       {std::string(), std::string("x"), std::string(34, 'A'), std::string("===="), std::string(500, 'B')}) {
    EXPECT_EQ(parse_cursor(text).error().code, "cursor-invalid") << text;
  }
  for (const std::int64_t micros : {INT64_MIN, INT64_MAX, std::int64_t{253'402'300'800'000'000}}) {
    const std::string text = format_cursor({Time(Microseconds(micros)), Uuid{}});
    EXPECT_EQ(parse_cursor(text).error().code, "cursor-invalid") << micros;
  }
}

TEST(Arguments, UnknownParametersAreRefusedWithAHint) {
  EXPECT_TRUE(only_parameters(with_query("limit=1"), {"limit", "cursor"}).has_value());
  const auto refused = only_parameters(with_query("limt=1"), {"limit", "cursor"});
  EXPECT_EQ(refused.error().code, "unknown-parameter");
  EXPECT_EQ(refused.error().hint, R"(did you mean "limit"?)");
  EXPECT_EQ(only_parameters(with_query("zzzzzz=1"), {"limit", "cursor"}).error().hint, "known are: limit, cursor");
  EXPECT_EQ(only_parameters(with_query("limit=1&limit=2"), {"limit"}).error().code, "duplicate-parameter");
}

TEST(Arguments, Limits) {
  EXPECT_EQ(limit_parameter(with_query("")), 50u);
  EXPECT_EQ(limit_parameter(with_query("limit=1")), 1u);
  EXPECT_EQ(limit_parameter(with_query("limit=200")), 200u);
  for (const char* bad : {"limit=0", "limit=201", "limit=", "limit=1x", "limit=-1", "limit=99999999999999999999"}) {
    EXPECT_EQ(limit_parameter(with_query(bad)).error().code, "parameter-invalid") << bad;
  }
}

TEST(Arguments, DurationsAndTimes) {
  const Microseconds minute{60'000'000};
  EXPECT_EQ(duration_parameter(with_query(""), "wait", minute), std::nullopt);
  EXPECT_EQ(duration_parameter(with_query("wait=30s"), "wait", minute), Microseconds(30'000'000));
  EXPECT_EQ(duration_parameter(with_query("wait=PT5M"), "wait", minute), minute);
  EXPECT_EQ(duration_parameter(with_query("wait=soon"), "wait", minute).error().instance, "wait");
  EXPECT_EQ(time_parameter(with_query("since=1970-01-01T00:00:01Z"), "since"), Time(Microseconds(1'000'000)));
  EXPECT_FALSE(time_parameter(with_query("since=yesterday"), "since").has_value());
}

TEST(Arguments, Bodies) {
  const auto read = [](Request request) { return object_body(request, 30, "input", {"definition", "input"}); };
  EXPECT_EQ(read(with_body(R"({"input":1})"))->find("input")->integer(), 1);
  EXPECT_TRUE(read(with_body("{}", "application/vnd.x+json; charset=utf-8")).has_value());
  EXPECT_EQ(read(with_body("{}", "text/yaml")).error().status, 415);
  EXPECT_EQ(read(with_body("")).error().code, "body-missing");
  EXPECT_EQ(read(with_body("[]")).error().code, "member-invalid");
  EXPECT_EQ(read(with_body("{")).error().code, "invalid-json");
  EXPECT_EQ(read(with_body("{\"input\":\"\\u0000\"}")).error().code, "invalid-string");
  const auto misspelt = read(with_body(R"({"inputs":1})")).error();
  EXPECT_EQ(misspelt.code, "unknown-member");
  EXPECT_EQ(misspelt.instance, "/inputs");
  EXPECT_EQ(misspelt.hint, R"(did you mean "input"?)");
  const auto large = read(with_body(R"({"input":"0123456789012345678"})")).error();
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.instance, "input");
}

TEST(Arguments, Members) {
  const json::Value object = json::Value::object({{"a", "text"},
                                                  {"b", json::Value::integer(5)},
                                                  {"c", json::Value::array({1.5 > 1, nullptr})},
                                                  {"d", nullptr},
                                                  {"e", ""}});
  EXPECT_EQ(required_text(object, "", "a", 4), "text");
  EXPECT_EQ(required_text(object, "", "a", 3).error().status, 413);
  EXPECT_EQ(required_text(object, "/x", "d", 9).error().instance, "/x/d");
  EXPECT_EQ(required_text(object, "", "b", 9).error().code, "member-invalid");
  EXPECT_EQ(optional_text(object, "", "z", 9), "");
  EXPECT_FALSE(optional_text(object, "", "e", 9).has_value());
  EXPECT_EQ(optional_integer(object, "", "b", 0, 5), 5);
  EXPECT_FALSE(optional_integer(object, "", "b", 0, 4).has_value());
  EXPECT_FALSE(optional_integer(object, "", "a", 0, 4).has_value());
  EXPECT_EQ(optional_integer(object, "", "z", 0, 4), std::nullopt);
  EXPECT_EQ(required_array(object, "", "c", 2)->size(), 2u);
  EXPECT_EQ(required_array(object, "", "c", 1).error().code, "limit-exceeded");
  EXPECT_EQ(required_array(object, "", "z", 1).error().code, "member-missing");
}

}  // namespace
}  // namespace pawl::http
