// The API as its clients see it, over PostgreSQL.
#include "http/routes.h"

#include "gtest/gtest.h"

#include <set>

#include "api/api_server.h"
#include "http/embedded.h"

namespace pawl::http {
namespace {

using json::Value;

struct Answer {
  int status = 0;
  Value body;
  Response response;

  std::string text(std::string_view pointer_member) const {
    const Value* found = body.find(pointer_member);
    return found == nullptr ? "(absent)" : found->is_string() ? std::string(found->text()) : json::to_text(*found);
  }
  const Value& item(std::size_t index) const { return body.find("items")->items()[index]; }
  std::size_t count() const { return body.find("items")->items().size(); }
};

// One server for all: each test has definitions of its own.
class PgRoutes : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { api = new ApiServer; }
  static void TearDownTestSuite() {
    delete api;
    api = nullptr;
  }

  Answer send(std::string_view method, std::string_view target, std::string_view body = {},
              std::string_view type = "application/json", std::optional<std::string> token = std::nullopt) {
    Client client({.url = api->running().url(), .token = token.value_or(api->token()), .retries = 0});
    auto response = client.send(method, target, body, type);
    EXPECT_TRUE(response.has_value());
    Answer answer;
    if (!response) return answer;
    answer.status = response->status;
    if (auto parsed = json::parse(response->body)) answer.body = std::move(*parsed);
    answer.response = std::move(*response);
    return answer;
  }
  Answer get(std::string_view target) { return send("GET", target); }
  Answer post(std::string_view target, std::string_view body) { return send("POST", target, body); }

  static std::string set_definition(std::string_view name, std::string_view version = "1.0.0",
                                    std::string_view value = "1") {
    return "document: { dsl: 1.0.0, namespace: t, name: " + std::string(name) + ", version: " + std::string(version) +
           " }\ndo:\n  - s: { set: { v: " + std::string(value) + ", in: '${ . }' } }\n";
  }
  static std::string task_definition(std::string_view name) {
    return "document: { dsl: 1.0.0, namespace: t, name: " + std::string(name) +
           ", version: 1.0.0 }\ndo:\n  - work: { call: t.work, with: { n: '${ .n }' }, metadata: { pawl: { queue: " +
           std::string(name) + " } } }\n";
  }
  void deploy(const std::string& document) {
    const Answer answer = send("POST", "/v1/definitions", document, "application/yaml");
    ASSERT_EQ(answer.status, 201) << json::to_text(answer.body);
  }

