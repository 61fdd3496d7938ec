// Streams of runs' events over real sockets and PostgreSQL.
#include "gtest/gtest.h"

#include <chrono>
#include <thread>

#include "api/api_server.h"

namespace pawl::http {
namespace {

using json::Value;

constexpr std::string_view end_of_completed = "event: end\ndata: {\"status\":\"completed\"}\n\n";

class PgStreams : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { api = new ApiServer; }
  static void TearDownTestSuite() {
    delete api;
    api = nullptr;
  }

  static Value send(std::string_view method, std::string_view target, std::string_view body,
                    std::string_view type = "application/json") {
    Client client({.url = api->running().url(), .token = api->token(), .retries = 0});
    const auto response = client.send(method, target, body, type);
    EXPECT_TRUE(response.has_value());
    EXPECT_LT(response->status, 300) << response->body;
    return json::parse(response->body).value_or(Value{});
  }

  // Two tasks, one after the other, for workers of the queue `name`.
  static std::string start_tasks(const std::string& name) {
    const std::string task = ": { call: t.work, metadata: { pawl: { queue: " + name + " } } }\n";
    send("POST", "/v1/definitions",
         "document: { dsl: 1.0.0, namespace: s, name: " + name + ", version: 1.0.0 }\ndo:\n  - one" + task + "  - two" +
             task,
         "application/yaml");
    return start(name);
  }
  static std::string start(const std::string& name) {
    return std::string(send("POST", "/v1/runs", R"({"definition":"s/)" + name + "\"}").find("id")->text());
  }
  static void work(const std::string& name) {
    const Value polled =
        send("POST", "/v1/queues/" + name + "/tasks:poll", R"({"worker":"w","actions":["t.work"],"wait":"10s"})");
    const Value& items = *polled.find("items");
    ASSERT_EQ(items.items().size(), 1u);
    const std::string token(items.items()[0].find("token")->text());
    send("POST", "/v1/tasks:complete", R"({"items":[{"token":")" + token + R"(","output":{}}]})");
  }

  static std::string request(const std::string& run, std::string_view query = "", std::string_view headers = "",
                             const std::string& token = api->token()) {
    return get("/v1/runs/" + run + "/stream" + std::string(query),
               "Authorization: Bearer " + token + "\r\n" + std::string(headers));
  }

  static std::int64_t open_streams() { return api->metrics().gauge("pawl_http_streams", "").value(); }
  static std::int64_t untaken_bytes() { return api->metrics().gauge("pawl_http_stream_untaken_bytes", "").value(); }
  static void wait_for_streams(std::int64_t count) {
    const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
    while (open_streams() != count && std::chrono::steady_clock::now() < until) {
      std::this_thread::sleep_for(std::chrono::milliseconds(2));
    }
    EXPECT_EQ(open_streams(), count);
  }

  static ApiServer* api;
};

ApiServer* PgStreams::api = nullptr;

TEST_F(PgStreams, SendsWhatThereIsThenWhatComesThenTheEnd) {
  const std::string run = start_tasks("whole");
  RawSocket socket(api->running().port());
  socket.send(request(run));
  const std::string head = socket.read_until("\r\n\r\n");
  EXPECT_TRUE(head.starts_with("HTTP/1.1 200 OK\r\n")) << head;
  EXPECT_TRUE(head.contains("Content-Type: text/event-stream\r\n")) << head;
  EXPECT_TRUE(head.contains("Transfer-Encoding: chunked\r\n")) << head;
  const std::string there = socket.read_until("\"type\":\"invocation.requested\"}\n\n");
  EXPECT_TRUE(there.contains("id: 1\nevent: run.started\ndata: {")) << there;
  EXPECT_TRUE(there.contains("id: 2\nevent: invocation.requested\ndata: {")) << there;
  work("whole");
  EXPECT_TRUE(socket.read_until("\"type\":\"invocation.requested\"}\n\n").contains("id: 3\nevent: "));
  work("whole");
  const std::string rest = socket.read_to_end();
  EXPECT_TRUE(rest.contains("event: run.completed\n")) << rest;
  EXPECT_TRUE(rest.ends_with(std::string(end_of_completed) + "\r\n0\r\n\r\n")) << rest;
  wait_for_streams(0);
}

TEST_F(PgStreams, GoesOnBehindTheEventThatTheClientHadLast) {
  const std::string run = start_tasks("resumed");
  work("resumed");
  work("resumed");
  const auto all = [&](std::string_view query, std::string_view headers) {
    RawSocket socket(api->running().port());
    socket.send(request(run, query, headers));
    return socket.read_to_end();
  };
  const std::string whole = all("", "");
  const std::size_t third = whole.find("id: 3\n"), end = whole.find(end_of_completed);
  ASSERT_NE(third, std::string::npos) << whole;
  ASSERT_NE(end, std::string::npos) << whole;
  const std::string by_header = all("", "Last-Event-ID: 2\r\n");
  EXPECT_TRUE(by_header.contains(whole.substr(third, end - third))) << by_header;
  EXPECT_FALSE(by_header.contains("id: 2\n"));
  EXPECT_FALSE(all("?after=2", "").contains("id: 2\n"));
  EXPECT_FALSE(all("?after=0", "Last-Event-ID: 2\r\n").contains("id: 2\n"));  // as a browser comes again
  const std::string last = all("?after=999", "");
  EXPECT_FALSE(last.contains("id: ")) << last;
  EXPECT_TRUE(last.contains(end_of_completed)) << last;
  const auto problem = [&](std::string_view query, std::string_view headers) {
    RawSocket socket(api->running().port());
    socket.send(request(run, query, headers));
    return socket.read_until("\"}");
  };
  EXPECT_TRUE(problem("?after=x", "").starts_with("HTTP/1.1 400 "));
  EXPECT_TRUE(problem("", "Last-Event-ID: -1\r\n").contains("\"instance\":\"Last-Event-ID\""));
  EXPECT_TRUE(problem("?from=1", "").contains("unknown-parameter"));
}

