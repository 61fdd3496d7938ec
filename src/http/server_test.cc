#include "http/server.h"

#include <atomic>
#include <mutex>
#include <vector>

#include "http/client.h"
#include "http/load_client.h"
#include "http/running_server_test.h"

namespace pawl::http {
namespace {

using namespace std::chrono_literals;

// Keeps the responders until the test answers them.
class Held {
 public:
  Handler handler() {
    return [this](Request request, Responder respond) {
      const std::lock_guard lock(mutex_);
      paths_.push_back(request.path);
      responders_.push_back(std::move(respond));
    };
  }
  std::size_t count() {
    const std::lock_guard lock(mutex_);
    return responders_.size();
  }
  void wait_for(std::size_t count_wanted) {
    while (count() < count_wanted) std::this_thread::yield();
  }
  Responder take() {
    const std::lock_guard lock(mutex_);
    Responder first = std::move(responders_.front());
    responders_.erase(responders_.begin());
    return first;
  }

 private:
  std::mutex mutex_;
  std::vector<std::string> paths_;
  std::vector<Responder> responders_;
};

TEST(Server, AnswersAndKeepsTheConnection) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  socket.send(get("/a"));
  const std::string first = socket.read_until("GET /a ");
  EXPECT_TRUE(first.starts_with("HTTP/1.1 200 OK\r\nDate: ")) << first;
  EXPECT_TRUE(first.contains("\r\nContent-Length: 7\r\n")) << first;
  EXPECT_FALSE(first.contains("Connection:")) << first;
  socket.send("POST /b HTTP/1.1\r\nHost: h\r\nContent-Length: 3\r\n\r\nxyz");
  EXPECT_TRUE(socket.read_until("POST /b xyz").ends_with("POST /b xyz"));
}

TEST(Server, GivesTheHandlerQueryHeadersAndAddress) {
  std::atomic<bool> right = false;
  RunningServer server([&](Request request, Responder respond) {
    right = request.path == "/p%20q" && request.parameter("a") == "1 2" && request.parameter("b") == "" &&
            request.headers.find("x-NAME") == "v" && request.remote_address == "127.0.0.1" && request.is_loopback;
    respond({.status = 204, .content_type = {}, .headers = {}, .body = {}});
  });
  RawSocket socket(server.port());
  socket.send(get("/p%20q?a=1+2&b", "X-Name:  v \r\n"));
  const std::string answer = socket.read_until("\r\n\r\n");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 204 No Content\r\n")) << answer;
  EXPECT_FALSE(answer.contains("Content-Length")) << answer;
  EXPECT_TRUE(right);
}

TEST(Server, AnswersPipelinedRequestsInOrder) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  std::string requests;
  for (int i = 0; i < 2'000; ++i) requests += get("/" + std::to_string(i));
  ASSERT_TRUE(socket.send(requests));
  for (int i = 0; i < 2'000; ++i) {
    const std::string end = "GET /" + std::to_string(i) + " ";
    ASSERT_TRUE(socket.read_until(end).ends_with(end)) << i;
  }
}

TEST(Server, HandlesOneRequestOfAConnectionAtATime) {
  Held held;
  RunningServer server(held.handler());
  RawSocket socket(server.port());
  socket.send(get("/first") + get("/second"));
  held.wait_for(1);
  server.run([&] { EXPECT_EQ(held.count(), 1u); });
  server.run([&] { held.take()({.status = 200, .content_type = "text/plain", .headers = {}, .body = "one"}); });
  EXPECT_TRUE(socket.read_until("one").ends_with("one"));
  held.wait_for(1);
  server.run([&] { held.take()({.status = 200, .content_type = "text/plain", .headers = {}, .body = "two"}); });
  EXPECT_TRUE(socket.read_until("two").ends_with("two"));
}

TEST(Server, ADroppedResponderAnswers500) {
  RunningServer server([](Request, Responder) {});
  RawSocket socket(server.port());
  socket.send(get("/"));
  const std::string answer = socket.read_until("}");
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 500 ")) << answer;
  EXPECT_TRUE(answer.contains("application/problem+json")) << answer;
  EXPECT_TRUE(answer.contains("\"code\":\"internal\"")) << answer;
}

TEST(Server, AThrowingHandlerAnswers500) {
  RunningServer server([](Request, Responder) { throw std::runtime_error("thrown"); });
  RawSocket socket(server.port());
  socket.send(get("/"));
  EXPECT_TRUE(socket.read_until("}").starts_with("HTTP/1.1 500 "));
}

TEST(Server, ReadsChunkedBodies) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  socket.send("POST /c HTTP/1.1\r\nHost: h\r\nTransfer-Encoding: chunked\r\n\r\n4\r\nab");
  socket.send("cd\r\n3;ext=1\r\nefg\r\n0\r\nTrailer: t\r\n\r\n" + get("/next"));
  EXPECT_TRUE(socket.read_until("POST /c abcdefg").ends_with("POST /c abcdefg"));
  EXPECT_TRUE(socket.read_until("GET /next ").ends_with("GET /next "));
}

