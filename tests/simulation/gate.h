// Everything that reaches a process passes its gate: a process that is stopped gets it when it goes on, one that was
// killed never does.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "base/problem.h"

namespace pawl::simulation {

class Gate : public std::enable_shared_from_this<Gate> {
 public:
  bool stopped() const { return stopped_; }
  bool killed() const { return killed_; }
  void stop() { stopped_ = true; }
  void kill() {
    killed_ = true;
    held_.clear();
  }
  void go_on() {
    stopped_ = false;
    while (!held_.empty() && !stopped_ && !killed_) {
      auto next = std::move(held_.front());
      held_.pop_front();
      next();
    }
  }

  void pass(std::move_only_function<void()> call) {
    if (killed_) return;
    if (stopped_ || !held_.empty())
      held_.push_back(std::move(call));
    else
      call();
  }

  // The same callback behind this gate.
  template <class T>
  std::move_only_function<void(T)> wrap(std::move_only_function<void(T)> then) {
    return [gate = shared_from_this(), then = std::move(then)](T result) mutable {
      gate->pass([then = std::move(then), result = std::move(result)]() mutable { then(std::move(result)); });
    };
  }

 private:
  std::deque<std::move_only_function<void()>> held_;
  bool stopped_ = false, killed_ = false;
};

}  // namespace pawl::simulation
