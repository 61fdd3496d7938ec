// What the workloads over HTTP share: the server's address, deploying, and keeping a number of starts in flight.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "http/load_client.h"

namespace pawl::bench {

// A numeric address is required: names would be looked up by whoever measures.
Result<http::LoadTarget> target_of(const Spec& spec);

Result<void> deploy(const Spec& spec, std::string_view definition);

// Keeps `in_flight` starts of one definition going and measures them, from the warm-up's end on.
class Starts {
 public:
  Starts(boost::asio::io_context& io, http::LoadClient& client, const Spec& spec, std::string definition,
         std::string output);

  void begin(std::move_only_function<void()> finished);
  Report report(std::string workload);
  const std::string& first_failure() const { return first_failure_; }

 private:
  using Steady = std::chrono::steady_clock;
  void start_one();
  void answered(Steady::time_point sent, int status, std::string_view body);
  bool wants_more() const;

  boost::asio::io_context& io_;
  http::LoadClient& client_;
  const Spec& spec_;
  const std::string definition_, expected_;
  const std::string key_prefix_;
  std::move_only_function<void()> finished_;
  Steady::time_point measured_from_, until_;
  Steady::time_point last_answer_;
  std::uint64_t sent_ = 0, open_ = 0;
  Report report_;
  std::string first_failure_;
};

}  // namespace pawl::bench
