// The benchmark's client: as little work a request as possible, so that it measures the server and not itself. Many
// connections kept alive, requests as ready-made text, answers parsed just enough. On one thread, that of the context.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/problem.h"

namespace boost::asio {
class io_context;
}

namespace pawl::http {

struct LoadTarget {
  std::string host;  // a numeric address
  std::uint16_t port = 0;
  std::string token;
  std::size_t connections = 64;
  std::size_t depth = 1;  // requests that one connection may have sent and not answered (pipelining)
};

class LoadClient {
 public:
  // `status` 0: the connection was lost, or what came was not HTTP. `body` is good during the call.
  using Answered = std::move_only_function<void(int status, std::string_view body)>;

  LoadClient(boost::asio::io_context& context, LoadTarget target);
  ~LoadClient();  // nobody is called any more

  Result<void> connect();  // all connections, blocking; `unreachable`

  // Written to the connection with the fewest unanswered requests, or kept until one has room. May be called from an
  // answer. `token` instead of the target's, for loads of several tenants.
  void send(std::string_view method, std::string_view target, std::string_view body, Answered answered,
            std::string_view token = {});

  std::size_t unanswered() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pawl::http
