// ports::Clock over the machine's monotonic clock, corrected by what commits report of the database's clock.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <functional>
#include <map>
#include <utility>

#include "ports/clock.h"

namespace pawl::app {

// One thread, that of the io_context.
class RealClock final : public ports::Clock {
 public:
  // `local_offset` is added to the machine's time at the start: a test's way to a node whose clock is wrong.
  explicit RealClock(boost::asio::io_context& io, Microseconds local_offset = Microseconds(0));

  Time now() const override;
  void observe(Time database_time) override;
  ports::TimerId call_at(Time when, std::move_only_function<void()> then) override;
  void cancel(ports::TimerId timer) override;

 private:
  using Steady = std::chrono::steady_clock;
  Time uncorrected() const;
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  const Time epoch_;  // the machine's time when `started_` was read
  const Steady::time_point started_;
  Microseconds offset_{0};  // database time = uncorrected() + offset_
  Steady::time_point offset_since_;
  bool observed_ = false;
  mutable Time last_{};
  std::map<std::pair<Time, ports::TimerId>, std::move_only_function<void()>> calls_;
  std::map<ports::TimerId, Time> times_;
  ports::TimerId next_ = 1;
};

}  // namespace pawl::app
