// A worker that does its tasks as fast as it can: polls, and completes each batch with one request.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "bench/workload.h"
#include "http/load_client.h"
#include "json/value.h"

namespace pawl::bench {

class Worker {
 public:
  // One task's input to its output.
  using Work = std::move_only_function<json::Value(const json::Value& input)>;

  // A poll that waits must not hold a completion up: the client needs connections_of(spec).
  Worker(http::LoadClient& client, const Spec& spec, std::string queue, std::string action, Work work);

  static std::size_t connections_of(const Spec& spec) { return std::size_t{2} * spec.workers; }

  // Called after each batch whose results have all been accepted, with their number.
  void when_accepted(std::move_only_function<void(std::size_t)> accepted) { accepted_ = std::move(accepted); }
  void begin();
  void stop() { stopped_ = true; }  // no further poll
  const std::string& first_failure() const { return first_failure_; }

 private:
  void poll();
  void polled(int status, std::string_view text);
  void complete(const std::vector<json::Value>& tasks);
  void completed(std::size_t expected, int status, std::string_view text);
  void note_failure(std::string_view what, int status, std::string_view text);

  http::LoadClient& client_;
  const Spec& spec_;
  const std::string queue_, poll_body_;
  Work work_;
  std::move_only_function<void(std::size_t)> accepted_;
  bool stopped_ = false;
  std::string first_failure_;
};

}  // namespace pawl::bench
