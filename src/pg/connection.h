// One connection to PostgreSQL on an Asio event loop, always in libpq's pipeline mode.
//
//   Connection connection(io);
//   connection.open({.conninfo = url, .role = "pawl_engine"}, [&](Outcome<void> opened) { … });
//   Pipeline batch;
//   batch.begin().add(fence, …).add(insert, …).commit();
//   connection.send(std::move(batch), 10s, [](Outcome<Results> answer) { … });
//
// Everything happens on the thread that runs the io_context; the class has no locks. A pipeline may be sent before the
// former is answered: answers come in the order of sending, each exactly once, never before send() has returned. A
// callback may send, close, or destroy the connection. Destroying it drops what is unanswered without a call: the
// server may still carry it out.
#pragma once

#include <boost/asio/awaitable.hpp>
#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/time.h"
#include "pg/error.h"
#include "pg/pipeline.h"
#include "pg/rows.h"

namespace pawl::pg {

using Executor = boost::asio::io_context::executor_type;
template <class T>
using Awaitable = boost::asio::awaitable<T, Executor>;

inline constexpr std::size_t pipelines_in_flight = 64;  // one more is refused as not_sent

struct ConnectOptions {
  std::string conninfo;   // libpq's keyword=value form, or a postgresql:// URL
  std::string role = {};  // the session's role from its first statement on; empty: the login
  std::vector<std::pair<std::string, std::string>> settings = {};  // further session settings, set the same way
  std::string application_name = "pawl";
  Microseconds timeout = std::chrono::seconds(5);
};

class Session;

class Connection {
 public:
  using Opened = std::move_only_function<void(Outcome<void>)>;
  using Answer = std::move_only_function<void(Outcome<Results>)>;
  using Closed = std::move_only_function<void(const Error&)>;

  explicit Connection(boost::asio::io_context& io);
  ~Connection();
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Once in a connection's life. Names are resolved by libpq, which blocks: prefer addresses and sockets.
  void open(ConnectOptions options, Opened then);
  Awaitable<Outcome<void>> open(ConnectOptions options);

  // An error of one statement ends its pipeline: those after it are not carried out, the answer is the error. When
  // `timeout` passes without an answer the connection is given up, with everything that is in flight.
  void send(Pipeline pipeline, Microseconds timeout, Answer then);
  Awaitable<Outcome<Results>> run(Pipeline pipeline, Microseconds timeout);

  // A script of several statements, sent as they are and carried out as one implicit transaction unless it says BEGIN.
  // Only while nothing is in flight, else not_sent; nothing may be sent until it is answered. Its rows are in text:
  // tags only.
  void send_script(std::string sql, Microseconds timeout, Answer then);
  Awaitable<Outcome<Results>> run_script(std::string sql, Microseconds timeout);

  // Called for each NOTIFY on a channel that the session listens to. May send, close, or destroy the connection.
  void when_notified(std::move_only_function<void(std::string_view channel)> then);
  // Called once, when an open connection ends other than by close() or destruction.
  void when_closed(Closed then);
  // What is in flight is answered connection_lost.
  void close();
  // What is in flight is dropped without a call, as by destruction.
  void abandon();

  bool is_open() const;
  std::size_t in_flight() const;
  bool in_transaction() const;  // an explicit transaction is open or failed; meaningful when nothing is in flight
  int backend_pid() const;      // 0 when not open
  std::string_view server_setting(
      const std::string& name) const;  // those that the server reports: server_version, TimeZone, …

 private:
  std::shared_ptr<Session> session_;
};

// Runs a coroutine to its end on an io_context of its own: for commands and tests, never within a running loop.
template <class T>
T run_to_end(boost::asio::io_context& io, Awaitable<T> coroutine);

}  // namespace pawl::pg

#include "pg/connection_run.h"
