// What a server and its connections share. Private to server.cc and connection.cc.
#pragma once

#include <array>
#include <boost/asio/basic_socket_acceptor.hpp>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <list>
#include <optional>
#include <unordered_set>

#include "http/http_date.h"
#include "http/server.h"

namespace pawl::http {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Executor = asio::io_context::executor_type;  // concrete: no type erasure a completion
using Socket = asio::basic_stream_socket<Tcp, Executor>;
using Acceptor = asio::basic_socket_acceptor<Tcp, Executor>;
using Timer =
    asio::basic_waitable_timer<std::chrono::steady_clock, asio::wait_traits<std::chrono::steady_clock>, Executor>;
using SteadyTime = std::chrono::steady_clock::time_point;

class Connection;

struct Server::State {
  State(asio::io_context& io_context, ServerOptions server_options, Handler request_handler, Metrics& metrics);

  void remove(Connection* connection);

  asio::io_context& context;
  ServerOptions options;
  Handler handler;
  DateCache dates;
  std::unordered_set<Connection*> connections;
  std::list<Connection*> idle;  // of them, the longest idle first
  std::size_t requests_in_flight = 0;
  std::size_t bodies_bytes = 0;
  bool stopping = false;
  std::move_only_function<void()> stopped;
  std::optional<Acceptor> acceptor;
  std::optional<Timer> timer;  // back-off after a failed accept; the deadline of stop()
  Gauge& connections_gauge;
  std::array<Counter*, 6> requests_by_class;  // 1xx … 5xx at 1 … 5
  Counter& malformed_requests;
  Counter& refused_connections;
};

}  // namespace pawl::http
