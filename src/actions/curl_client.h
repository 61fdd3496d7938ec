// HTTP by libcurl's multi interface on the Asio loop: many exchanges at once on one thread, none of which blocks it
// (names are resolved on libcurl's own threads).
//
// http and https only; certificates checked against the system's store; no proxy from the environment; redirections are
// answers here. Every address is shown to the guard before it is connected to.
//
// The process must ignore SIGPIPE: OpenSSL writes to sockets that the other side has closed.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>

#include "actions/address_guard.h"
#include "actions/http_exchange.h"
#include "base/metrics.h"

namespace boost::asio {
class io_context;
}

namespace pawl::actions {

struct CurlLimits {
  std::size_t exchanges = 256;            // on the wire at once
  std::size_t exchanges_per_origin = 64;  // of them to one scheme, host and port
  std::size_t waiting = 10'000;           // for a place; more are refused at once
  std::size_t idle_connections = 128;     // kept for reuse
  std::size_t header_bytes = 64 << 10;    // of an answer
  std::chrono::milliseconds connect_time{10'000};
};

struct CurlOptions {
  AddressGuard guard;
  CurlLimits limits{};
  std::string certificates_file;  // instead of the system's store; empty: the system's
  std::string user_agent = "pawl";
  // Requests that libcurl sends again by itself, on another connection: it does when one that had served before ends
  // without a byte of an answer, which is how a service's idle connection ends just as it is used. Null: not counted.
  Counter* sent_again = nullptr;
};

using ExchangeId = std::uint64_t;  // never 0

class CurlClient {
 public:
  CurlClient(boost::asio::io_context& context, CurlOptions options);
  ~CurlClient();  // ends everything; nobody is called any more
  CurlClient(const CurlClient&) = delete;
  CurlClient& operator=(const CurlClient&) = delete;

  // Calls back once, on the context's thread, never before it returned; not at all after abort(). What waits for a
  // place gets one in turn by origin, so that a slow service does not hold up the others.
  ExchangeId send(HttpRequest request, std::move_only_function<void(HttpOutcome)> then);
  void abort(ExchangeId exchange);

  std::size_t on_the_wire() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pawl::actions