TEST_F(PgStreams, AnotherTenantsRunIsNotThere) {
  const std::string run = start_tasks("strange");
  const auto status_of = [&](const std::string& text) {
    RawSocket socket(api->running().port());
    socket.send(text);
    return socket.read_until("\r\n");
  };
  EXPECT_EQ(status_of(request(run, "", "", api->other_token())), "HTTP/1.1 404 Not Found\r\n");
  EXPECT_EQ(status_of(request("0190f0c0-0000-7000-8000-000000000000")), "HTTP/1.1 404 Not Found\r\n");
  EXPECT_EQ(status_of(request("nothing")), "HTTP/1.1 404 Not Found\r\n");
  EXPECT_EQ(status_of(get("/v1/runs/" + run + "/stream")), "HTTP/1.1 401 Unauthorized\r\n");
  wait_for_streams(0);
}

TEST_F(PgStreams, AClientThatGoesLeavesNothingBehind) {
  const std::string run = start_tasks("gone");
  {
    RawSocket socket(api->running().port());
    socket.send(request(run));
    socket.read_until("invocation.requested\"}\n\n");
    EXPECT_EQ(open_streams(), 1);
  }
  wait_for_streams(0);
}

TEST_F(PgStreams, TwoHundredFollowOneRunAtOnce) {
  const std::string run = start_tasks("many");
  std::vector<std::unique_ptr<RawSocket>> sockets;
  for (int i = 0; i < 200; ++i) {
    sockets.push_back(std::make_unique<RawSocket>(api->running().port()));
    sockets.back()->send(request(run));
  }
  for (auto& socket : sockets) socket->read_until("invocation.requested\"}\n\n");
  EXPECT_EQ(open_streams(), 200);
  work("many");
  work("many");
  for (auto& socket : sockets) EXPECT_TRUE(socket->read_to_end().contains(end_of_completed));
  wait_for_streams(0);
}

// A history far larger than a socket's buffers: nothing is read ahead for a client that does not read.
TEST_F(PgStreams, ASlowReaderGetsEverythingAndNothingIsReadAheadForIt) {
  send("POST", "/v1/definitions",
       "document: { dsl: 1.0.0, namespace: s, name: slow, version: 1.0.0 }\n"
       "do:\n  - all:\n      for: { each: i, in: '${ [range(40)] }' }\n      do:\n"
       "        - fill: { set: { text: '${ \"x\" * 500000 }' } }\n",
       "application/yaml");
  const std::string run = start("slow");
  send("GET", "/v1/runs/" + run + "?wait=30s", "");
  RawSocket socket(api->running().port());
  socket.send(request(run));
  socket.read_until("run.started");
  std::int64_t untaken = 0;
  const auto until = std::chrono::steady_clock::now() + std::chrono::seconds(10);
  while (untaken == 0 && std::chrono::steady_clock::now() < until) untaken = untaken_bytes();
  EXPECT_GT(untaken, 0);
  EXPECT_LT(untaken, 2'000'000);  // a page: the event that goes beyond it may have a million
  const std::string rest = socket.read_to_end();
  EXPECT_GT(rest.size(), 20'000'000u);
  EXPECT_TRUE(rest.contains(end_of_completed));
  wait_for_streams(0);
}

TEST_F(PgStreams, AStoppingServerEndsStreamsInOrder) {
  ApiServer other;
  Client client({.url = other.running().url(), .token = other.token(), .retries = 0});
  ASSERT_EQ(client
                .send("POST", "/v1/definitions",
                      "document: { dsl: 1.0.0, namespace: s, name: stop, version: 1.0.0 }\n"
                      "do:\n  - doze: { wait: { hours: 1 } }\n",
                      "application/yaml")
                ->status,
            201);
  const Value run = *json::parse(client.send("POST", "/v1/runs", R"({"definition":"s/stop"})")->body);
  RawSocket socket(other.running().port());
  socket.send(get("/v1/runs/" + std::string(run.find("id")->text()) + "/stream",
                  "Authorization: Bearer " + other.token() + "\r\n"));
  socket.read_until("wait.opened\"}\n\n");
  std::promise<void> stopped;
  const auto begun = std::chrono::steady_clock::now();
  other.running().run([&] { other.running().server().stop(std::chrono::seconds(30), [&] { stopped.set_value(); }); });
  EXPECT_TRUE(socket.read_to_end().ends_with("0\r\n\r\n"));  // a whole body, and no `event: end`
  stopped.get_future().get();
  EXPECT_LT(std::chrono::steady_clock::now() - begun, std::chrono::seconds(5));
}

}  // namespace
}  // namespace pawl::http
