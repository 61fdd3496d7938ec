// A bounded set of connections for whoever needs one for a moment: the API's reads, authentication, upkeep.
//
// On one io_context thread, like its connections. Connections are made when they are needed, and again when they break,
// with back-off. Whoever waits does so in a bounded line and until his own deadline. Destroying a pool drops what is
// unanswered without a call.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstddef>
#include <functional>
#include <memory>

#include "pg/connection.h"

namespace pawl::pg {

struct PoolOptions {
  ConnectOptions connect = {};
  std::size_t connections = 4;
  std::size_t waiting = 1'000;  // callers in line; one more is refused as not_sent
  Microseconds retry_first = std::chrono::milliseconds(50);
  Microseconds retry_longest = std::chrono::seconds(5);
};

class PoolCore;

// A connection lent for several round trips; returns by destruction. One that is inside a transaction is rolled back
// first, one with something in flight or a lost one is replaced. When the pool goes first, its connection is closed.
class Lease {
 public:
  Lease() = default;  // of nothing
  Lease(std::weak_ptr<PoolCore> pool, std::unique_ptr<Connection> connection);
  Lease(Lease&&) noexcept;
  Lease& operator=(Lease&&) noexcept;
  ~Lease();

  Connection* operator->() const { return connection_.get(); }
  Connection& operator*() const { return *connection_; }

 private:
  void give_back();

  std::weak_ptr<PoolCore> pool_;
  std::unique_ptr<Connection> connection_;
};

class Pool {
 public:
  using Lent = std::move_only_function<void(Outcome<Lease>)>;

  Pool(boost::asio::io_context& io, PoolOptions options);
  ~Pool();
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  // `timeout` bounds the wait for a connection. Errors: not_sent with what the last attempt to connect said.
  void borrow(Microseconds timeout, Lent then);
  Awaitable<Outcome<Lease>> borrow(Microseconds timeout);

  // One pipeline on any connection; `timeout` bounds the wait and the answer together.
  void send(Pipeline pipeline, Microseconds timeout, Connection::Answer then);
  Awaitable<Outcome<Results>> run(Pipeline pipeline, Microseconds timeout);

  std::size_t open_connections() const;
  std::size_t waiting() const;

 private:
  std::shared_ptr<PoolCore> core_;
};

}  // namespace pawl::pg
