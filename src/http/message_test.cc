#include "http/message.h"

#include "gtest/gtest.h"

#include "http/http_date.h"
#include "http/problem.h"
#include "http/response_queue.h"

namespace pawl::http {
namespace {

TEST(Message, HeadersKeepOrderAndCompareWithoutCase) {
  Headers headers;
  headers.add("A", "1");
  headers.add("b", "");
  headers.add("a", "2");
  EXPECT_EQ(headers.find("a"), "1");
  EXPECT_EQ(headers.find("B"), "");
  EXPECT_EQ(headers.find("c"), std::nullopt);
  EXPECT_EQ(headers[2].value, "2");
}

TEST(Message, PercentCoding) {
  EXPECT_EQ(percent_decode("a%2Fb%c3%A9+c", false), "a/b\xc3\xa9+c");
  EXPECT_EQ(percent_decode("a+b", true), "a b");
  for (const char* bad : {"%", "%4", "a%", "%g0", "%0g"}) EXPECT_EQ(percent_decode(bad, false), std::nullopt) << bad;
  EXPECT_EQ(percent_encode("a b/\xc3\xa9~-._"), "a%20b%2F%C3%A9~-._");
}

TEST(Message, Queries) {
  EXPECT_EQ(parse_query(""), QueryParameters{});
  EXPECT_EQ(parse_query("a=1&b&&c=x=y&=z"), (QueryParameters{{"a", "1"}, {"b", ""}, {"c", "x=y"}, {"", "z"}}));
  EXPECT_EQ(parse_query("a=%4"), std::nullopt);
  EXPECT_EQ(parse_query("a=%c3%a9"), (QueryParameters{{"a", "\xc3\xa9"}}));
  // What no text column could be compared with is no query either.
  for (const char* bad : {"a=%00", "%00=a", "a=%ff", "%ff=a", "a=\xff"})
    EXPECT_EQ(parse_query(bad), std::nullopt) << bad;
}

TEST(HttpDate, IsTheFixedForm) {
  EXPECT_EQ(format_http_date(784'111'777), "Sun, 06 Nov 1994 08:49:37 GMT");
  EXPECT_EQ(format_http_date(0), "Thu, 01 Jan 1970 00:00:00 GMT");
}

TEST(ProblemDocument, LeavesEmptyMembersOut) {
  const Response response = problem_response(
      {.status = 404, .code = "not-found", .title = "Nothing here", .detail = {}, .instance = {}, .hint = "look"});
  EXPECT_EQ(response.body,
            R"({"code":"not-found","hint":"look","status":404,"title":"Nothing here","type":"/problems/not-found"})");
  EXPECT_EQ(response.content_type, "application/problem+json");
  EXPECT_TRUE(response.headers.empty());
}

TEST(ProblemDocument, SaysWhenToTryAgain) {
  const Problem busy{.status = 503, .code = "overloaded", .title = {}, .detail = {}, .instance = {}, .hint = {}};
  EXPECT_EQ(problem_response(busy).headers[0].second, "1");
  EXPECT_EQ(problem_response(busy, std::chrono::milliseconds(2'001)).headers[0].second, "3");
  EXPECT_EQ(problem_response(busy).body,
            R"({"code":"overloaded","status":503,"title":"Service Unavailable","type":"/problems/overloaded"})");
}

TEST(ResponseQueue, CopiesSmallBodiesAndMovesLargeOnes) {
  ResponseQueue queue;
  const auto add = [&](std::string body) {
    queue.add({.status = 200, .content_type = {}, .headers = {}, .body = std::move(body)}, "D", Persistence::keep_alive,
              true);
  };
  add("a");
  add("b");
  std::string_view pieces[4];
  ASSERT_EQ(queue.front(pieces, 4), 1u);
  const std::string head = "HTTP/1.1 200 OK\r\nDate: D\r\nContent-Length: 1\r\n\r\n";
  EXPECT_EQ(pieces[0], head + "a" + head + "b");
  add(std::string(100'000, 'c'));
  ASSERT_EQ(queue.front(pieces, 4), 2u);
  EXPECT_EQ(queue.bytes(), pieces[0].size() + pieces[1].size());
  queue.consume(head.size());
  EXPECT_EQ(queue.front(pieces, 1), 1u);
  EXPECT_TRUE(pieces[0].starts_with("aHTTP"));
  queue.consume(queue.bytes() - 1);
  ASSERT_EQ(queue.front(pieces, 4), 1u);
  EXPECT_EQ(pieces[0], "c");
  queue.consume(1);
  EXPECT_TRUE(queue.empty());
}

}  // namespace
}  // namespace pawl::http
