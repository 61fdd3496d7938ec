// Bytes that are no request, or one that two programs could read in two ways.
#include <atomic>

#include "http/running_server_test.h"
#include "http/server.h"

namespace pawl::http {
namespace {

struct Refused {
  std::string bytes, status, code;
};

class RefusedRequests : public ::testing::TestWithParam<Refused> {};

TEST_P(RefusedRequests, GetAProblemAndNoHandler) {
  std::atomic<int> calls = 0;
  RunningServer server(
      [&](Request request, Responder respond) {
        ++calls;
        echo(std::move(request), std::move(respond));
      },
      {.header_bytes = 1'024, .body_bytes = 100});
  RawSocket socket(server.port());
  socket.send(GetParam().bytes);
  const std::string answer = socket.read_to_end();
  EXPECT_TRUE(answer.starts_with("HTTP/1.1 " + GetParam().status + " ")) << answer;
  EXPECT_TRUE(answer.contains("\"code\":\"" + GetParam().code + "\"")) << answer;
  EXPECT_TRUE(answer.contains("Connection: close\r\n")) << answer;
  EXPECT_FALSE(socket.was_reset());
  EXPECT_EQ(calls, 0);
  RawSocket other(server.port());
  other.send(get("/still"));
  EXPECT_TRUE(other.read_until("GET /still ").ends_with("GET /still "));
}

INSTANTIATE_TEST_SUITE_P(
    Server, RefusedRequests,
    ::testing::Values(
        Refused{"\x16\x03\x01\x02\x01\x01garbage\r\n\r\n", "400", "malformed-request"},
        Refused{"GET / HTTP/1.1\r\n\r\n", "400", "malformed-request"},  // no Host
        Refused{"GET / HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n", "400", "malformed-request"},
        Refused{"GET  / HTTP/1.1\r\nHost: a\r\n\r\n", "400", "malformed-request"},
        Refused{"GET / HTTP/2.0\r\nHost: a\r\n\r\n", "400", "malformed-request"},
        Refused{"GET foo HTTP/1.1\r\nHost: a\r\n\r\n", "400", "malformed-request"},
        Refused{"GET /?a=%zz HTTP/1.1\r\nHost: a\r\n\r\n", "400", "malformed-request"},
        Refused{"GET / HTTP/1.1\r\nHost : a\r\n\r\n", "400", "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1x\r\n\r\n", "400", "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: -1\r\n\r\n", "400", "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 2\r\nContent-Length: 3\r\n\r\nabc", "400",
                "malformed-request"},
        // Both lengths, either order: the classic way to smuggle a request.
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400",
                "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n", "400",
                "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: gzip, chunked\r\n\r\n0\r\n\r\n", "501",
                "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nxyz\r\n\r\n", "400",
                "malformed-request"},
        // An older proxy would not see where it ends.
        Refused{"POST / HTTP/1.0\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", "400", "malformed-request"},
        // Whose line break ends the chunk's header?
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;a=\"\n\"\r\nx\r\n0\r\n\r\n", "400",
                "malformed-request"},
        Refused{"GET / HTTP/1.1\r\nHost: a\r\nAuthorization: Bearer a\r\nAuthorization: Bearer b\r\n\r\n", "400",
                "malformed-request"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nContent-Encoding: gzip\r\nContent-Length: 1\r\n\r\nx", "415",
                "media-type"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nExpect: magic\r\nContent-Length: 1\r\n\r\n", "417", "malformed-request"},
        Refused{"GET / HTTP/1.1\r\nHost: a\r\nX: " + std::string(1'024, 'x') + "\r\n\r\n", "431", "limit-exceeded"},
        Refused{"GET /" + std::string(4'000, 'x') + " HTTP/1.1\r\n", "431", "limit-exceeded"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 101\r\n\r\n" + std::string(101, 'x'), "413",
                "limit-exceeded"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n40\r\n" + std::string(64, 'x') +
                    "\r\n40\r\n" + std::string(64, 'x') + "\r\n0\r\n\r\n",
                "413", "limit-exceeded"},
        Refused{"POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1;" + std::string(80'000, 'e'), "400",
                "malformed-request"}));

TEST(Server, ATrailerIsNoHeader) {
  RunningServer server([](Request request, Responder respond) {
    const bool has = request.headers.find("Authorization").has_value();
    respond({.status = 200, .content_type = "text/plain", .headers = {}, .body = has ? "authorized" : "unknown"});
  });
  RawSocket socket(server.port());
  socket.send(
      "POST / HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nx\r\n0\r\nAuthorization: Bearer a\r\n\r\n" +
      get("/"));
  EXPECT_TRUE(socket.read_until("unknown").starts_with("HTTP/1.1 200"));
  EXPECT_TRUE(socket.read_until("unknown").starts_with("HTTP/1.1 200"));
}

}  // namespace
}  // namespace pawl::http
