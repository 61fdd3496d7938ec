// The engine's Transport over HTTP: `call: http` of language-semantics.md.
#pragma once

#include <chrono>
#include <memory>

#include "actions/curl_client.h"
#include "base/metrics.h"
#include "ports/transport.h"

namespace pawl::actions {

inline constexpr unsigned redirects_most = 5;

struct TransportOptions {
  CurlOptions http;
  // For a whole call with its redirects. A task's own timeout is the engine's, which aborts the call.
  std::chrono::milliseconds call_time{300'000};
};

// Lives on the thread that runs the context. Calls that are out when it is destroyed are not called back.
class CurlTransport final : public ports::Transport {
 public:
  CurlTransport(boost::asio::io_context& context, TransportOptions options, Metrics& metrics);
  ~CurlTransport() override;

  // Any action but `http` is a `configuration` error: nothing else is done by the engine itself yet.
  ports::CallId call(ports::Call call, std::move_only_function<void(ports::CallOutcome)> then) override;
  void abort(ports::CallId call) override;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace pawl::actions
