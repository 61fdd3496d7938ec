// The HTTP/1.1 server of one thread: accepts, parses, hands requests to the handler, writes its answers in order.
//
// Everything happens on the thread that runs the io_context; several threads serve one port by SO_REUSEPORT, a Server
// each. A connection works on one request at a time (RFC 9112 section 9.3.2 allows no more for unsafe methods); further
// ones that the client has already sent wait in the connection's buffer.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "base/limits.h"
#include "base/metrics.h"
#include "base/problem.h"
#include "http/message.h"

namespace boost::asio {
class io_context;
}

namespace pawl::http {

struct ServerLimits {
  std::size_t header_bytes = limits::header_bytes;  // more: 431
  std::size_t body_bytes = limits::body_bytes;      // more: 413
  std::size_t connections = 10'000;                 // more: the one that is idle longest is closed, else 503
  std::size_t requests_in_flight = 10'000;          // more: 503
  std::size_t bodies_bytes = 256 << 20;             // of all bodies being received together; more: 503
  // Large bodies that are sent slowly may fill that. Small ones then still have this much.
  std::size_t small_body_bytes = 64 << 10, small_bodies_bytes = 64 << 20;
  std::chrono::milliseconds header_time{10'000};  // from a request's first byte to its header's end; else 408
  std::chrono::milliseconds body_time{60'000};    // from there to the body's end; else 408
  std::chrono::milliseconds write_time{30'000};   // that the client may take nothing of an answer; else closed
  std::chrono::milliseconds idle_time{75'000};    // between requests; then closed
  std::chrono::milliseconds linger_time{2'000};   // after the last answer, for the client to close; then reset
};

struct ServerOptions {
  std::string host = "127.0.0.1";  // an address or a name; of a name the first address
  std::uint16_t port = 0;          // 0: any free one
  ServerLimits limits;
  // With SO_REUSEPORT a second process of the same user could bind a port in use without an error, and get half of the
  // requests. So the first server of a process asks for the port alone; its siblings join it.
  bool joins_sibling = false;
};

class Server {
 public:
  // The context and the registry must outlive the server. A Responder may outlive all of them.
  Server(boost::asio::io_context& context, ServerOptions options, Handler handler, Metrics& metrics);
  ~Server();  // closes everything; what is unanswered stays so. Not from within the handler.
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  // Binds and begins to accept. Problems: address-invalid, port-in-use, listen-failed.
  Result<void> listen();
  std::uint16_t port() const;  // after listen()

  // Accepts no more, closes idle connections, lets requests in flight finish (their answers say Connection: close)
  // until the deadline, then closes the rest. `done` runs on the server's thread when no connection is left.
  void stop(std::chrono::milliseconds deadline, std::move_only_function<void()> done);

  struct State;

 private:
  std::shared_ptr<State> state_;
};

}  // namespace pawl::http
