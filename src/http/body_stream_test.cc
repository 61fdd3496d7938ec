// Bodies that come piece by piece: the connection's part. What the API makes of them is in tests/api.
#include "gtest/gtest.h"

#include <atomic>
#include <thread>

#include "http/running_server_test.h"

namespace pawl::http {
namespace {

using namespace std::chrono_literals;

struct Streaming {
  std::optional<BodyStream> body;
  std::atomic<bool> closed = false, drained = false;
  void begin(Responder respond) {
    respond.when_closed([this] {
      closed = true;
      body.reset();
    });
    body.emplace(respond.stream({.status = 200, .content_type = "text/plain", .headers = {}, .body = {}}));
  }
};

TEST(BodyStream, SendPiecesAsTheyComeAndTellTheirEnd) {
  Streaming streaming;
  RunningServer server([&](Request, Responder respond) { streaming.begin(std::move(respond)); });
  RawSocket socket(server.port());
  socket.send(get("/"));
  EXPECT_TRUE(socket.read_until("\r\n\r\n").ends_with("Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n"));
  server.run([&] { streaming.body->write("abc"); });
  EXPECT_EQ(socket.read_until("abc\r\n"), "3\r\nabc\r\n");
  server.run([&] {
    streaming.body->write("0123456789");
    streaming.body->write("");
    EXPECT_EQ(streaming.body->unsent_bytes(), 0u);
    streaming.body.reset();
  });
  EXPECT_EQ(socket.read_to_end(), "a\r\n0123456789\r\n0\r\n\r\n");
  EXPECT_FALSE(streaming.closed);
}

TEST(BodyStream, GoToOldClientsWithoutChunks) {
  Streaming streaming;
  RunningServer server([&](Request, Responder respond) {
    streaming.begin(std::move(respond));
    streaming.body->write("abc");
    streaming.body.reset();
  });
  RawSocket socket(server.port());
  socket.send("GET / HTTP/1.0\r\nHost: h\r\n\r\n");
  EXPECT_TRUE(socket.read_to_end().ends_with("Connection: close\r\n\r\nabc"));
}

TEST(BodyStream, TellWhenTheirClientHasGone) {
  Streaming streaming;
  RunningServer server([&](Request, Responder respond) { streaming.begin(std::move(respond)); });
  {
    RawSocket socket(server.port());
    socket.send(get("/"));
    socket.read_until("\r\n\r\n");
  }
  while (!streaming.closed) std::this_thread::yield();
  server.run([&] { EXPECT_FALSE(streaming.body.has_value()); });
}

TEST(BodyStream, WaitForASlowClientAndAreDrainedByIt) {
  Streaming streaming;
  RunningServer server([&](Request, Responder respond) { streaming.begin(std::move(respond)); });
  RawSocket socket(server.port());
  socket.send(get("/"));
  socket.read_until("\r\n\r\n");
  server.run([&] {
    streaming.body->write(std::string(32 << 20, 'x'));
    EXPECT_GT(streaming.body->unsent_bytes(), 0u);
    streaming.body->when_drained([&] {
      streaming.drained = true;
      EXPECT_EQ(streaming.body->unsent_bytes(), 0u);
      streaming.body.reset();
    });
  });
  EXPECT_FALSE(streaming.drained);
  EXPECT_EQ(socket.read_to_end().size(), (32u << 20) + 16u);  // "2000000", four line breaks of two, the last chunk's 0
  EXPECT_TRUE(streaming.drained);
}

TEST(BodyStream, CutOffAClientThatTakesNothing) {
  Streaming streaming;
  RunningServer server([&](Request, Responder respond) { streaming.begin(std::move(respond)); }, {.write_time = 50ms});
  RawSocket socket(server.port());
  socket.send(get("/"));
  socket.read_until("\r\n\r\n");
  server.run([&] { streaming.body->write(std::string(32 << 20, 'x')); });
  while (!streaming.closed) std::this_thread::yield();
}

TEST(BodyStream, EndWhenTheServerStopsAlsoForASlowClient) {
  std::vector<std::unique_ptr<Streaming>> all;
  RunningServer server([&](Request, Responder respond) {
    all.push_back(std::make_unique<Streaming>());
    all.back()->begin(std::move(respond));
  });
  RawSocket quick(server.port()), slow(server.port());
  quick.send(get("/"));
  quick.read_until("\r\n\r\n");
  slow.send(get("/"));
  slow.read_until("\r\n\r\n");
  std::promise<void> stopped;
  server.run([&] {
    all[1]->body->write(std::string(32 << 20, 'x'));
    server.server().stop(1h, [&] { stopped.set_value(); });
  });
  EXPECT_EQ(quick.read_to_end(), "0\r\n\r\n");
  stopped.get_future().get();
  EXPECT_TRUE(all[0]->closed && all[1]->closed);
}

}  // namespace
}  // namespace pawl::http
