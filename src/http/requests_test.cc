#include "gtest/gtest.h"

#include "base/hash.h"
#include "http/authenticated.h"
#include "http/run_requests.h"
#include "http/worker_requests.h"
#include "json/parse.h"

namespace pawl::http {
namespace {

const Uuid tenant = *Uuid::parse("0190a5c4-0000-7000-8000-000000000001");
const Uuid other_tenant = *Uuid::parse("0190a5c4-0000-7000-8000-000000000002");

Request post(std::string body, std::string_view query = "") {
  Request request;
  request.method = "POST";
  request.body = std::move(body);
  request.query = *parse_query(query);
  return request;
}

std::string refused_start(std::string body, std::string_view query = "") {
  const auto start = read_start(tenant, post(std::move(body), query));
  return start ? "" : start.error().code + " " + start.error().instance;
}

TEST(StartRequests, AreReadWhole) {
  const std::string body =
      R"({"definition":"shop/order","version":"1.2.0","input":{"a":1},"idempotencyKey":"k","queue":"fast","priority":9,"correlationId":"c"})";
  const auto start = read_start(tenant, post(body, "wait=30s"));
  ASSERT_TRUE(start.has_value());
  EXPECT_EQ(start->run.tenant, tenant);
  EXPECT_EQ(start->run.namespace_ + "|" + start->run.name + "|" + start->run.version, "shop|order|1.2.0");
  EXPECT_EQ(start->run.input, *json::parse(R"({"a":1})"));
  EXPECT_EQ(start->run.idempotency_key + start->run.queue + start->run.correlation_id, "kfastc");
  EXPECT_EQ(start->run.priority, 9);
  EXPECT_EQ(start->run.request_sha256, sha256(body));
  EXPECT_EQ(start->wait, Microseconds(30'000'000));
}

TEST(StartRequests, NeedNoMoreThanADefinition) {
  const auto start = read_start(tenant, post(R"({"definition":"a/b"})"));
  ASSERT_TRUE(start.has_value());
  EXPECT_TRUE(start->run.input.is_null());
  EXPECT_EQ(start->run.priority, 5);
  EXPECT_EQ(start->wait, Microseconds(0));
}

TEST(StartRequests, RefuseWhatTheyDoNotKnow) {
  EXPECT_EQ(refused_start("{}"), "member-missing /definition");
  EXPECT_EQ(refused_start(R"({"definition":"b"})"), "member-invalid /definition");
  EXPECT_EQ(refused_start(R"({"definition":"/b"})"), "member-invalid /definition");
  EXPECT_EQ(refused_start(R"({"definition":"a/"})"), "member-invalid /definition");
  EXPECT_EQ(refused_start(R"({"definition":"a/b/c"})"), "member-invalid /definition");
  EXPECT_EQ(refused_start(R"({"definition":"a/b","queue":"@http"})"), "queue-reserved /queue");
  EXPECT_EQ(refused_start(R"({"definition":"a/b","priority":10})"), "member-invalid /priority");
  EXPECT_EQ(refused_start(R"({"definition":"a/b","key":"k"})"), "unknown-member /key");
  EXPECT_EQ(refused_start(R"({"definition":"a/b","idempotencyKey":""})"), "member-invalid /idempotencyKey");
  EXPECT_EQ(refused_start(R"({"definition":"a/b"})", "wait=long"), "parameter-invalid wait");
  EXPECT_EQ(refused_start(R"({"definition":"a/b"})", "follow=1"), "unknown-parameter follow");
}

TEST(StartRequests, BoundTheirTexts) {
  const auto keyed = [](std::size_t bytes) {
    return R"({"definition":"a/b","idempotencyKey":")" + std::string(bytes, 'k') + "\"}";
  };
  EXPECT_EQ(refused_start(keyed(255)), "");
  EXPECT_EQ(refused_start(keyed(256)), "limit-exceeded /idempotencyKey");
  const auto with_input = [](std::size_t bytes) {  // two of them are the quotation marks
    return R"({"definition":"a/b","input":")" + std::string(bytes - 2, 'i') + "\"}";
  };
  EXPECT_EQ(refused_start(with_input(1 << 20)), "");
  EXPECT_EQ(refused_start(with_input((1 << 20) + 1)), "limit-exceeded input");
  EXPECT_EQ(refused_start(with_input((1 << 20) + 5'000)), "limit-exceeded input");
}

TEST(RunLists, AreFiltered) {
  const auto list = read_run_list(post(
      "",
      "status=waiting&definition=a%2Fb&startedFrom=2026-01-01T00:00:00Z&startedBefore=2026-02-01T00:00:00Z&limit=7"));
  ASSERT_TRUE(list.has_value());
  EXPECT_EQ(list->filter.status, core::RunStatus::waiting);
  EXPECT_EQ(list->filter.definition, (std::pair<std::string, std::string>("a", "b")));
  EXPECT_EQ(list->filter.started_from, parse_time("2026-01-01T00:00:00Z"));
  EXPECT_EQ(list->filter.started_before, parse_time("2026-02-01T00:00:00Z"));
  EXPECT_EQ(list->page.limit, 7u);
  EXPECT_FALSE(read_run_list(post("", "status=done")).has_value());
  EXPECT_EQ(read_run_list(post("", "statu=waiting")).error().hint, R"(did you mean "status"?)");
  EXPECT_FALSE(read_run_list(post("", "cursor=x")).has_value());
}

TEST(NumberCursors, AreDigits) {
  EXPECT_EQ(number_cursor(post("")), 0u);
  EXPECT_EQ(number_cursor(post("", "cursor=17")), 17u);
  for (const char* bad : {"cursor=-1", "cursor=1x", "cursor=4294967296"}) {
    EXPECT_EQ(number_cursor(post("", bad)).error().code, "cursor-invalid") << bad;
  }
}

TEST(CancelRequests, MayGiveAReason) {
  EXPECT_EQ(read_cancel(post("")), "");
  EXPECT_EQ(read_cancel(post("{}")), "");
  EXPECT_EQ(read_cancel(post(R"({"reason":"late"})")), "late");
  EXPECT_FALSE(read_cancel(post(R"({"why":"late"})")).has_value());
  EXPECT_EQ(read_cancel(post(R"({"reason":")" + std::string(1'025, 'r') + "\"}")).error().status, 413);
}

TEST(Polls, AreReadWhole) {
  const auto poll = read_poll(tenant, "q", post(R"({"worker":"w","actions":["a.b","a.c"],"max":1000,"wait":"90s"})"));
  ASSERT_TRUE(poll.has_value());
  EXPECT_EQ(poll->queue + poll->worker, "qw");
  EXPECT_EQ(poll->actions, (std::vector<std::string>{"a.b", "a.c"}));
  EXPECT_EQ(poll->max, 1'000u);
  EXPECT_EQ(poll->wait, Microseconds(60'000'000));  // the longest there is
  EXPECT_EQ(read_poll(tenant, "q", post(R"({"worker":"w","actions":["a.b"]})"))->max, 1u);
}

TEST(Polls, RefuseWhatTheyCannotMean) {
  const auto refused = [](std::string queue, std::string body) {
    const auto poll = read_poll(tenant, std::move(queue), post(std::move(body)));
    return poll ? "" : poll.error().code + " " + poll.error().instance;
  };
  EXPECT_EQ(refused("@http", R"({"worker":"w","actions":["a.b"]})"), "queue-reserved queue");
  EXPECT_EQ(refused("q", R"({"actions":["a.b"]})"), "member-missing /worker");
  EXPECT_EQ(refused("q", R"({"worker":"w"})"), "member-missing /actions");
  EXPECT_EQ(refused("q", R"({"worker":"w","actions":[]})"), "member-invalid /actions");
  EXPECT_EQ(refused("q", R"({"worker":"w","actions":["a",1]})"), "member-invalid /actions/1");
  EXPECT_EQ(refused("q", R"({"worker":"w","actions":["a"],"max":0})"), "member-invalid /max");
  EXPECT_EQ(refused("q", R"({"worker":"w","actions":["a"],"max":1001})"), "member-invalid /max");
  EXPECT_EQ(refused("q", R"({"worker":"w","actions":["a"],"wait":"soon"})"), "member-invalid /wait");
}

std::string token_of(const Uuid& owner) {
  return engine::TaskToken{.tenant = owner, .invocation = owner, .attempt = 2, .lease = 3}.text();
}

std::string items(const std::string& item) { return R"({"items":[)" + item + "]}"; }
std::string result(const std::string& rest, const Uuid& owner = tenant) {
  return R"({"token":")" + token_of(owner) + "\"," + rest + "}";
}

TEST(Results, AreReadWhole) {
  const auto batch = read_results(
      tenant,
      post(items(
          result(R"("output":null)") + "," +
          result(
              R"("error":{"type":"t","status":422,"title":"no","detail":"d","effect":"unknown"},"retryAfter":"5s")"))));
  ASSERT_TRUE(batch.has_value());
  ASSERT_EQ(batch->size(), 2u);
  const engine::TaskResult& done = *batch->at(0);
  EXPECT_FALSE(done.failed);
  EXPECT_TRUE(done.output.is_null());
  EXPECT_EQ(done.token.attempt, 2u);
  const engine::TaskResult& failed = *batch->at(1);
  EXPECT_TRUE(failed.failed);
  EXPECT_EQ(failed.error, *json::parse(R"({"type":"t","status":422,"title":"no","detail":"d"})"));
  EXPECT_EQ(failed.effect, core::Effect::unknown);
  EXPECT_EQ(failed.retry_after, Microseconds(5'000'000));
  EXPECT_EQ(read_results(tenant, post(items(result(R"("error":{})"))))->at(0)->effect, core::Effect::not_done);
}

TEST(Results, OfAnotherTenantOrOfNobodyAreUnknown) {
  const auto batch =
      read_results(tenant, post(items(result(R"("output":1)", other_tenant) + R"(,{"token":"x","output":1})")));
  ASSERT_TRUE(batch.has_value());
  EXPECT_EQ(batch->at(0), std::nullopt);
  EXPECT_EQ(batch->at(1), std::nullopt);
}

TEST(Results, RefuseWhatTheyCannotMean) {
  const auto refused = [](std::string body) {
    const auto batch = read_results(tenant, post(std::move(body)));
    return batch ? "" : batch.error().code + " " + batch.error().instance;
  };
  EXPECT_EQ(refused("{}"), "member-missing /items");
  EXPECT_EQ(refused(items("1")), "member-invalid /items/0");
  EXPECT_EQ(refused(items(result(R"("output":1,"error":{})"))), "member-invalid /items/0");
  EXPECT_EQ(refused(items(R"({"token":"x"})")), "member-invalid /items/0");
  EXPECT_EQ(refused(items(R"({"output":1})")), "member-missing /items/0/token");
  EXPECT_EQ(refused(items(result(R"("error":{"code":1})"))), "unknown-member /items/0/error/code");
  EXPECT_EQ(refused(items(result(R"("error":{"status":99})"))), "member-invalid /items/0/error/status");
  EXPECT_EQ(refused(items(result(R"("error":{"effect":"maybe"})"))), "member-invalid /items/0/error/effect");
  EXPECT_EQ(refused(items(result(R"("error":"no")"))), "member-invalid /items/0/error");
  EXPECT_EQ(refused(items(result(R"("outputs":1)"))), "unknown-member /items/0/outputs");
  const std::string large = "\"" + std::string((1 << 20) - 1, 'o') + "\"";
  EXPECT_EQ(refused(items(result("\"output\":" + large))), "limit-exceeded output");
  std::string many = "1";
  for (int i = 0; i < 1'000; ++i) many += ",1";
  EXPECT_EQ(refused(items(many)), "limit-exceeded /items");
}

TEST(Heartbeats, SayWhetherThereIsProgress) {
  const auto batch =
      read_heartbeats(tenant, post(items(result(R"("progress":true)") + R"(,{"token":")" + token_of(tenant) + "\"}")));
  ASSERT_TRUE(batch.has_value());
  EXPECT_TRUE(batch->at(0)->progress);
  EXPECT_FALSE(batch->at(1)->progress);
}

TEST(BearerTokens, AreReadFromTheHeader) {
  const auto token = [](std::string_view value) {
    Request request;
    request.headers.add("authorization", value);
    return std::string(bearer_token(request));
  };
  EXPECT_EQ(token("Bearer abc"), "abc");
  EXPECT_EQ(token("bearer  abc"), "abc");
  for (const char* bad : {"", "Bearer", "Bearer ", "Basic abc", "abc"}) EXPECT_EQ(token(bad), "") << bad;
  EXPECT_EQ(bearer_token(Request{}), "");
}

}  // namespace
}  // namespace pawl::http
