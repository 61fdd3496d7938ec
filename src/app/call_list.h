// Calls that wait for an instant, by instant and in the order in which they were added.
#pragma once

#include <functional>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "ports/clock.h"

namespace pawl::app {

template <class Instant>
class CallList {
 public:
  using Key = std::pair<Instant, ports::TimerId>;

  void add(Instant when, ports::TimerId id, std::move_only_function<void()> then) {
    calls_.emplace(Key(when, id), std::move(then));
    times_.emplace(id, when);
  }
  void remove(ports::TimerId id) {
    const auto found = times_.find(id);
    if (found == times_.end()) return;
    calls_.erase({found->second, id});
    times_.erase(found);
  }
  bool empty() const { return calls_.empty(); }
  std::optional<Instant> first() const {
    if (calls_.empty()) return std::nullopt;
    return calls_.begin()->first.first;
  }
  std::vector<Key> due(Instant until) const {
    std::vector<Key> due;
    for (const auto& [key, call] : calls_) {
      if (key.first > until) break;
      due.push_back(key);
    }
    return due;
  }
  // Unless it has been removed meanwhile.
  void run(const Key& key) {
    auto call = calls_.extract(key);
    if (call.empty()) return;
    times_.erase(key.second);
    call.mapped()();
  }

 private:
  std::map<Key, std::move_only_function<void()>> calls_;
  std::map<ports::TimerId, Instant> times_;
};

}  // namespace pawl::app