TEST(Server, LargeBodiesGoInAndOutWhole) {
  RunningServer server(echo);
  const std::string body(3 << 20, 'x');
  Client client({.url = server.url(), .token = {}});
  const auto answer = client.send("POST", "/big", body, "text/plain");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body.size(), body.size() + std::string("POST /big ").size());
}

TEST(Server, HeadHasLengthAndNoBody) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  socket.send("HEAD /h HTTP/1.1\r\nHost: h\r\nConnection: close\r\n\r\n");
  const std::string answer = socket.read_to_end();
  EXPECT_TRUE(answer.contains("Content-Length: 8\r\n")) << answer;
  EXPECT_TRUE(answer.ends_with("\r\n\r\n")) << answer;
}

TEST(Server, Http10ClosesUnlessAskedToStay) {
  RunningServer server(echo);
  RawSocket closing(server.port());
  closing.send("GET /a HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(closing.read_to_end().contains("Connection: close\r\n"));
  RawSocket staying(server.port());
  staying.send("GET /a HTTP/1.0\r\nConnection: keep-alive\r\n\r\n");
  EXPECT_TRUE(staying.read_until("GET /a ").contains("Connection: keep-alive\r\n"));
  staying.send("GET /b HTTP/1.0\r\n\r\n");
  EXPECT_TRUE(staying.read_to_end().ends_with("GET /b "));
}

TEST(Server, ContinuesWhenAsked) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  socket.send("POST /e HTTP/1.1\r\nHost: h\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n");
  EXPECT_EQ(socket.read_until("\r\n\r\n"), "HTTP/1.1 100 Continue\r\n\r\n");
  socket.send("ok");
  EXPECT_TRUE(socket.read_until("POST /e ok").starts_with("HTTP/1.1 200 OK"));
}

TEST(Server, AHeaderValueCannotBringAHeader) {
  RunningServer server([](Request, Responder respond) {
    respond({.status = 200, .content_type = "text/plain", .headers = {{"X-A", "1\r\nX-B: 2"}}, .body = "."});
  });
  RawSocket socket(server.port());
  socket.send(get("/"));
  EXPECT_TRUE(socket.read_until("\r\n\r\n.").contains("\r\nX-A: 1X-B: 2\r\n"));
}

TEST(Server, TakesABodyAtItsLimit) {
  RunningServer server(echo, {.body_bytes = 100});
  RawSocket socket(server.port());
  const std::string body(100, 'b');
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + body);
  EXPECT_TRUE(socket.read_until(body).starts_with("HTTP/1.1 200"));
}

// A client that sends all before it reads must still get to see why it was refused.
TEST(Server, RefusesALongUploadWithoutReset) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  const std::size_t size = 20 << 20;
  EXPECT_TRUE(socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: " + std::to_string(size) + "\r\n\r\n"));
  EXPECT_TRUE(socket.send(std::string(size, 'x')));
  const std::string answer = socket.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 413 Content Too Large")) << answer;
  EXPECT_TRUE(answer.contains("\"instance\":\"body\"")) << answer;
}

