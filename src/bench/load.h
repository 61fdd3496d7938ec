// What the workloads over HTTP share: the server's address, deploying, and keeping a number of starts in flight.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "bench/report.h"
#include "bench/workload.h"
#include "http/load_client.h"

namespace pawl::bench {

using Steady = std::chrono::steady_clock;

inline std::chrono::microseconds between(Steady::time_point from, Steady::time_point until) {
  return std::chrono::duration_cast<std::chrono::microseconds>(until - from);
}

// `connections` to the address of the spec, with its first token. A numeric address is required: names would be looked
// up by whoever measures.
Result<http::LoadTarget> target_of(const Spec& spec, std::size_t connections);

// To each tenant of the spec.
Result<void> deploy(const Spec& spec, std::string_view definition);

// `bench-` and random characters: what belongs to one measurement.
std::string random_name();

std::unexpected<Problem> not_right(std::string detail);  // bench-failed: a run did not complete

// What is started: run number n gets the input {"n": n}.
struct Starting {
  std::string definition;
  std::string (*output)(std::uint64_t n) =
      nullptr;                  // the JSON text that run n must give; null: nobody waits for its end
  std::string queue = {};       // of its tasks
  bool may_be_refused = false;  // 429 is an answer like another: it is counted
};

// Keeps `in_flight` starts of one definition going, or sends `rate` a second, and measures them, from the warm-up's end
// on. At a rate a latency begins when the start was due, sent in time or not.
class Starts {
 public:
  using Answered = std::move_only_function<void(std::uint64_t n, Steady::time_point now)>;

  Starts(boost::asio::io_context& io, http::LoadClient& client, const Spec& spec, Starting starting);

  void when_answered(Answered answered) { answered_by_run_ = std::move(answered); }
  void begin(std::move_only_function<void()> finished);
  Report report(std::string workload);

  const std::string& first_failure() const { return first_failure_; }
  std::uint64_t right() const { return right_; }  // with the warm-up
  std::uint64_t refused() const { return refused_; }
  bool is_measured(Steady::time_point now) const {
    return now >= measured_from_ && (spec_.count.has_value() || now < until_);
  }
  Steady::time_point began(std::uint64_t n) const { return began_[n]; }
  std::uint64_t sent() const { return began_.size(); }

 private:
  void start_one(Steady::time_point due);
  void start_due();
  void answered(std::uint64_t n, int status, std::string_view body);
  void judge(std::uint64_t n, int status, std::string_view body, Steady::time_point now);
  void end_if_answered();
  bool wants_more() const;
  bool is_right(std::uint64_t n, int status, std::string_view body) const;

  http::LoadClient& client_;
  const Spec& spec_;
  const Starting starting_;
  const std::string key_prefix_ = random_name() + "-";
  boost::asio::steady_timer timer_;
  std::move_only_function<void()> finished_;
  Answered answered_by_run_;
  Steady::time_point measured_from_, until_, last_answer_, due_;
  std::vector<Steady::time_point> began_;  // by number
  std::uint64_t open_ = 0, right_ = 0, refused_ = 0;
  Report report_;
  std::string first_failure_;
};

}  // namespace pawl::bench
