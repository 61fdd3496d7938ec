// What workers log, over PostgreSQL.
#include "gtest/gtest.h"

#include "api/api_server.h"

namespace pawl::http {
namespace {

using json::Value;

class PgLogs : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { api = new ApiServer; }
  static void TearDownTestSuite() {
    delete api;
    api = nullptr;
  }

  static std::pair<int, std::string> send(std::string_view method, std::string_view target, std::string_view body,
                                          std::string_view type = "application/json",
                                          const std::string& token = api->token()) {
    Client client({.url = api->running().url(), .token = token, .retries = 0});
    const auto response = client.send(method, target, body, type);
    EXPECT_TRUE(response.has_value());
    return response ? std::pair(response->status, response->body) : std::pair(0, std::string());
  }
  static std::string text_of(const std::string& document, std::string_view member) {
    return std::string(json::parse(document)->find(member)->text());
  }

  // A run whose one task a worker has: the run and its token.
  static std::pair<std::string, std::string> working(const std::string& name) {
    send("POST", "/v1/definitions",
         "document: { dsl: 1.0.0, namespace: l, name: " + name +
             ", version: 1.0.0 }\ndo:\n  - work: { call: l.work, "
             "metadata: { pawl: { queue: " +
             name + " } } }\n",
         "application/yaml");
    const std::string run = text_of(send("POST", "/v1/runs", R"({"definition":"l/)" + name + "\"}").second, "id");
    return {run, take(name)};
  }
  static std::string take(const std::string& name, std::string_view more = "") {
    const auto polled = send("POST", "/v1/queues/" + name + "/tasks:poll",
                             R"({"worker":"w","actions":["l.work"],"wait":"10s")" + std::string(more) + "}");
    return std::string(json::parse(polled.second)->find("items")->items()[0].find("token")->text());
  }
  static std::pair<int, std::string> log(const std::string& token, const std::string& lines,
                                         const std::string& as = api->token()) {
    return send("POST", "/v1/tasks:log", R"({"items":[{"token":")" + token + R"(","lines":[)" + lines + "]}]}",
                "application/json", as);
  }
  static std::string many(int count) {
    std::string lines;
    for (int i = 0; i < count; ++i) lines += std::string(i == 0 ? "" : ",") + R"({"message":"m"})";
    return lines;
  }
  static std::pair<int, std::string> logs(const std::string& run, std::string_view query = "",
                                          const std::string& as = api->token()) {
    return send("GET", "/v1/runs/" + run + "/logs" + std::string(query), "", "", as);
  }

  static ApiServer* api;
};

ApiServer* PgLogs::api = nullptr;

TEST_F(PgLogs, KeepsLinesInTheirOrderAndPagesThem) {
  const auto [run, token] = working("order");
  EXPECT_EQ(logs(run).second, R"({"items":[]})");
  const auto told =
      log(token, R"({"message":"a","ts":"2026-01-02T03:04:05Z","level":"error"},{"message":""},{"message":"c"})");
  EXPECT_EQ(told, std::pair(200, std::string(R"({"items":[{"result":"done"}]})")));
  EXPECT_EQ(log(token, R"({"message":"d","level":"debug"})").first, 200);
  const auto page = json::parse(logs(run, "?limit=3").second);
  ASSERT_EQ(page->find("items")->size(), 3u);
  EXPECT_EQ(json::to_text(page->find("items")->items()[0]),
            R"({"attempt":1,"level":"error","line":1,"message":"a","path":"/do/0/work","ts":"2026-01-02T03:04:05Z"})");
  EXPECT_EQ(page->find("nextCursor")->text(), "3");
  const auto rest = json::parse(logs(run, "?cursor=3").second);
  ASSERT_EQ(rest->find("items")->size(), 1u);
  EXPECT_EQ(rest->find("items")->items()[0].find("message")->text(), "d");
  EXPECT_EQ(rest->find("nextCursor"), nullptr);
  // Never in the history.
  EXPECT_FALSE(send("GET", "/v1/runs/" + run + "/events", "").second.contains("\"message\""));
}