TEST(Server, ABodyCutShortReachesNoHandler) {
  std::atomic<int> calls = 0;
  RunningServer server([&](Request, Responder) { ++calls; });
  RawSocket socket(server.port());
  socket.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 10\r\n\r\nabc");
  socket.shut();
  const std::string answer = socket.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 400 Bad Request")) << answer;
  EXPECT_TRUE(answer.contains("cut short")) << answer;
  EXPECT_EQ(calls, 0);
}

TEST(Server, AHeaderCutShortIsAnsweredAndAnEmptyConnectionIsNot) {
  RunningServer server(echo);
  RawSocket header(server.port());
  header.send("GET / HTTP/1.1\r\nHo");
  header.shut();
  EXPECT_TRUE(header.read_to_end().starts_with("HTTP/1.1 400 Bad Request"));
  RawSocket empty(server.port());
  empty.shut();
  EXPECT_EQ(empty.read_to_end(), "");
}

TEST(Server, AnswersRequestsSentBeforeAHalfClose) {
  RunningServer server(echo);
  RawSocket socket(server.port());
  socket.send(get("/a") + get("/b"));
  socket.shut();
  const std::string answer = socket.read_to_end();
  EXPECT_TRUE(answer.contains("GET /a ") && answer.ends_with("GET /b ")) << answer;
}

TEST(Server, TellsASlowHeaderAndASlowBody) {
  RunningServer server(echo, {.header_time = 50ms, .body_time = 50ms});
  RawSocket header(server.port());
  header.send("GET / HTTP/1.1\r\nHo");
  EXPECT_TRUE(header.read_to_end().starts_with("HTTP/1.1 408 Request Timeout"));
  RawSocket body(server.port());
  body.send("POST / HTTP/1.1\r\nHost: h\r\nContent-Length: 5\r\n\r\nab");
  EXPECT_TRUE(body.read_to_end().contains("its body is incomplete"));
}

// Slow loris: a byte now and then must not move the deadline.
TEST(Server, DribblingDoesNotExtendTheHeadersTime) {
  RunningServer server(echo, {.header_time = 100ms, .linger_time = 50ms});
  RawSocket socket(server.port());
  const auto begin = std::chrono::steady_clock::now();
  bool taken = true;
  while (taken && std::chrono::steady_clock::now() - begin < 5s) {
    taken = socket.send("G");
    std::this_thread::sleep_for(10ms);
  }
  EXPECT_LT(std::chrono::steady_clock::now() - begin, 5s);
}

TEST(Server, ClosesIdleConnectionsAndOnesThatDoNotRead) {
  const std::string large(32 << 20, 'l');
  RunningServer server(
      [&](Request, Responder respond) {
        respond({.status = 200, .content_type = "text/plain", .headers = {}, .body = large});
      },
      {.write_time = 50ms, .idle_time = 50ms});
  RawSocket idle(server.port());
  EXPECT_EQ(idle.read_to_end(), "");
  RawSocket deaf(server.port());
  deaf.send(get("/"));
  // It reads nothing: that is what is tested.
  while (!server.metrics().expose().contains("pawl_http_responses_total{class=\"2xx\"} 1")) std::this_thread::yield();
  while (server.metrics().expose().contains("pawl_http_connections 1")) std::this_thread::yield();
  EXPECT_LT(deaf.read_to_end().size(), large.size());
}

TEST(Server, TellsTheHandlerThatTheClientHasGone) {
  Held held;
  RunningServer server(held.handler());
  RawSocket socket(server.port());
  socket.send(get("/wait"));
  held.wait_for(1);
  std::optional<Responder> responder;
  std::promise<void> gone;
  server.run([&] {
    responder.emplace(held.take());
    EXPECT_FALSE(responder->closed());
    responder->when_closed([&] { gone.set_value(); });
  });
  socket.close();
  ASSERT_EQ(gone.get_future().wait_for(10s), std::future_status::ready);
  server.run([&] {
    EXPECT_TRUE(responder->closed());
    (*responder)({.status = 200, .content_type = {}, .headers = {}, .body = {}});  // reaches nobody, harms nobody
  });
}

