// For tests of this room and those above: a database of one's own on the server that PAWL_TEST_PG names (a conninfo of
// a superuser), and a proxy that loses connections on purpose. Never part of the program.
#pragma once

#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <memory>
#include <string>
#include <vector>

#include "pg/connection.h"

namespace pawl::pg::test {

inline constexpr Microseconds patience = std::chrono::seconds(20);

// PAWL_TEST_PG; throws when it is not set.
std::string server();

// `conninfo` with another database, role or address; later settings win.
std::string with(const std::string& conninfo, const std::string& settings);

// Runs a script on a connection of its own and returns its results (in text); throws on an error.
void execute(const std::string& conninfo, const std::string& script);

// The first column of the first row of a query, as text; empty when there is none.
std::string value(const std::string& conninfo, const std::string& query);

// A fresh database, dropped at the end with whatever is still connected to it.
class Database {
 public:
  Database();
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  const std::string& conninfo() const { return conninfo_; }
  const std::string& name() const { return name_; }

 private:
  std::string name_, conninfo_;
};

// Runs `io` until `condition` holds; throws when that takes longer than `patience`.
void run_until(boost::asio::io_context& io, const std::function<bool()>& condition);

// Between a client and the server, on the client's loop.
class Proxy {
 public:
  Proxy(boost::asio::io_context& io, const std::string& conninfo);
  ~Proxy();

  const std::string& conninfo() const { return conninfo_; }  // by way of the proxy
  void hold_requests(bool hold) { hold_requests_ = hold; }   // the server hears nothing more of the client
  void hold_answers(bool hold) { hold_answers_ = hold; }     // the client hears nothing more of the server
  void refuse(bool refuse) { refuse_ = refuse; }             // new connections are cut at once
  void cut();                                                // all connections, on both sides
  std::size_t accepted() const { return accepted_; }

 private:
  using Socket = boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol, Executor>;
  struct Pair;
  void accept();
  void pump(std::shared_ptr<Pair> pair, bool to_server);

  boost::asio::io_context& io_;
  boost::asio::basic_socket_acceptor<boost::asio::ip::tcp, Executor> acceptor_;
  boost::asio::generic::stream_protocol::endpoint target_;
  std::vector<std::weak_ptr<Pair>> pairs_;
  std::string conninfo_;
  std::shared_ptr<bool> alive_ = std::make_shared<bool>(true);
  std::size_t accepted_ = 0;
  bool hold_requests_ = false, hold_answers_ = false, refuse_ = false;
};

}  // namespace pawl::pg::test
