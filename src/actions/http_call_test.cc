#include "actions/http_call.h"

#include "gtest/gtest.h"

#include "actions/redirect.h"
#include "json/parse.h"

namespace pawl::actions {
namespace {

using json::Value;
using ports::CallFailure;

Value parsed(std::string_view text) { return *json::parse(text); }

HttpCall made(std::string_view with) {
  auto call = make_http_call(parsed(with), "key1");
  EXPECT_TRUE(call.has_value()) << with;
  return std::move(*call);
}

std::string error_of_call(std::string_view with) {
  const auto call = make_http_call(parsed(with), "key1");
  if (call) return "";
  EXPECT_EQ(call.error().effect, core::Effect::not_done);
  EXPECT_EQ(call.error().error.find("status")->integer(), 400);
  EXPECT_TRUE(call.error().error.find("type")->text().ends_with("/errors/validation"));
  return std::string(call.error().error.find("detail")->text());
}

TEST(HttpCallRequest, TakesMethodUriAndKey) {
  const HttpCall call = made(R"({"method":"post","endpoint":"http://h/a"})");
  EXPECT_EQ(call.request.method, "POST");
  EXPECT_EQ(call.request.uri, "http://h/a");
  EXPECT_EQ(call.request.headers, (HeaderFields{{"Idempotency-Key", "key1"}}));
  EXPECT_EQ(call.request.body, "");
  EXPECT_EQ(call.output, HttpCall::Output::content);
  EXPECT_FALSE(call.follow_redirects);
}

TEST(HttpCallRequest, AuthorsKeyAndHeadersStand) {
  const HttpCall call =
      made(R"({"method":"GET","endpoint":"http://h","headers":{"idempotency-key":"mine","X-N":5,"X-Z":null}})");
  EXPECT_EQ(call.request.headers, (HeaderFields{{"X-N", "5"}, {"idempotency-key", "mine"}}));
}

TEST(HttpCallRequest, MergesTheQuery) {
  const auto uri = [](std::string_view endpoint, std::string_view query) {
    return made(R"({"method":"GET","endpoint":")" + std::string(endpoint) + R"(","query":)" + std::string(query) + "}")
        .request.uri;
  };
  EXPECT_EQ(uri("http://h/p", R"({"b":"x y","a":1})"), "http://h/p?a=1&b=x%20y");
  EXPECT_EQ(uri("http://h/p?c=2", R"({"a":"&"})"), "http://h/p?c=2&a=%26");
  EXPECT_EQ(uri("http://h/p?c=2#part", R"({"a":true})"), "http://h/p?c=2&a=true");
  EXPECT_EQ(uri("http://h/p?", R"({"a":"1"})"), "http://h/p?a=1");
  EXPECT_EQ(uri("http://h/p", R"({"a":["x","y"],"b":null})"), "http://h/p?a=x&a=y");
  EXPECT_EQ(uri("http://h/p", "{}"), "http://h/p");
  EXPECT_TRUE(error_of_call(R"({"method":"GET","endpoint":"http://h","query":{"a":{"b":1}}})").starts_with("query:"));
  EXPECT_TRUE(error_of_call(R"({"method":"GET","endpoint":"http://h","query":"a=1"})").starts_with("query:"));
}

TEST(HttpCallRequest, WritesTheBodyByItsType) {
  const auto body = [](std::string_view value, std::string_view type) {
    std::string with = R"({"method":"POST","endpoint":"http://h","body":)" + std::string(value);
    if (!type.empty()) with += R"(,"headers":{"Content-Type":")" + std::string(type) + "\"}";
    const HttpRequest request = made(with + "}").request;
    return request.body + " | " + std::string(find_header(request.headers, "content-type").value_or("none"));
  };
  EXPECT_EQ(body(R"({"a":[1,2.5]})", ""), R"({"a":[1,2.5]} | application/json)");
  EXPECT_EQ(body("[]", "application/vnd.x+json"), "[] | application/vnd.x+json");
  EXPECT_EQ(body("7", ""), "7 | application/json");
  EXPECT_EQ(body(R"("text")", ""), "text | text/plain; charset=utf-8");
  EXPECT_EQ(body(R"("{}")", "application/json"), "{} | application/json");
  EXPECT_EQ(body(R"({"b":"x y","a":[1,2]})", "application/x-www-form-urlencoded"),
            "a=1&a=2&b=x%20y | application/x-www-form-urlencoded");
  EXPECT_EQ(body("null", ""), " | none");
  EXPECT_TRUE(
      error_of_call(R"({"method":"POST","endpoint":"http://h","body":{},"headers":{"Content-Type":"text/xml"}})")
          .starts_with("body:"));
}

TEST(HttpCallRequest, RefusesWhatCannotBeSent) {
  EXPECT_TRUE(error_of_call(R"({"endpoint":"http://h"})").starts_with("method:"));
  EXPECT_TRUE(error_of_call(R"({"method":"CONNECT","endpoint":"http://h"})").starts_with("method:"));
  EXPECT_TRUE(error_of_call(R"({"method":"GET X","endpoint":"http://h"})").starts_with("method:"));
  EXPECT_TRUE(error_of_call(R"({"method":"GET","endpoint":"http://h","output":"all"})").starts_with("output:"));
  for (const char* headers :
       {R"({"A":"1\r\nB: 2"})", R"({"A B":"1"})", R"({"":"1"})", R"({"A":[1]})", R"({"host":"x"})",
        R"({"Content-Length":"1"})", R"({"transfer-encoding":"chunked"})", R"("A: 1")"}) {
    EXPECT_TRUE(error_of_call(R"({"method":"GET","endpoint":"http://h","headers":)" + std::string(headers) + "}")
                    .starts_with("headers:"))
        << headers;
  }
}

ports::CallOutcome outcome(std::string_view with, int status, HeaderFields headers, std::string body) {
  return outcome_of(made(with), {.status = status, .headers = std::move(headers), .body = std::move(body)}, Time{});
}

constexpr std::string_view plain = R"({"method":"GET","endpoint":"http://h/p"})";

Value content(HeaderFields headers, std::string body, std::string_view with = plain) {
  auto result = outcome(with, 200, std::move(headers), std::move(body));
  EXPECT_TRUE(std::holds_alternative<Value>(result));
  return std::holds_alternative<Value>(result) ? std::get<Value>(result) : Value("failed");
}

TEST(HttpCallOutcome, ReadsContentByItsType) {
  EXPECT_EQ(content({{"content-type", "application/json; charset=utf-8"}}, R"({"a":1})"), parsed(R"({"a":1})"));
  EXPECT_EQ(content({{"Content-Type", "application/problem+json"}}, "[1]"), parsed("[1]"));
  EXPECT_EQ(content({{"Content-Type", "application/json"}}, " "), Value());
  EXPECT_EQ(content({{"Content-Type", "text/plain"}}, "h\xc3\xa9"), Value("h\xc3\xa9"));
  EXPECT_EQ(content({{"Content-Type", "text/plain; charset=ISO-8859-1"}}, "h\xe9"), Value("h\xc3\xa9"));
  EXPECT_EQ(content({{"Content-Type", "text/html"}}, ""), Value(""));
  EXPECT_EQ(content({{"Content-Type", "image/png"}}, std::string("\x00\xff", 2)), Value("AP8="));
  EXPECT_EQ(content({}, "abc"), Value("YWJj"));
  EXPECT_EQ(content({}, ""), Value());
  EXPECT_EQ(
      content({{"Content-Type", "application/json"}}, "{}", R"({"method":"GET","endpoint":"http://h","output":"raw"})"),
      Value("e30="));
}

TEST(HttpCallOutcome, TellsTheWholeResponse) {
  const Value whole = content(
      {{"content-TYPE", "application/json"}, {"x-a", "1"}, {"X-A", "2"}}, "[]",
      R"({"method":"GET","endpoint":"http://h/p","query":{"q":1},"headers":{"accept":"x","AUTHORIZATION":"secret"},"output":"response"})");
  EXPECT_EQ(whole,
            parsed(R"({"request":{"method":"GET","uri":"http://h/p?q=1","headers":{"Accept":"x"}},"statusCode":200,
                             "headers":{"Content-Type":"application/json","X-A":"1, 2"},"content":[]})"));
  const Value bare = content({}, "", R"({"method":"GET","endpoint":"http://h","output":"response"})");
  EXPECT_EQ(*bare.find("request")->find("headers"), Value::object());
}

TEST(HttpCallOutcome, AnUnreadableAnswerIsACommunicationError) {
  const auto broken = [](std::string type, std::string body) {
    const auto result = outcome(plain, 200, {{"Content-Type", type}}, std::move(body));
    const CallFailure& failure = std::get<CallFailure>(result);
    EXPECT_EQ(failure.error.find("status")->integer(), 500);
    EXPECT_TRUE(failure.error.find("type")->text().ends_with("/errors/communication"));
    EXPECT_EQ(failure.effect, core::Effect::unknown);
    EXPECT_EQ(failure.error.find("instance"), nullptr);
  };
  broken("application/json", "{");
  broken("application/json", R"("\u0000")");
  broken("application/json", R"("\ud800")");
  broken("application/json", "\"\xff\"");
  broken("text/plain", std::string("a\0b", 3));
  broken("text/plain", "\xff");
}

TEST(HttpCallOutcome, StatusesAndEffects) {
  const auto failure = [](int status, std::string_view with = plain) {
    const auto result = outcome(with, status, {{"Retry-After", "3"}, {"Content-Type", "text/plain"}}, "why");
    EXPECT_TRUE(std::holds_alternative<CallFailure>(result)) << status;
    const CallFailure& failed = std::get<CallFailure>(result);
    EXPECT_EQ(failed.error.find("status")->integer(), status);
    EXPECT_EQ(failed.error.find("detail")->text(), "the answer's status is " + std::to_string(status) + ": why");
    EXPECT_EQ(failed.retry_after, Microseconds(3'000'000));
    return failed.effect;
  };
  EXPECT_EQ(failure(301), core::Effect::unknown);
  EXPECT_EQ(failure(400), core::Effect::not_done);
  EXPECT_EQ(failure(401), core::Effect::not_done);
  EXPECT_EQ(failure(404), core::Effect::not_done);
  EXPECT_EQ(failure(408), core::Effect::unknown);
  EXPECT_EQ(failure(429), core::Effect::not_done);
  EXPECT_EQ(failure(500), core::Effect::unknown);
  EXPECT_EQ(failure(503), core::Effect::unknown);
  EXPECT_EQ(failure(404, R"({"method":"GET","endpoint":"http://h","redirect":true})"), core::Effect::not_done);
  // Followed as far as it could be: a success.
  EXPECT_TRUE(
      std::holds_alternative<Value>(outcome(R"({"method":"GET","endpoint":"http://h","redirect":true})", 304, {}, "")));
}

TEST(HttpCallOutcome, ALongOrBinaryErrorAnswerIsNotRepeated) {
  const auto detail = [](std::string body) {
    const auto result = outcome(plain, 500, {}, std::move(body));
    return std::string(std::get<CallFailure>(result).error.find("detail")->text());
  };
  EXPECT_EQ(detail(std::string("\x01\x02", 2)), "the answer's status is 500");
  EXPECT_EQ(detail("\xff\xfe\xff\xfe\xff\xfe"), "the answer's status is 500");
  EXPECT_EQ(detail(std::string(511, 'a') + "\xc3\xa9"), "the answer's status is 500: " + std::string(511, 'a') + "…");
}

TEST(HttpCallOutcome, FailuresWithoutAnAnswer) {
  using Kind = HttpFailure::Kind;
  const CallFailure unsent = failure_of({.kind = Kind::connection, .sent = false, .status = 0, .detail = "no"});
  EXPECT_EQ(unsent.effect, core::Effect::not_done);
  EXPECT_EQ(unsent.error.find("status")->integer(), 500);
  EXPECT_TRUE(unsent.error.find("type")->text().ends_with("/errors/communication"));
  EXPECT_EQ(failure_of({.kind = Kind::lost, .sent = true, .status = 200, .detail = "cut"}).effect,
            core::Effect::unknown);
  EXPECT_EQ(
      failure_of({.kind = Kind::redirects, .sent = true, .status = 302, .detail = ""}).error.find("status")->integer(),
      302);
}

TEST(HeaderStyle, CapitalAfterEachHyphen) {
  EXPECT_EQ(header_style("content-type"), "Content-Type");
  EXPECT_EQ(header_style("WWW-AUTHENTICATE"), "Www-Authenticate");
  EXPECT_EQ(header_style("x"), "X");
  EXPECT_EQ(header_style(""), "");
}

HttpRequest post() {
  return {
      .method = "POST",
      .uri = "http://user:pw@a.example/x/y?q=1",
      .headers = {{"Authorization", "s"}, {"cookie", "c"}, {"Content-Type", "t"}, {"X", "1"}, {"Idempotency-Key", "k"}},
      .body = "b"};
}

std::optional<HttpRequest> follow(int status, std::string location, HttpRequest request = post()) {
  return redirected(request, {.status = status, .headers = {{"location", std::move(location)}}, .body = {}});
}

TEST(Redirect, KeepsOrDropsTheBody) {
  for (const int status : {301, 302, 303}) {
    const auto next = follow(status, "/z");
    ASSERT_TRUE(next) << status;
    EXPECT_EQ(next->method, "GET");
    EXPECT_EQ(next->body, "");
    EXPECT_EQ(find_header(next->headers, "Content-Type"), std::nullopt);
  }
  for (const int status : {307, 308}) {
    EXPECT_EQ(follow(status, "/z")->method, "POST");
    EXPECT_EQ(follow(status, "/z")->body, "b");
  }
  HttpRequest put = post();
  put.method = "PUT";
  EXPECT_EQ(follow(302, "/z", put)->method, "PUT");
  EXPECT_EQ(follow(303, "/z", put)->method, "GET");
}

TEST(Redirect, CredentialsStayWithTheOrigin) {
  const auto has = [](const std::optional<HttpRequest>& next, std::string_view name) {
    return find_header(next->headers, name).has_value();
  };
  const auto same = follow(307, "http://a.example:80/other");
  EXPECT_TRUE(has(same, "Authorization") && has(same, "Cookie") && has(same, "X"));
  for (const char* other : {"http://b.example/", "https://a.example/", "http://a.example:81/", "//b.example/z"}) {
    const auto next = follow(307, other);
    ASSERT_TRUE(next) << other;
    EXPECT_FALSE(has(next, "Authorization") || has(next, "Cookie")) << other;
    EXPECT_TRUE(has(next, "X") && has(next, "Idempotency-Key")) << other;
    EXPECT_FALSE(next->uri.contains("pw")) << next->uri;
  }
}

TEST(Redirect, ResolvesAgainstTheRequest) {
  EXPECT_EQ(follow(307, "z")->uri, "http://user:pw@a.example/x/z");
  EXPECT_EQ(follow(307, "../z?k=2#part")->uri, "http://user:pw@a.example/z?k=2");
  EXPECT_EQ(follow(307, "https://b.example")->uri, "https://b.example/");
}

TEST(Redirect, WhatCannotBeFollowed) {
  EXPECT_FALSE(follow(307, ""));
  EXPECT_FALSE(follow(307, "ftp://a.example/"));
  EXPECT_FALSE(follow(307, "file:///etc/passwd"));
  EXPECT_FALSE(follow(304, "/z"));
  EXPECT_FALSE(follow(300, "/z"));
  EXPECT_FALSE(redirected(post(), {.status = 307, .headers = {}, .body = {}}));
}

TEST(Origin, TellsThePort) {
  EXPECT_EQ(origin_of("http://h/p"), "http://h:80");
  EXPECT_EQ(origin_of("https://user@h/p"), "https://h:443");
  EXPECT_EQ(origin_of("http://h:81"), "http://h:81");
  EXPECT_EQ(origin_of("ftp://h/p"), std::nullopt);
  EXPECT_EQ(origin_of("nonsense"), std::nullopt);
  EXPECT_EQ(origin_of("http://h h/"), std::nullopt);
}

}  // namespace
}  // namespace pawl::actions
