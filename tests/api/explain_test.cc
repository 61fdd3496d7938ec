// What holds a run, over PostgreSQL.
#include "gtest/gtest.h"

#include "api/api_server.h"

namespace pawl::http {
namespace {

using json::Value;

class PgExplain : public ::testing::Test {
 protected:
  static Value send(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view type = "application/json", const std::string& token = {}) {
    Client client({.url = server->running().url(), .token = token.empty() ? server->token() : token, .retries = 0});
    const auto response = client.send(method, target, body, type);
    EXPECT_TRUE(response.has_value());
    return json::parse(response->body).value_or(Value{});
  }
  static std::string start(const std::string& name, const std::string& tasks) {
    send("POST", "/v1/definitions",
         "document: { dsl: 1.0.0, namespace: e, name: " + name + ", version: 1.0.0 }\ndo:\n" + tasks,
         "application/yaml");
    return std::string(send("POST", "/v1/runs", R"({"definition":"e/)" + name + "\"}").find("id")->text());
  }
  static Value explain(const std::string& run) { return send("GET", "/v1/runs/" + run + "/explain", ""); }
  static std::string poll(const std::string& queue, std::string_view wait = "0s") {
    const Value polled = send("POST", "/v1/queues/" + queue + "/tasks:poll",
                              R"({"worker":"w1","actions":["e.work"],"wait":")" + std::string(wait) + "\"}");
    const auto items = polled.find("items")->items();
    return items.empty() ? "" : std::string(items[0].find("token")->text());
  }
  static std::string text(const Value& explained, std::size_t index, std::string_view member) {
    const Value* found = explained.find("holds")->items()[index].find(member);
    return found == nullptr ? "(absent)" : found->is_string() ? std::string(found->text()) : json::to_text(*found);
  }

  static void SetUpTestSuite() { server = new ApiServer; }
  static void TearDownTestSuite() {
    delete server;
    server = nullptr;
  }

  static ApiServer* server;
};

ApiServer* PgExplain::server = nullptr;

TEST_F(PgExplain, WorkThatNobodyAsksForThenAWorkersThenNothing) {
  const std::string task = "  - work: { call: e.work, metadata: { pawl: { queue: q } } }\n";
  const std::string first = start("work", task);
  const std::string second = start("work", task);
  Value explained = explain(second);
  ASSERT_EQ(explained.find("holds")->size(), 1u) << json::to_text(explained);
  EXPECT_EQ(text(explained, 0, "kind"), "invocation");
  EXPECT_EQ(text(explained, 0, "path"), "/do/0/work");
  EXPECT_EQ(text(explained, 0, "state"), "ready");
  EXPECT_EQ(text(explained, 0, "ahead"), "1");
  EXPECT_TRUE(
      text(explained, 0, "because").ends_with("behind 1 other; no worker has asked for it since this server started"));
  EXPECT_EQ(json::to_text(*explained.find("owner")), R"({"here":true,"live":true,"node":"test"})");
  const std::string token = poll("q", "10s");  // the older one's
  explained = explain(first);
  EXPECT_EQ(text(explained, 0, "state"), "leased");
  EXPECT_EQ(text(explained, 0, "worker"), "w1");
  EXPECT_TRUE(text(explained, 0, "because").starts_with("worker w1 has it until 20"));
  explained = explain(second);
  EXPECT_EQ(text(explained, 0, "ahead"), "0");
  EXPECT_TRUE(text(explained, 0, "because").contains("the last did at 20")) << text(explained, 0, "because");
  send("POST", "/v1/tasks:complete", R"({"items":[{"token":")" + token + R"(","output":{}}]})");
  explained = explain(first);
  EXPECT_EQ(explained.find("holds")->size(), 0u);
  EXPECT_EQ(explained.find("status")->text(), "completed");
}

TEST_F(PgExplain, TimersTimeoutsAndRetries) {
  const std::string timed = start("timed", "  - doze: { wait: { hours: 1 }, timeout: { after: { hours: 2 } } }\n");
  Value explained = explain(timed);
  ASSERT_EQ(explained.find("holds")->size(), 2u) << json::to_text(explained);
  EXPECT_TRUE(text(explained, 0, "because").starts_with("it ")) << json::to_text(explained);
  const std::string kinds = text(explained, 0, "kind") + " " + text(explained, 1, "kind");
  EXPECT_TRUE(kinds == "timer timeout" || kinds == "timeout timer") << kinds;
  const std::string tried =
      start("tried",
            "  - attempt:\n      try:\n        - fail: { raise: { error: { type: 'https://x.y/z', "
            "status: 503 } } }\n      catch:\n        retry: { delay: { hours: 1 }, limit: { "
            "attempt: { count: 3 } } }\n");
  explained = explain(tried);
  ASSERT_EQ(explained.find("holds")->size(), 1u) << json::to_text(explained);
  EXPECT_EQ(text(explained, 0, "kind"), "retry");
  EXPECT_EQ(text(explained, 0, "attempt"), "1");
  EXPECT_TRUE(text(explained, 0, "because").starts_with("its retry 1 is due at 20"));
}

TEST_F(PgExplain, AnotherTenantsRunIsNotThere) {
  const std::string run = start("mine", "  - doze: { wait: { hours: 1 } }\n");
  const auto code = [&](const std::string& id, const std::string& token) {
    return std::string(send("GET", "/v1/runs/" + id + "/explain", "", "", token).find("code")->text());
  };
  EXPECT_EQ(code(run, server->other_token()), "run-not-found");
  EXPECT_EQ(code("0190f0c0-0000-7000-8000-000000000000", server->token()), "run-not-found");
  EXPECT_EQ(code("nothing", server->token()), "run-not-found");
}

}  // namespace
}  // namespace pawl::http
