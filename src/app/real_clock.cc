#include "app/real_clock.h"

#include <time.h>

#include <algorithm>
#include <utility>

namespace pawl::app {
namespace {

// An answer is always late by its way: of the offsets seen lately the largest is the nearest to the truth. After this
// long a new one is taken as it comes, so that clocks which drift apart are followed.
constexpr std::chrono::seconds offset_age{10};

// Asio's timer counts on CLOCK_MONOTONIC. It is armed for no longer than this, so that no call comes later than this
// after the end of a suspension.
constexpr std::chrono::milliseconds longest_wait{500};

Time machine_time() { return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()); }

}  // namespace

ports::Steady time_since_boot() {
  timespec time{};
  clock_gettime(CLOCK_BOOTTIME, &time);
  return ports::Steady(std::chrono::seconds(time.tv_sec) +
                       std::chrono::duration_cast<Microseconds>(std::chrono::nanoseconds(time.tv_nsec)));
}

RealClock::RealClock(boost::asio::io_context& io, Microseconds local_offset, std::function<ports::Steady()> steady)
    : timer_(io), steady_(std::move(steady)), epoch_(machine_time() + local_offset), started_(steady_()) {}

Time RealClock::uncorrected() const { return epoch_ + (steady_() - started_); }

// Monotone: a correction backwards makes time stand still until it is caught up.
Time RealClock::now() const {
  last_ = std::max(last_, uncorrected() + offset_);
  return last_;
}

void RealClock::observe(Time database_time) {
  const ports::Steady at = steady_();
  const Microseconds seen = database_time - uncorrected();
  if (observed_ && seen <= offset_ && at - offset_since_ < offset_age) return;
  const bool sooner = seen > offset_;
  offset_ = seen;
  offset_since_ = at;
  if (!std::exchange(observed_, true)) last_ = {};  // nothing has been told yet that this could contradict
  if (sooner) arm();
}

ports::TimerId RealClock::call_at(Time when, std::move_only_function<void()> then) {
  const ports::TimerId id = next_++;
  const auto first = waits_.first();
  waits_.add(when, id, std::move(then));
  if (!first || when < *first) arm();
  return id;
}

ports::TimerId RealClock::call_after(Microseconds pause, std::move_only_function<void()> then) {
  const ports::TimerId id = next_++;
  const ports::Steady when = steady_() + pause;
  const auto first = pauses_.first();
  pauses_.add(when, id, std::move(then));
  if (!first || when < *first) arm();
  return id;
}

void RealClock::cancel(ports::TimerId timer) {
  waits_.remove(timer);
  pauses_.remove(timer);
  if (waits_.empty() && pauses_.empty()) timer_.cancel();
}

void RealClock::arm() {
  if (waits_.empty() && pauses_.empty()) return;
  Microseconds wait = longest_wait;
  if (const auto first = waits_.first()) wait = std::min(wait, *first - (uncorrected() + offset_));
  if (const auto first = pauses_.first()) wait = std::min(wait, *first - steady_());
  timer_.expires_after(std::max(wait, Microseconds(0)));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) fire();
  });
}

// Those that a call adds wait for the next turn, even when they are due; those that a call cancels do not run.
void RealClock::fire() {
  const auto pauses = pauses_.due(steady_());
  const auto waits = waits_.due(now());
  for (const auto& key : pauses) pauses_.run(key);
  for (const auto& key : waits) waits_.run(key);
  arm();
}

}  // namespace pawl::app
