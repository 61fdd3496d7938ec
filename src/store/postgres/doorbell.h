// Hears who rings for a loop: LISTEN on a connection of its own, which comes back by itself when it is lost.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>
#include <memory>

#include "base/uuid.h"
#include "pg/backoff.h"
#include "pg/connection.h"

namespace pawl::store {

class Doorbell {
 public:
  // `rung` is called for each ring, and once it listens, since it may have missed one until then. It may destroy this.
  Doorbell(boost::asio::io_context& io, pg::ConnectOptions options, Uuid loop, std::move_only_function<void()> rung);
  Doorbell(const Doorbell&) = delete;
  Doorbell& operator=(const Doorbell&) = delete;

 private:
  void connect();
  void listen();
  void again();

  boost::asio::io_context& io_;
  pg::ConnectOptions options_;
  const std::string channel_;
  std::shared_ptr<std::move_only_function<void()>> rung_;
  std::unique_ptr<pg::Connection> connection_;
  boost::asio::steady_timer timer_;
  pg::Backoff backoff_;
};

}  // namespace pawl::store