TEST(Server, BoundsConnectionsAndRequestsInFlight) {
  Held held;
  RunningServer server(held.handler(), {.connections = 3, .requests_in_flight = 1});
  RawSocket first(server.port());
  first.send(get("/1"));
  held.wait_for(1);
  RawSocket second(server.port());
  second.send(get("/2"));
  const std::string busy = second.read_until("}");
  EXPECT_TRUE(busy.starts_with("HTTP/1.1 503 Service Unavailable")) << busy;
  EXPECT_TRUE(busy.contains("Retry-After: 1\r\n")) << busy;
  server.run([&] { held.take()({.status = 200, .content_type = "text/plain", .headers = {}, .body = "one"}); });
  EXPECT_TRUE(first.read_until("one").ends_with("one"));
}

TEST(Server, AConnectionThatIsIdleLongestGivesWayAndNoneThatIsBusyDoes) {
  Held held;
  RunningServer server(held.handler(), {.connections = 3});
  RawSocket busy(server.port()), silent(server.port()), other(server.port());
  other.send(get("/1"));  // three connections are there once this is seen
  held.wait_for(1);
  server.run([&] { held.take()({.status = 200, .content_type = "text/plain", .headers = {}, .body = "one"}); });
  EXPECT_TRUE(other.read_until("one").ends_with("one"));
  busy.send(get("/2"));
  held.wait_for(1);
  RawSocket fourth(server.port());
  fourth.send(get("/3"));
  held.wait_for(2);
  EXPECT_EQ(silent.read_to_end(), "");
  other.send(get("/4"));  // it was idle for a shorter time, and is still there
  held.wait_for(3);
  RawSocket fifth(server.port());
  EXPECT_TRUE(fifth.read_to_end().contains("too-many-connections"));
  for (int i = 0; i < 3; ++i) {
    server.run([&] { held.take()({.status = 200, .content_type = "text/plain", .headers = {}, .body = "two"}); });
  }
  for (RawSocket* each : {&busy, &fourth, &other}) EXPECT_TRUE(each->read_until("two").ends_with("two"));
}

