// A process's clock: virtual time, with an offset as clocks have them. One that observes corrects itself by what
// commits tell; it never goes back.
#pragma once

#include <algorithm>
#include <memory>
#include <unordered_map>

#include "ports/clock.h"
#include "simulation/gate.h"
#include "store/memory/scheduler.h"

namespace pawl::simulation {

class SimClock : public ports::Clock {
 public:
  SimClock(store::memory::Scheduler& scheduler, std::shared_ptr<Gate> gate, Microseconds offset, bool observes)
      : scheduler_(scheduler), gate_(std::move(gate)), offset_(offset), observes_(observes) {}
  ~SimClock() override {
    for (const auto& [timer, event] : events_) scheduler_.cancel(event);
  }

  Time now() const override {
    latest_ = std::max(latest_, scheduler_.now() + offset_);
    return latest_;
  }
  void observe(Time database_time) override {
    if (observes_) offset_ = database_time - scheduler_.now();
  }

  ports::TimerId call_at(Time when, std::move_only_function<void()> then) override {
    const ports::TimerId timer = ++last_;
    events_[timer] = scheduler_.at(when - offset_, [this, timer, gate = gate_, then = std::move(then)]() mutable {
      // Cancelled while the process stood still: it is not called.
      gate->pass([this, timer, then = std::move(then)]() mutable {
        if (events_.erase(timer) > 0) then();
      });
    });
    return timer;
  }

  void cancel(ports::TimerId timer) override {
    const auto found = events_.find(timer);
    if (found == events_.end()) return;
    scheduler_.cancel(found->second);
    events_.erase(found);
  }

 private:
  store::memory::Scheduler& scheduler_;
  std::shared_ptr<Gate> gate_;
  Microseconds offset_;
  bool observes_;
  mutable Time latest_{};
  ports::TimerId last_ = 0;
  std::unordered_map<ports::TimerId, store::memory::Scheduler::EventId> events_;
};

}  // namespace pawl::simulation
