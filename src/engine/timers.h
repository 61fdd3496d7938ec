// The waits that are due before the horizon, in memory, by when they are due. Those due later are rows alone.
//
// The horizon moves first, then everything due before it is read and put in, idempotently by (run, wait_no): a wait
// that is committed while the read runs is due before the new horizon, so its commit puts it in (protocol section 7).
#pragma once

#include <cstdint>
#include <optional>
#include <set>

#include "base/time.h"
#include "ports/batch.h"

namespace pawl::engine {

class Timers {
 public:
  struct Entry {
    Time due{};
    ports::RunKey run;
    std::uint32_t wait_no = 0;
    auto operator<=>(const Entry&) const = default;
  };

  explicit Timers(std::size_t bound) : bound_(bound) {}

  Time horizon() const { return horizon_; }
  void move_horizon(Time to) { horizon_ = to; }

  // Kept if it is due before the horizon. Beyond the bound the latest one goes, and the horizon with it.
  void add(const Entry& entry);
  void remove(const Entry& entry) { entries_.erase(entry); }
  std::optional<Time> next() const;
  std::optional<Entry> pop(Time now);  // one that is due, earliest first
  std::size_t size() const { return entries_.size(); }
  bool full() const { return entries_.size() >= bound_; }
  void clear();

 private:
  std::size_t bound_;
  Time horizon_{};
  std::set<Entry> entries_;
};

}  // namespace pawl::engine
