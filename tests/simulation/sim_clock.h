// A process's clock: virtual time, with an offset as clocks have them. One that observes corrects itself by what
// the database tells; it never goes back. The process's own time has an offset of its own, which nothing corrects.
#pragma once

#include <algorithm>
#include <map>
#include <memory>
#include <utility>

#include "ports/clock.h"
#include "simulation/gate.h"
#include "store/memory/scheduler.h"

namespace pawl::simulation {

class SimClock : public ports::Clock {
 public:
  SimClock(store::memory::Scheduler& scheduler, std::shared_ptr<Gate> gate, Microseconds offset, bool observes)
      : scheduler_(scheduler), gate_(std::move(gate)), booted_(scheduler.now()), offset_(offset), observes_(observes) {}
  ~SimClock() override {
    for (const auto& [timer, call] : calls_) scheduler_.cancel(call.event);
  }

  Time now() const override {
    latest_ = std::max(latest_, scheduler_.now() + offset_);
    return latest_;
  }
  void observe(Time database_time) override {
    if (!observes_) return;
    const Microseconds before = std::exchange(offset_, database_time - scheduler_.now());
    if (!std::exchange(observed_, true)) latest_ = {};
    if (offset_ == before) return;
    for (auto& [timer, call] : calls_) {
      if (call.database) plan(timer, call, call.when + (before - offset_));
    }
  }
  ports::Steady steady() const override { return ports::Steady{} + (scheduler_.now() - booted_); }

  ports::TimerId call_at(Time when, std::move_only_function<void()> then) override {
    return call(when - offset_, true, std::move(then));
  }
  ports::TimerId call_after(Microseconds pause, std::move_only_function<void()> then) override {
    return call(scheduler_.now() + pause, false, std::move(then));
  }

  void cancel(ports::TimerId timer) override {
    const auto found = calls_.find(timer);
    if (found == calls_.end()) return;
    scheduler_.cancel(found->second.event);
    calls_.erase(found);
  }

  // The machine has slept for so long, and its timers count only while it is awake: each comes that much later, those
  // too whose time has come meanwhile.
  void slept(Microseconds time) {
    for (auto& [timer, call] : calls_) plan(timer, call, call.when + time);
  }

 private:
  struct Call {
    Time when;              // of the scheduler
    bool database = false;  // waits for an instant of the database's time
    store::memory::Scheduler::EventId event = 0;
    std::uint32_t planned = 0;  // how often: what an older plan has brought to the gate is not called
    std::shared_ptr<std::move_only_function<void()>> then;
  };

  ports::TimerId call(Time when, bool database, std::move_only_function<void()> then) {
    Call& call = calls_[++last_];
    call.database = database;
    call.then = std::make_shared<std::move_only_function<void()>>(std::move(then));
    plan(last_, call, when);
    return last_;
  }

  void plan(ports::TimerId timer, Call& call, Time when) {
    scheduler_.cancel(call.event);
    call.when = when;
    call.event = scheduler_.at(when, [this, timer, planned = ++call.planned, gate = gate_] {
      // Cancelled while the process stood still: it is not called.
      gate->pass([this, timer, planned] {
        const auto found = calls_.find(timer);
        if (found == calls_.end() || found->second.planned != planned) return;
        const auto then = std::move(found->second.then);
        calls_.erase(found);
        (*then)();
      });
    });
  }

  store::memory::Scheduler& scheduler_;
  std::shared_ptr<Gate> gate_;
  const Time booted_;
  Microseconds offset_;
  bool observes_, observed_ = false;
  mutable Time latest_{};
  ports::TimerId last_ = 0;
  std::map<ports::TimerId, Call> calls_;  // in their order: two runs of one seed are the same run
};

}  // namespace pawl::simulation
