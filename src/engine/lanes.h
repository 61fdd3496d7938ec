// The lanes that a loop owns, with the epoch of each as it took them.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/limits.h"
#include "ports/storage.h"

namespace pawl::engine {

class Lanes {
 public:
  bool owns(ports::Lane lane) const { return owned_[lane]; }
  std::uint32_t epoch(ports::Lane lane) const { return epochs_[lane]; }
  std::size_t size() const { return list_.size(); }
  bool empty() const { return list_.empty(); }
  const std::vector<ports::Lane>& list() const { return list_; }

  void add(const ports::OwnedLane& lane) {
    if (!owned_[lane.lane]) list_.push_back(lane.lane);
    owned_[lane.lane] = true;
    epochs_[lane.lane] = lane.epoch;
  }
  void clear() {
    owned_.fill(false);
    list_.clear();
    next_ = 0;
  }
  // Each in turn; there must be one.
  ports::Lane next() { return list_[next_++ % list_.size()]; }

 private:
  std::array<bool, pawl::limits::lanes> owned_{};
  std::array<std::uint32_t, pawl::limits::lanes> epochs_{};
  std::vector<ports::Lane> list_;
  std::size_t next_ = 0;
};

}  // namespace pawl::engine
