// For tests: a server on loopback that answers each request with the bytes it is told, well-formed or not.
#pragma once

#include "gtest/gtest.h"
#include <arpa/inet.h>
#include <openssl/ssl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <mutex>
#include <string>
#include <thread>
#include <vector>

namespace pawl::actions {

class CannedServer {
 public:
  // From a request's text to the answer's bytes. An answer that is empty: the connection is closed instead; one that
  // begins with "close:" is sent without that and the connection closed; "hold": nothing is sent until the end.
  using Script = std::function<std::string(const std::string&)>;

  explicit CannedServer(Script script, SSL_CTX* tls = nullptr) : script_(std::move(script)), tls_(tls) {
    listener_ = ::socket(AF_INET, SOCK_STREAM, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    EXPECT_EQ(::bind(listener_, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(::listen(listener_, 64), 0);
    socklen_t length = sizeof address;
    ::getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &length);
    port_ = ntohs(address.sin_port);
    acceptor_ = std::thread([this] { accept(); });
  }
  ~CannedServer() {
    ending_ = true;
    ::shutdown(listener_, SHUT_RDWR);
    acceptor_.join();
    {
      const std::lock_guard lock(mutex_);
      for (const int socket : sockets_) ::shutdown(socket, SHUT_RDWR);
    }
    for (std::thread& each : threads_) each.join();
    for (const int socket : sockets_) ::close(socket);
    ::close(listener_);
  }

  std::uint16_t port() const { return port_; }
  std::string url(std::string_view path = "/") const {
    return (tls_ != nullptr ? "https://127.0.0.1:" : "http://127.0.0.1:") + std::to_string(port_) + std::string(path);
  }
  std::size_t connections() const { return connections_; }
  std::vector<std::string> requests() {
    const std::lock_guard lock(mutex_);
    return requests_;
  }

 private:
  void accept() {
    for (;;) {
      const int socket = ::accept(listener_, nullptr, nullptr);
      if (socket < 0 || ending_) {
        if (socket >= 0) ::close(socket);
        return;
      }
      ++connections_;
      const std::lock_guard lock(mutex_);
      sockets_.push_back(socket);
      threads_.emplace_back([this, socket] { serve(socket); });
    }
  }

  void serve(int socket) {
    SSL* ssl = nullptr;
    if (tls_ != nullptr) {
      ssl = SSL_new(tls_);
      SSL_set_fd(ssl, socket);
      if (SSL_accept(ssl) != 1) {
        ::shutdown(socket, SHUT_RDWR);
        SSL_free(ssl);
        return;
      }
    }
    std::string buffer;
    while (exchange(socket, ssl, buffer)) {}
    if (ssl != nullptr) SSL_free(ssl);
    ::shutdown(socket, SHUT_RDWR);
  }

  bool exchange(int socket, SSL* ssl, std::string& buffer) {
    std::size_t whole = 0;
    while ((whole = request_bytes(buffer)) == 0 || buffer.size() < whole) {
      char bytes[4096];
      const auto count = ssl != nullptr ? SSL_read(ssl, bytes, sizeof bytes)
                                        : static_cast<int>(::recv(socket, bytes, sizeof bytes, 0));
      if (count <= 0) return false;
      buffer.append(bytes, static_cast<std::size_t>(count));
    }
    const std::string request = buffer.substr(0, whole);
    buffer.erase(0, whole);
    {
      const std::lock_guard lock(mutex_);
      requests_.push_back(request);
    }
    std::string answer = script_(request);
    const bool closing = answer.empty() || answer.starts_with("close:");
    if (answer.starts_with("close:")) answer.erase(0, 6);
    if (answer == "hold") return true;
    if (ssl != nullptr) {
      SSL_write(ssl, answer.data(), static_cast<int>(answer.size()));
    } else {
      for (std::string_view rest = answer; !rest.empty();) {
        const ssize_t sent = ::send(socket, rest.data(), rest.size(), MSG_NOSIGNAL);
        if (sent <= 0) return false;
        rest.remove_prefix(static_cast<std::size_t>(sent));
      }
    }
    return !closing;
  }

  static std::size_t request_bytes(const std::string& buffer) {
    const std::size_t end = buffer.find("\r\n\r\n");
    if (end == std::string::npos) return 0;
    const std::size_t length = buffer.find("Content-Length: ");
    return end + 4 + (length < end ? std::stoul(buffer.substr(length + 16)) : 0);
  }

  Script script_;
  SSL_CTX* tls_;
  int listener_ = -1;
  std::uint16_t port_ = 0;
  std::atomic<bool> ending_ = false;
  std::atomic<std::size_t> connections_ = 0;
  std::mutex mutex_;
  std::vector<std::string> requests_;
  std::vector<int> sockets_;
  std::vector<std::thread> threads_;
  std::thread acceptor_;
};

inline std::string ok(std::string_view body, std::string_view type = "text/plain") {
  return "HTTP/1.1 200 OK\r\nContent-Type: " + std::string(type) +
         "\r\nContent-Length: " + std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

}  // namespace pawl::actions