TEST(Server, BoundsTheBodiesBeingReceived) {
  RunningServer server(echo, {.bodies_bytes = 1'000, .small_body_bytes = 100});
  RawSocket slow(server.port());
  slow.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 900\r\n\r\n" + std::string(800, 'x'));
  std::string answer;
  do {  // until the server has read the first one's bytes
    RawSocket second(server.port());
    second.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n" + std::string(300, 'y'));
    second.shut();
    answer = second.read_to_end();
  } while (answer.empty());
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 503")) << answer;
  RawSocket slower(server.port());
  slower.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 400\r\n\r\n" + std::string(190, 'z'));
  RawSocket small(server.port());  // there is room for it, come what may
  small.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 100\r\n\r\n" + std::string(100, 's'));
  EXPECT_TRUE(small.read_until(std::string(100, 's')).starts_with("HTTP/1.1 200"));
  slow.send(std::string(100, 'x'));
  EXPECT_TRUE(slow.read_until(std::string(900, 'x')).starts_with("HTTP/1.1 200"));
}

TEST(Server, StopsGracefully) {
  Held held;
  RunningServer server(held.handler());
  RawSocket idle(server.port());
  RawSocket busy(server.port());
  busy.send(get("/work") + get("/never"));
  held.wait_for(1);
  std::promise<void> stopped;
  server.run([&] { server.server().stop(30s, [&] { stopped.set_value(); }); });
  EXPECT_EQ(idle.read_to_end(), "");
  server.run([&] { held.take()({.status = 200, .content_type = "text/plain", .headers = {}, .body = "done"}); });
  const std::string answer = busy.read_to_end();
  EXPECT_TRUE(answer.contains("Connection: close\r\n") && answer.ends_with("done")) << answer;
  busy.close();
  EXPECT_EQ(stopped.get_future().wait_for(10s), std::future_status::ready);
}

TEST(Server, StopsAtItsDeadline) {
  Held held;
  RunningServer server(held.handler());
  RawSocket busy(server.port());
  busy.send(get("/work"));
  held.wait_for(1);
  std::promise<void> stopped;
  server.run([&] { server.server().stop(20ms, [&] { stopped.set_value(); }); });
  EXPECT_EQ(stopped.get_future().wait_for(10s), std::future_status::ready);
  EXPECT_EQ(busy.read_to_end(), "");
  server.run([&] { held.take()({.status = 200, .content_type = {}, .headers = {}, .body = {}}); });
}

TEST(Server, APortInUseIsAProblem) {
  RunningServer server(echo);
  boost::asio::io_context context;
  Metrics metrics;
  Server second(context, {.host = "127.0.0.1", .port = server.port(), .limits = {}}, echo, metrics);
  const auto listening = second.listen();
  ASSERT_FALSE(listening.has_value());
  EXPECT_EQ(listening.error().code, "port-in-use");
  Server sibling(context, {.host = "127.0.0.1", .port = server.port(), .limits = {}, .joins_sibling = true}, echo,
                 metrics);
  EXPECT_TRUE(sibling.listen().has_value());
  Server nowhere(context, {.host = "no such host", .port = 0, .limits = {}}, echo, metrics);
  EXPECT_EQ(nowhere.listen().error().code, "address-invalid");
}

TEST(Client, RetriesWhenToldToAndReportsWhatItCannotReach) {
  std::atomic<int> calls = 0;
  RunningServer server([&](Request request, Responder respond) {
    const int call = ++calls;
    if (call < 3) {
      return respond(
          {.status = call == 1 ? 429 : 503, .content_type = {}, .headers = {{"Retry-After", "0"}}, .body = {}});
    }
    echo(std::move(request), std::move(respond));
  });
  Client client({.url = server.url() + "/", .token = "t"});
  const auto answer = client.send("POST", "/x", "{}");
  ASSERT_TRUE(answer.has_value());
  EXPECT_EQ(answer->body, "POST /x {}");
  EXPECT_EQ(answer->content_type, "text/plain");
  EXPECT_EQ(calls, 3);
  Client nobody({.url = "http://127.0.0.1:1", .token = {}});
  EXPECT_EQ(nobody.send("GET", "/").error().code, "unreachable");
}

TEST(LoadClient, PipelinesAndAnswersInOrder) {
  RunningServer server(echo);
  boost::asio::io_context context;
  LoadClient client(context, {.host = "127.0.0.1", .port = server.port(), .token = "t", .connections = 2, .depth = 4});
  ASSERT_TRUE(client.connect().has_value());
  int right = 0;
  for (int i = 0; i < 500; ++i) {
    const std::string body(static_cast<std::size_t>(i) * 10, 'b');
    client.send("POST", "/n", body, [&right, expected = "POST /n " + body](int status, std::string_view text) {
      right += status == 200 && text == expected ? 1 : 0;
    });
  }
  while (client.unanswered() > 0) context.run_one();
  EXPECT_EQ(right, 500);
}

TEST(LoadClient, TellsALostConnection) {
  RunningServer server([](Request, Responder respond) {
    respond({.status = 200, .content_type = "text/plain", .headers = {}, .body = "x"});
  });
  boost::asio::io_context context;
  LoadClient client(context, {.host = "127.0.0.1", .port = server.port(), .token = {}, .connections = 1, .depth = 2});
  ASSERT_TRUE(client.connect().has_value());
  server.run([&] { server.server().stop(0ms, [] {}); });
  std::vector<int> statuses;
  for (int i = 0; i < 5; ++i)
    client.send("GET", "/", {}, [&](int status, std::string_view) { statuses.push_back(status); });
  while (client.unanswered() > 0) context.run_one();
  EXPECT_EQ(statuses, std::vector<int>(5, 0));
}

}  // namespace
}  // namespace pawl::http