  static ApiServer* api;
};

ApiServer* PgRoutes::api = nullptr;

TEST_F(PgRoutes, DeploysOnceAndNeverChangesAVersion) {
  const Answer first = send("POST", "/v1/definitions", set_definition("deploy"), "application/yaml");
  EXPECT_EQ(first.status, 201);
  EXPECT_EQ(json::to_text(first.body), R"({"active":true,"created":true,"definition":"t/deploy","version":"1.0.0"})");
  const Answer again = send("POST", "/v1/definitions", "# a comment\n" + set_definition("deploy"), "application/yaml");
  EXPECT_EQ(again.status, 200);
  EXPECT_EQ(again.text("created"), "false");
  const Answer other = send("POST", "/v1/definitions", set_definition("deploy", "1.0.0", "2"), "text/yaml");
  EXPECT_EQ(other.status, 409);
  EXPECT_EQ(other.text("code"), "version-exists");
  const Answer quiet =
      send("POST", "/v1/definitions?activate=false", set_definition("deploy", "2.0.0"), "application/yaml");
  EXPECT_EQ(quiet.text("active"), "false");
  EXPECT_EQ(get("/v1/definitions/t/deploy").text("version"), "1.0.0");
  EXPECT_EQ(get("/v1/definitions/t/deploy/2.0.0").text("active"), "false");
  EXPECT_EQ(get("/v1/definitions/t/deploy/3.0.0").text("code"), "definition-not-found");
  EXPECT_EQ(get("/v1/definitions/t/nothing").status, 404);
  EXPECT_GE(get("/v1/definitions").count(), 1u);
}

TEST_F(PgRoutes, RefusesDocumentsWithAllTheirDiagnostics) {
  const Answer refused =
      send("POST", "/v1/definitions", "document: { dsl: 1.0.0 }\ndo:\n  - a: { sett: {} }\n", "application/yaml");
  EXPECT_EQ(refused.status, 422);
  EXPECT_EQ(refused.text("code"), "definition-invalid");
  ASSERT_NE(refused.body.find("diagnostics"), nullptr);
  EXPECT_GE(refused.body.find("diagnostics")->items().size(), 2u);
  EXPECT_EQ(send("POST", "/v1/definitions", "a: [", "application/yaml").status, 422);
  EXPECT_EQ(send("POST", "/v1/definitions", "x", "image/png").status, 415);
  EXPECT_EQ(send("POST", "/v1/definitions?activate=maybe", "x", "application/yaml").text("code"), "parameter-invalid");
  const Answer large = send("POST", "/v1/definitions", std::string((1 << 20) + 1, ' '), "application/yaml");
  EXPECT_EQ(large.status, 413);
  EXPECT_EQ(large.text("instance"), "definition");
}

TEST_F(PgRoutes, RunsFromStartToEnd) {
  deploy(set_definition("whole"));
  const Answer run = post("/v1/runs", R"({"definition":"t/whole","input":{"a":1},"correlationId":"c1"})");
  ASSERT_EQ(run.status, 200) << json::to_text(run.body);
  EXPECT_EQ(run.text("status"), "completed");
  EXPECT_EQ(run.text("output"), R"({"in":{"a":1},"v":1})");
  const std::string id = run.text("id");
  const Answer stored = get("/v1/runs/" + id);
  EXPECT_EQ(stored.status, 200);
  EXPECT_EQ(stored.body, run.body);
  const Answer events = get("/v1/runs/" + id + "/events?limit=1");
  EXPECT_EQ(events.count(), 1u);
  EXPECT_EQ(events.item(0).find("type")->text(), "run.started");
  const Answer rest = get("/v1/runs/" + id + "/events?cursor=" + events.text("nextCursor"));
  EXPECT_EQ(rest.item(0).find("seq")->integer(), 2);
  EXPECT_EQ(rest.text("nextCursor"), "(absent)");
  const Answer steps = get("/v1/runs/" + id + "/steps");
  ASSERT_EQ(steps.count(), 1u);
  EXPECT_EQ(steps.item(0).find("path")->text(), "/do/0/s");
  EXPECT_EQ(steps.item(0).find("status")->text(), "completed");
  EXPECT_EQ(get("/v1/runs/" + id + "/steps?cursor=1").count(), 0u);
  EXPECT_EQ(post("/v1/runs/" + id + ":cancel", "{}").status, 409);
}

TEST_F(PgRoutes, AKeyStartsOneRun) {
  deploy(set_definition("keyed"));
  const std::string body = R"({"definition":"t/keyed","input":1,"idempotencyKey":"k"})";
  const std::string id = post("/v1/runs", body).text("id");
  const Answer again = post("/v1/runs", body);
  EXPECT_EQ(again.text("id"), id);
  EXPECT_EQ(again.text("status"), "completed");
  const Answer mismatch = post("/v1/runs", R"({"definition":"t/keyed","input":2,"idempotencyKey":"k"})");
  EXPECT_EQ(mismatch.status, 422);
  EXPECT_EQ(mismatch.text("code"), "idempotency-mismatch");
  EXPECT_EQ(get("/v1/runs?definition=t/keyed").count(), 1u);
}

TEST_F(PgRoutes, ListsRunsInPages) {
  deploy(set_definition("listed"));
  for (int i = 0; i < 5; ++i) post("/v1/runs", R"({"definition":"t/listed"})");
  std::set<std::string> ids;
  std::string cursor;
  int pages = 0;
  do {
    const Answer page = get("/v1/runs?definition=t%2Flisted&limit=2" + (cursor.empty() ? "" : "&cursor=" + cursor));
    ASSERT_EQ(page.status, 200);
    for (std::size_t i = 0; i < page.count(); ++i) {
      ids.insert(std::string(page.item(i).find("id")->text()));
      EXPECT_EQ(page.item(i).find("input"), nullptr);
    }
    cursor = page.body.find("nextCursor") == nullptr ? "" : page.text("nextCursor");
    ++pages;
  } while (!cursor.empty() && pages < 10);
  EXPECT_EQ(ids.size(), 5u);
  EXPECT_EQ(get("/v1/runs?definition=t/listed&status=running").count(), 0u);
  EXPECT_EQ(get("/v1/runs?limit=0").status, 400);
  EXPECT_EQ(get("/v1/runs?cursor=nonsense").text("code"), "cursor-invalid");
}

TEST_F(PgRoutes, AWorkerDoesATask) {
  deploy(task_definition("worked"));
  const Answer run = post("/v1/runs", R"({"definition":"t/worked","input":{"n":7}})");
  EXPECT_EQ(run.status, 202);
  EXPECT_EQ(run.text("status"), "running");
  const std::string poll = "/v1/queues/worked/tasks:poll";
  EXPECT_EQ(post(poll, R"({"worker":"w","actions":["t.other"]})").count(), 0u);
  const Answer tasks = post(poll, R"({"worker":"w","actions":["t.work"],"max":10,"wait":"10s"})");
  ASSERT_EQ(tasks.count(), 1u) << json::to_text(tasks.body);
  const Value& task = tasks.item(0);
  EXPECT_EQ(json::to_text(*task.find("input")), R"({"n":7})");
  EXPECT_EQ(task.find("path")->text(), "/do/0/work");
  EXPECT_EQ(task.find("run")->find("id")->text(), run.text("id"));
  const std::string token(task.find("token")->text());

  const Answer beat =
      post("/v1/tasks:heartbeat", R"({"items":[{"token":")" + token + R"(","progress":true},{"token":"none"}]})");
  ASSERT_EQ(beat.count(), 2u) << json::to_text(beat.body);
  EXPECT_EQ(beat.item(0).find("result")->text(), "done");
  EXPECT_NE(beat.item(0).find("deadline"), nullptr);
  EXPECT_EQ(beat.item(1).find("result")->text(), "unknown-token");

  const std::string result = R"({"items":[{"token":")" + token + R"(","output":{"ok":true}}]})";
  EXPECT_EQ(json::to_text(post("/v1/tasks:complete", result).body), R"({"items":[{"result":"done"}]})");
  EXPECT_EQ(json::to_text(post("/v1/tasks:complete", result).body), R"({"items":[{"result":"done"}]})");
  const Answer ended = get("/v1/runs/" + run.text("id") + "?wait=10s");
  EXPECT_EQ(ended.status, 200);
  EXPECT_EQ(ended.text("output"), R"({"ok":true})");
  // Another tenant has no part in it.
  const Answer foreign = send("POST", "/v1/tasks:complete", result, "application/json", api->other_token());
  EXPECT_EQ(foreign.item(0).find("result")->text(), "unknown-token");
}

TEST_F(PgRoutes, WaitsForTheEndAndNotLonger) {
  deploy(task_definition("waited"));
  const Answer late = post("/v1/runs?wait=50ms", R"({"definition":"t/waited","input":{"n":1}})");
  EXPECT_EQ(late.status, 202);
  EXPECT_EQ(late.text("status"), "running");
  Answer waited;
  std::thread waiter([&] { waited = get("/v1/runs/" + late.text("id") + "?wait=20s"); });
  const Answer tasks = post("/v1/queues/waited/tasks:poll", R"({"worker":"w","actions":["t.work"],"wait":"10s"})");
  ASSERT_EQ(tasks.count(), 1u);
  post("/v1/tasks:complete", R"({"items":[{"token":")" + std::string(tasks.item(0).find("token")->text()) +
                                 R"(","error":{"status":422,"title":"no"}}]})");
  waiter.join();
  EXPECT_EQ(waited.status, 200);  // a faulted run is no error of HTTP's
  EXPECT_EQ(waited.text("status"), "faulted");
  EXPECT_EQ(waited.body.find("error")->find("title")->text(), "no");
}

