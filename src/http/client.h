// A blocking HTTP client for the command line and the tests: one connection kept alive, bounded times, and the
// patience that the server asks for with 429 and 503.
#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "http/message.h"

namespace pawl::http {

struct ClientOptions {
  std::string url;    // http://127.0.0.1:7295, https://…; a path is kept as prefix
  std::string token;  // sent as bearer token unless empty
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::milliseconds answer_time{90'000};  // beyond the longest ?wait=
  unsigned retries = 8;                           // of 429 and 503, each after Retry-After, at most `longest_pause`
  std::chrono::milliseconds longest_pause{5'000};
  std::size_t answer_bytes = 64 << 20;
};

// Not thread-safe: one for each thread.
class Client {
 public:
  explicit Client(ClientOptions options);
  ~Client();
  Client(Client&&) noexcept;

  // `target` is the path with its query, percent-encoded. Whatever the server answers is a Response; a Problem means
  // that it could not be reached or did not answer: `unreachable` (nothing was sent), `no-answer` (it may have acted).
  Result<Response> send(std::string_view method, std::string_view target, std::string_view body = {},
                        std::string_view content_type = "application/json");

 private:
  struct Session;
  std::unique_ptr<Session> session_;
};

}  // namespace pawl::http
