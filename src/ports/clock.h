// Time as the engine knows it: database time, monotone within the process.
#pragma once

#include <cstdint>
#include <functional>

#include "base/time.h"

namespace pawl::ports {

using TimerId = std::uint64_t;  // never 0

class Clock {
 public:
  virtual ~Clock() = default;
  virtual Time now() const = 0;
  virtual TimerId call_at(Time when, std::move_only_function<void()> then) = 0;  // never before it returned
  virtual void cancel(TimerId timer) = 0;                                        // a no-op once it has run
  // What clock_timestamp() said in a commit just now: now() is estimated from it, and never goes back.
  virtual void observe(Time database_time) { (void)database_time; }
};

}  // namespace pawl::ports
