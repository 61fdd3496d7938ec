#include "http/server.h"

#include <fcntl.h>
#include <netdb.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <cstring>
#include <utility>
#include <vector>

#include "base/log.h"
#include "http/connection.h"
#include "http/server_state.h"

namespace pawl::http {

namespace {

constexpr int accept_backlog = 4'096;                   // the system's own limit (somaxconn) applies too
constexpr std::chrono::milliseconds accept_pause{100};  // after a failure: most often no descriptors are left
constexpr std::size_t refusals_at_once = 1'000;         // connections that are told why; beyond, just closed

using boost::system::error_code;

Problem listen_problem(const ServerOptions& options, const error_code& error) {
  const std::string where = options.host + ":" + std::to_string(options.port);
  if (error == asio::error::address_in_use) {
    return {.status = 500,
            .code = "port-in-use",
            .title = "Another process listens on " + where,
            .detail = {},
            .instance = where,
            .hint = "choose another with --listen HOST:PORT, or stop the other process"};
  }
  return {.status = 500,
          .code = "listen-failed",
          .title = "Cannot listen on " + where,
          .detail = error.message(),
          .instance = where,
          .hint = {}};
}

Result<Tcp::endpoint> resolve(const ServerOptions& options) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = SOCK_STREAM;
  hints.ai_flags = AI_PASSIVE;
  addrinfo* found = nullptr;
  const int status = getaddrinfo(options.host.c_str(), nullptr, &hints, &found);
  if (status != 0 || found == nullptr) {
    return fail({.status = 500,
                 .code = "address-invalid",
                 .title = "Cannot listen on " + options.host,
                 .detail = gai_strerror(status),
                 .instance = options.host,
                 .hint = "give an address of this machine, such as 127.0.0.1 or 0.0.0.0"});
  }
  Tcp::endpoint endpoint;
  endpoint.resize(found->ai_addrlen);
  std::memcpy(endpoint.data(), found->ai_addr, found->ai_addrlen);
  freeaddrinfo(found);
  endpoint.port(options.port);
  return endpoint;
}

// A process that we start must not inherit a socket: it would hold the port when we are gone.
void close_on_exec(int descriptor) { fcntl(descriptor, F_SETFD, FD_CLOEXEC); }

void bind_and_listen(Acceptor& acceptor, const Tcp::endpoint& endpoint, bool shares, error_code& error) {
  acceptor.open(endpoint.protocol(), error);
  if (error) return;
  close_on_exec(acceptor.native_handle());
  const int on = 1;
  if (shares && setsockopt(acceptor.native_handle(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on) != 0) {
    error.assign(errno, boost::system::system_category());
    return;
  }
  acceptor.set_option(asio::socket_base::reuse_address(true), error);
  if (!error) acceptor.bind(endpoint, error);
  if (!error) acceptor.listen(accept_backlog, error);
}

void accept_next(const std::shared_ptr<Server::State>& server);

void after_accept(const std::shared_ptr<Server::State>& server, const error_code& error, Socket socket,
                  const Tcp::endpoint& remote) {
  if (server->stopping || !server->acceptor) return;
  if (error) {
    log_warning("cannot accept a connection", {{"error", error.message()}});
    server->timer.emplace(server->context, accept_pause);
    server->timer->async_wait([weak = std::weak_ptr(server)](const error_code& stopped) {
      if (const auto again = weak.lock(); again && !stopped) accept_next(again);
    });
    return;
  }
  close_on_exec(socket.native_handle());
  const std::size_t most = server->options.limits.connections;
  // Whoever only keeps a connection gives way to who comes: otherwise a client that opens many and says nothing keeps
  // all others out.
  if (server->connections.size() >= most && !server->idle.empty()) server->idle.front()->close();
  const std::size_t before = server->connections.size();
  if (before >= most) server->refused_connections.add();
  if (before >= most + refusals_at_once) {
    socket.close();
    return accept_next(server);
  }
  const auto connection = std::make_shared<Connection>(*server, std::move(socket), remote);
  if (before >= most) {
    connection->refuse({.status = 503,
                        .code = "too-many-connections",
                        .title = "The server has too many connections",
                        .detail = {},
                        .instance = "connections",
                        .hint = "keep connections alive, and use fewer"});
  } else {
    connection->begin();
  }
  accept_next(server);
}

void accept_next(const std::shared_ptr<Server::State>& server) {
  if (!server->acceptor) return;
  auto remote = std::make_unique<Tcp::endpoint>();
  Tcp::endpoint& place = *remote;
  server->acceptor->async_accept(
      place, [weak = std::weak_ptr(server), remote = std::move(remote)](const error_code& error, Socket socket) {
        if (const auto alive = weak.lock()) after_accept(alive, error, std::move(socket), *remote);
      });
}

}  // namespace

Server::State::State(asio::io_context& io_context, ServerOptions server_options, Handler request_handler,
                     Metrics& metrics)
    : context(io_context),
      options(std::move(server_options)),
      handler(std::move(request_handler)),
      connections_gauge(metrics.gauge("pawl_http_connections", "Open connections of clients.")),
      requests_by_class{},
      malformed_requests(metrics.counter("pawl_http_refused_requests_total",
                                         "Requests that were malformed, too large, too slow or too many.")),
      refused_connections(
          metrics.counter("pawl_http_refused_connections_total", "Connections refused because there were too many.")) {
  for (std::size_t i = 1; i < requests_by_class.size(); ++i) {
    requests_by_class[i] = &metrics.counter("pawl_http_responses_total", "Answers by class of status.",
                                            "class=\"" + std::to_string(i) + "xx\"");
  }
}

void Server::State::remove(Connection* connection) {
  connections.erase(connection);
  if (!stopping || !connections.empty()) return;
  timer.reset();
  if (stopped) asio::post(context, std::exchange(stopped, nullptr));
}

Server::Server(asio::io_context& context, ServerOptions options, Handler handler, Metrics& metrics)
    : state_(std::make_shared<State>(context, std::move(options), std::move(handler), metrics)) {}

Server::~Server() {
  state_->acceptor.reset();
  state_->timer.reset();
  state_->stopped = nullptr;
  const std::vector<Connection*> all(state_->connections.begin(), state_->connections.end());
  for (Connection* connection : all) connection->detach();
}

Result<void> Server::listen() {
  auto endpoint = resolve(state_->options);
  if (!endpoint) return std::unexpected(endpoint.error());
  error_code error;
  if (!state_->options.joins_sibling) {
    Acceptor alone(state_->context);
    bind_and_listen(alone, *endpoint, false, error);
    if (error) return fail(listen_problem(state_->options, error));
    endpoint->port(alone.local_endpoint(error).port());
  }
  Acceptor acceptor(state_->context);
  bind_and_listen(acceptor, *endpoint, true, error);
  if (error) return fail(listen_problem(state_->options, error));
  state_->options.port = acceptor.local_endpoint(error).port();
  state_->acceptor.emplace(std::move(acceptor));
  accept_next(state_);
  return {};
}

std::uint16_t Server::port() const { return state_->options.port; }

void Server::stop(std::chrono::milliseconds deadline, std::move_only_function<void()> done) {
  state_->stopping = true;
  state_->acceptor.reset();
  state_->stopped = std::move(done);
  state_->timer.emplace(state_->context, deadline);
  state_->timer->async_wait([weak = std::weak_ptr(state_)](const error_code& error) {
    const auto state = weak.lock();
    if (!state || error) return;
    const std::vector<Connection*> all(state->connections.begin(), state->connections.end());
    for (Connection* connection : all) connection->detach();
    state->connections.clear();
    state->remove(nullptr);
  });
  const std::vector<Connection*> all(state_->connections.begin(), state_->connections.end());
  for (Connection* connection : all) connection->stop_when_idle();
  if (state_->connections.empty()) state_->remove(nullptr);
}

}  // namespace pawl::http