TEST_F(PgRoutes, CancelsARun) {
  deploy(task_definition("cancelled"));
  const std::string id = post("/v1/runs", R"({"definition":"t/cancelled","input":{"n":1}})").text("id");
  const Answer cancelled = post("/v1/runs/" + id + ":cancel", R"({"reason":"no longer wanted"})");
  EXPECT_TRUE(cancelled.status == 200 || cancelled.status == 202) << json::to_text(cancelled.body);
  EXPECT_EQ(get("/v1/runs/" + id + "?wait=10s").text("status"), "cancelled");
  EXPECT_EQ(send("POST", "/v1/runs/" + id + ":cancel").text("status"), "cancelled");
}

TEST_F(PgRoutes, APollEndsWithItsClient) {
  deploy(task_definition("gone"));
  {
    RawSocket socket(api->running().port());
    const std::string body = R"({"worker":"w","actions":["t.work"],"wait":"60s"})";
    socket.send("POST /v1/queues/gone/tasks:poll HTTP/1.1\r\nHost: h\r\nAuthorization: Bearer " + api->token() +
                "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + body);
    while (!api->running().metrics().expose().contains("pawl_http_connections 1")) std::this_thread::yield();
  }
  while (!api->running().metrics().expose().contains("pawl_http_connections 0")) std::this_thread::yield();
  post("/v1/runs", R"({"definition":"t/gone","input":{"n":1}})");
  EXPECT_EQ(post("/v1/queues/gone/tasks:poll", R"({"worker":"w","actions":["t.work"],"wait":"10s"})").count(), 1u);
}

TEST_F(PgRoutes, NothingIsToldWithoutAGoodToken) {
  for (const auto& route : api->router().routes()) {
    if (!route.pattern.starts_with("/v1/")) continue;
    std::string path = route.pattern;
    for (std::size_t open; (open = path.find('{')) != std::string::npos;)
      path.replace(open, path.find('}') - open + 1, "x");
    const Answer none = send(route.method, path, route.method == "POST" ? "{}" : "", "application/json", "");
    EXPECT_EQ(none.status, 401) << path;
    EXPECT_EQ(none.text("code"), "unauthorized") << path;
    EXPECT_EQ(send(route.method, path, route.method == "POST" ? "{}" : "", "application/json", "wrong").status, 401)
        << path;
  }
}

TEST_F(PgRoutes, AnotherTenantsThingsAreNotThere) {
  deploy(set_definition("secret"));
  const std::string id = post("/v1/runs", R"({"definition":"t/secret"})").text("id");
  const auto foreign = [&](std::string_view method, std::string_view target, std::string_view body = "") {
    return send(method, target, body, "application/json", api->other_token());
  };
  EXPECT_EQ(foreign("GET", "/v1/runs/" + id).text("code"), "run-not-found");
  EXPECT_EQ(foreign("GET", "/v1/runs/" + id + "?wait=1s").status, 404);
  EXPECT_EQ(foreign("GET", "/v1/runs/" + id + "/events").status, 404);
  EXPECT_EQ(foreign("GET", "/v1/runs/" + id + "/steps").status, 404);
  EXPECT_EQ(foreign("POST", "/v1/runs/" + id + ":cancel").status, 404);
  EXPECT_EQ(foreign("GET", "/v1/definitions/t/secret").status, 404);
  EXPECT_EQ(foreign("POST", "/v1/runs", R"({"definition":"t/secret"})").text("code"), "definition-not-found");
  EXPECT_EQ(foreign("GET", "/v1/runs").count(), 0u);
  EXPECT_EQ(foreign("GET", "/v1/definitions").count(), 0u);
}

TEST_F(PgRoutes, WhatIsNoIdNamesNoRun) {
  for (const char* path :
       {"/v1/runs/nonsense", "/v1/runs/nonsense/events", "/v1/runs/00000000-0000-0000-0000-000000000000"}) {
    EXPECT_EQ(get(path).text("code"), "run-not-found") << path;
  }
  EXPECT_EQ(get("/v1/nothing").text("code"), "not-found");
  EXPECT_EQ(send("DELETE", "/v1/runs").status, 405);
}

TEST_F(PgRoutes, OperationsNeedNoToken) {
  EXPECT_EQ(send("GET", "/healthz", {}, {}, "").status, 200);
  EXPECT_EQ(send("GET", "/readyz", {}, {}, "").status, 200);
  EXPECT_EQ(send("GET", "/metrics", {}, {}, "").status, 200);
  EXPECT_EQ(send("GET", "/openapi.json", {}, {}, "").body.find("openapi")->text(), "3.1.0");
}

// A proxy on this machine passes on what comes from elsewhere.
TEST_F(PgRoutes, FiguresAreNotToldThroughAProxy) {
  for (const char* header : {"X-Forwarded-For: 198.51.100.7", "Forwarded: for=198.51.100.7", "via: 1.1 proxy"}) {
    RawSocket socket(api->running().port());
    socket.send(std::string("GET /metrics HTTP/1.1\r\nHost: a\r\n") + header + "\r\nConnection: close\r\n\r\n");
    EXPECT_TRUE(socket.read_to_end().starts_with("HTTP/1.1 404")) << header;
  }
}

// Every route is in the document, and the document promises no other.
TEST_F(PgRoutes, TheOpenApiDocumentHasExactlyTheRoutes) {
  const Value document = *json::parse(embedded::file("openapi.json"));
  std::set<std::string> written, routed;
  for (const json::Member& path : document.find("paths")->members()) {
    for (const json::Member& operation : path.value.members()) {
      std::string method(operation.key());
      std::ranges::transform(method, method.begin(), [](char c) { return static_cast<char>(c - 32); });
      written.insert(method + " " + std::string(path.key()));
      // Parameters of the path are described.
      std::set<std::string> described;
      if (const Value* parameters = operation.value.find("parameters")) {
        for (const Value& each : parameters->items()) {
          if (const Value* in = each.find("in"); in != nullptr && in->text() == "path")
            described.emplace(each.find("name")->text());
          if (each.find("$ref") != nullptr && each.find("$ref")->text() == "#/components/parameters/id")
            described.emplace("id");
        }
      }
      for (std::size_t at = 0; (at = path.key().find('{', at)) != std::string_view::npos; ++at) {
        const std::string name(path.key().substr(at + 1, path.key().find('}', at) - at - 1));
        EXPECT_TRUE(described.contains(name)) << path.key() << " " << name;
      }
    }
  }
  for (const auto& route : api->router().routes()) routed.insert(route.method + " " + route.pattern);
  EXPECT_EQ(written, routed);
}

}  // namespace
}  // namespace pawl::http
