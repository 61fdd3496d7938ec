// Time as the engine knows it: the database's, and the process's own.
//
// What is written, and what waits for an instant that is written, goes by the database's time. That is an estimate: it
// may jump ahead, and stands still for as long as the database's clock has been set back. What only has to go on
// (pauses, time-outs, the trust in a lease) goes by the process's own time, which nothing corrects.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>

#include "base/time.h"

namespace pawl::ports {

using TimerId = std::uint64_t;  // never 0

// An instant of the process's own time. It means nothing to another process, and no Time can be compared with it.
struct SteadyClock;
using Steady = std::chrono::time_point<SteadyClock, Microseconds>;

class Clock {
 public:
  virtual ~Clock() = default;

  // The database's time, as far as it is known; monotone. It is the machine's, which may be hours off, until the first
  // observe().
  virtual Time now() const = 0;
  // What the database's clock_timestamp() said just now, as a commit, a renewal or the registration has brought it.
  virtual void observe(Time database_time) { (void)database_time; }

  // The process's own time: monotone, corrected by nothing, and it counts while the machine is suspended. Never
  // Steady::min().
  virtual Steady steady() const = 0;

  // Never before the call returned. Both may come late, and those of before a suspension may come later than what has
  // happened since: whatever must not happen too late is compared with steady() when it happens.
  virtual TimerId call_at(Time when, std::move_only_function<void()> then) = 0;
  virtual TimerId call_after(Microseconds pause, std::move_only_function<void()> then) = 0;  // by steady()
  virtual void cancel(TimerId timer) = 0;  // of either kind; a no-op once it has run
};

}  // namespace pawl::ports
