// ports::Clock over the machine's time since it was booted, which counts suspensions, and what the database has told of
// its own.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <functional>

#include "app/call_list.h"
#include "ports/clock.h"

namespace pawl::app {

ports::Steady time_since_boot();  // CLOCK_BOOTTIME: CLOCK_MONOTONIC stands still while the machine is suspended

// One thread, that of the io_context.
class RealClock final : public ports::Clock {
 public:
  // For tests: `local_offset` is added to the machine's time at the start, a node whose clock is wrong; `steady` is
  // read for the process's own time, a machine that is suspended.
  explicit RealClock(boost::asio::io_context& io, Microseconds local_offset = Microseconds(0),
                     std::function<ports::Steady()> steady = time_since_boot);

  Time now() const override;
  void observe(Time database_time) override;
  ports::Steady steady() const override { return steady_(); }
  ports::TimerId call_at(Time when, std::move_only_function<void()> then) override;
  ports::TimerId call_after(Microseconds pause, std::move_only_function<void()> then) override;
  void cancel(ports::TimerId timer) override;

 private:
  Time uncorrected() const;
  void arm();
  void fire();

  boost::asio::steady_timer timer_;
  const std::function<ports::Steady()> steady_;
  const Time epoch_;  // the machine's time when `started_` was read
  const ports::Steady started_;
  Microseconds offset_{0};  // database time = uncorrected() + offset_
  ports::Steady offset_since_;
  bool observed_ = false;
  mutable Time last_{};
  CallList<Time> waits_;            // call_at()
  CallList<ports::Steady> pauses_;  // call_after()
  ports::TimerId next_ = 1;
};

}  // namespace pawl::app
