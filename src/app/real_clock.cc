#include "app/real_clock.h"

#include <algorithm>
#include <vector>

namespace pawl::app {
namespace {

// An answer is always late by its way: of the offsets seen lately the largest is the nearest to the truth. After this
// long a new one is taken as it comes, so that clocks which drift apart are followed.
constexpr std::chrono::seconds offset_age{10};

Time machine_time() { return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()); }

}  // namespace

RealClock::RealClock(boost::asio::io_context& io, Microseconds local_offset)
    : timer_(io), epoch_(machine_time() + local_offset), started_(Steady::now()) {}

Time RealClock::uncorrected() const {
  return epoch_ + std::chrono::duration_cast<Microseconds>(Steady::now() - started_);
}

// Monotone: a correction backwards makes time stand still until it is caught up.
Time RealClock::now() const {
  last_ = std::max(last_, uncorrected() + offset_);
  return last_;
}

void RealClock::observe(Time database_time) {
  const Steady::time_point at = Steady::now();
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
  const bool first = calls_.empty() || when < calls_.begin()->first.first;
  calls_.emplace(std::pair(when, id), std::move(then));
  times_.emplace(id, when);
  if (first) arm();
  return id;
}

void RealClock::cancel(ports::TimerId timer) {
  const auto found = times_.find(timer);
  if (found == times_.end()) return;
  calls_.erase({found->second, timer});
  times_.erase(found);
  if (calls_.empty()) timer_.cancel();
}

void RealClock::arm() {
  if (calls_.empty()) return;
  const Microseconds wait = calls_.begin()->first.first - (uncorrected() + offset_);
  timer_.expires_after(std::max(wait, Microseconds(0)));
  timer_.async_wait([this](const boost::system::error_code& cancelled) {
    if (!cancelled) fire();
  });
}

void RealClock::fire() {
  const Time until = now();
  // Those that a call adds wait for the next turn, even when they are due; those that a call cancels do not run.
  std::vector<std::pair<Time, ports::TimerId>> due;
  for (const auto& [key, call] : calls_) {
    if (key.first > until) break;
    due.push_back(key);
  }
  for (const auto& key : due) {
    auto call = calls_.extract(key);
    if (call.empty()) continue;
    times_.erase(key.second);
    call.mapped()();
  }
  arm();
}

}  // namespace pawl::app
