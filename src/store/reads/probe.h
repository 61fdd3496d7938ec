// Whether the database can be read by a connection made now: what a connection that has lasted answers from its caches
// proves nothing, when PostgreSQL lets nobody in any more or its files are gone.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <optional>
#include <vector>

#include "base/problem.h"
#include "pg/connection.h"

namespace pawl::store {

struct ProbeOptions {
  pg::ConnectOptions connect;
  std::chrono::milliseconds good_for{2'000};      // a success is not asked for again within this time
  std::chrono::milliseconds forgiven_for{6'000};  // after a success failures are forgiven: a server that restarts
  std::chrono::milliseconds timeout{3'000};       // of connecting, and of the answer
};

// On the thread of the io_context; destroying it drops what is unanswered without a call. However often it is asked,
// there is at most one connection at a time, and no new one within `good_for` of a success.
class Probe {
 public:
  Probe(boost::asio::io_context& io, ProbeOptions options);
  void ask(Done<void> then);  // errors: those of pg::problem_of

 private:
  void answer(std::optional<pg::Error> failure);

  boost::asio::io_context& io_;
  ProbeOptions options_;
  std::unique_ptr<pg::Connection> connection_;
  std::vector<Done<void>> waiting_;
  std::optional<std::chrono::steady_clock::time_point> succeeded_;
};

}  // namespace pawl::store