TEST_F(PgLogs, CutsLongMessagesAtACharacter) {
  const auto [run, token] = working("long");
  std::string umlauts;
  for (int i = 0; i < 4'096; ++i) umlauts += "ä";
  EXPECT_EQ(log(token, R"({"message":")" + umlauts + R"("},{"message":"x)" + umlauts + "\"}").first, 200);
  const auto page = json::parse(logs(run).second);
  const Value &whole = page->find("items")->items()[0], &cut = page->find("items")->items()[1];
  EXPECT_EQ(whole.find("message")->text().size(), 8'192u);
  EXPECT_EQ(whole.find("cut"), nullptr);
  EXPECT_EQ(cut.find("message")->text().size(), 8'191u);
  EXPECT_TRUE(cut.find("cut")->boolean());
}

TEST_F(PgLogs, DropsAndCountsWhatGoesBeyondATasksLimit) {
  const auto [run, token] = working("drops");
  EXPECT_EQ(log(token, many(990)).second, R"({"items":[{"result":"done"}]})");
  EXPECT_EQ(log(token, many(13)).second, R"({"items":[{"dropped":3,"result":"done"}]})");
  EXPECT_EQ(log(token, many(1)).second, R"({"items":[{"dropped":1,"result":"done"}]})");
  const auto page = json::parse(logs(run, "?cursor=999").second);
  EXPECT_EQ(page->find("items")->size(), 1u);
  EXPECT_EQ(page->find("dropped")->integer(), 4);
  EXPECT_EQ(log(token, many(1'001)).first, 413);
  // The task is not the worse for it.
  EXPECT_EQ(send("POST", "/v1/tasks:complete", R"({"items":[{"token":")" + token + R"(","output":{}}]})").second,
            R"({"items":[{"result":"done"}]})");
  EXPECT_EQ(log(token, many(1)).second, R"({"items":[{"dropped":1,"result":"done"}]})");
}

TEST_F(PgLogs, KeepsLinesOfAStaleTokenAndSaysSo) {
  const auto [run, token] = working("stale");
  const std::string second = take("stale", R"(,"holding":[])");  // the worker says that it has nothing: given out again
  ASSERT_NE(second, token);
  EXPECT_EQ(log(token, R"({"message":"old"})").second, R"({"items":[{"result":"stale"}]})");
  EXPECT_EQ(log(second, R"({"message":"new"})").second, R"({"items":[{"result":"done"}]})");
  EXPECT_EQ(json::parse(logs(run).second)->find("items")->size(), 2u);
}

TEST_F(PgLogs, AStrangersTokenIsUnknownAndItsRunNotThere) {
  const auto [run, token] = working("strange");
  const std::string unknown = R"({"items":[{"result":"unknown-token"}]})";
  EXPECT_EQ(log(token, many(1), api->other_token()).second, unknown);
  EXPECT_EQ(log("nonsense", many(1)).second, unknown);
  EXPECT_EQ(log(token, many(1), "pawl_bad").first, 401);
  EXPECT_EQ(logs(run, "", api->other_token()).first, 404);
  EXPECT_EQ(logs("0190f0c0-0000-7000-8000-000000000000").first, 404);
  EXPECT_EQ(logs(run).second, R"({"items":[]})");
}

TEST_F(PgLogs, RefusesWhatIsNoLine) {
  const auto [run, token] = working("wrong");
  EXPECT_TRUE(log(token, R"({"message":1})").second.contains("\"instance\":\"/items/0/lines/0/message\""));
  EXPECT_TRUE(log(token, R"({"message":"m","level":"loud"})").second.contains("member-invalid"));
  EXPECT_TRUE(log(token, R"({"message":"m","ts":"now"})").second.contains("member-invalid"));
  EXPECT_TRUE(log(token, R"({"mesage":"m"})").second.contains("unknown-member"));
  EXPECT_EQ(send("POST", "/v1/tasks:log", R"({"items":[]})").second, R"({"items":[]})");
}

}  // namespace
}  // namespace pawl::http
