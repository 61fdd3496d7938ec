// For tests: a server on a thread of its own at a free port of loopback, and a socket that sends what it is told.
#pragma once

#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <future>
#include <optional>
#include <string>
#include <string_view>
#include <thread>

#include "http/server.h"

namespace pawl::http {

class RunningServer {
 public:
  explicit RunningServer(Handler handler, ServerLimits limits = {}) {
    server_.emplace(context_, ServerOptions{.host = "127.0.0.1", .port = 0, .limits = limits, .joins_sibling = false},
                    std::move(handler), metrics_);
    const auto listening = server_->listen();
    EXPECT_TRUE(listening.has_value());
    thread_ = std::thread([this] {
      const auto work = boost::asio::make_work_guard(context_);
      context_.run();
    });
  }
  ~RunningServer() {
    run([this] { server_.reset(); });
    context_.stop();
    thread_.join();
  }

  std::uint16_t port() const { return server_->port(); }
  std::string url() const { return "http://127.0.0.1:" + std::to_string(port()); }
  Server& server() { return *server_; }
  Metrics& metrics() { return metrics_; }
  boost::asio::io_context& context() { return context_; }

  // On the server's thread; waits for it.
  void run(std::function<void()> call) {
    std::promise<void> done;
    boost::asio::post(context_, [&] {
      call();
      done.set_value();
    });
    done.get_future().get();
  }

 private:
  boost::asio::io_context context_;
  Metrics metrics_;
  std::optional<Server> server_;
  std::thread thread_;
};

// Answers with what was asked, so that one handler serves most tests.
inline void echo(Request request, Responder respond) {
  respond({.status = 200,
           .content_type = "text/plain",
           .headers = {},
           .body = request.method + " " + request.path + " " + request.body});
}

inline std::string get(std::string_view path, std::string_view more = "") {
  return "GET " + std::string(path) + " HTTP/1.1\r\nHost: h\r\n" + std::string(more) + "\r\n";
}

class RawSocket {
 public:
  explicit RawSocket(std::uint16_t port) : socket_(::socket(AF_INET, SOCK_STREAM, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_port = htons(port);
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::connect(socket_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
  }
  ~RawSocket() { close(); }

  void close() {
    if (socket_ >= 0) ::close(socket_);
    socket_ = -1;
  }
  void shut() { ::shutdown(socket_, SHUT_WR); }

  // False when the other side no longer takes anything.
  bool send(std::string_view bytes) {
    while (!bytes.empty()) {
      const ssize_t sent = ::send(socket_, bytes.data(), bytes.size(), MSG_NOSIGNAL);
      if (sent <= 0) return false;
      bytes.remove_prefix(static_cast<std::size_t>(sent));
    }
    return true;
  }

  // Until what came contains `end`, or the other side closes, or ten seconds have passed. Keeps what follows `end`.
  std::string read_until(std::string_view end) {
    for (;;) {
      const std::size_t found = buffer_.find(end);
      if (found != std::string::npos) {
        std::string text = buffer_.substr(0, found + end.size());
        buffer_.erase(0, found + end.size());
        return text;
      }
      if (!read_some()) return std::exchange(buffer_, {});
    }
  }
  std::string read_to_end() {
    while (read_some()) {}
    return std::exchange(buffer_, {});
  }
  bool was_reset() const { return was_reset_; }

 private:
  bool read_some() {
    pollfd poller{.fd = socket_, .events = POLLIN, .revents = 0};
    if (::poll(&poller, 1, 10'000) <= 0) return false;
    char bytes[16 << 10];
    const ssize_t count = ::recv(socket_, bytes, sizeof bytes, 0);
    if (count < 0) was_reset_ = true;
    if (count <= 0) return false;
    buffer_.append(bytes, static_cast<std::size_t>(count));
    return true;
  }

  int socket_;
  std::string buffer_;
  bool was_reset_ = false;
};

}  // namespace pawl::http
