// Virtual time and the order of everything that happens in a simulation: one queue of events, one seeded generator.
// Two runs of one program with one seed are the same run. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "base/time.h"

namespace pawl::store::memory {

class Scheduler {
 public:
  using EventId = std::uint64_t;  // never 0

  explicit Scheduler(std::uint64_t seed);

  Time now() const { return now_; }
  Random& random() { return random_; }
  Microseconds between(Microseconds least, Microseconds most);  // uniform, both included

  // Events of one instant run in the order in which they were made.
  EventId after(Microseconds delay, std::move_only_function<void()> then);
  EventId at(Time when, std::move_only_function<void()> then);  // in the past: now
  void cancel(EventId event);                                   // a no-op once it has run

  bool step();  // runs the next event; false: there is none
  // Runs events until the condition holds (looked at after each), or the time has passed, or none is left.
  bool run_until(const std::function<bool()>& condition, Microseconds at_most);
  void run_for(Microseconds time);

  // What happened, for the hash that tells two runs apart and for the last lines of a failure. `what` must be a
  // literal.
  void note(std::string_view what, std::uint64_t one = 0, std::uint64_t two = 0);
  std::uint64_t trace_hash() const { return trace_hash_; }
  std::uint64_t steps() const { return steps_; }
  std::string last_notes() const;

 private:
  struct Event {
    Time when;
    EventId id;
    std::move_only_function<void()> then;
  };
  struct Note {
    Time when;
    std::string_view what;
    std::uint64_t one, two;
  };
  static bool later(const Event& a, const Event& b);
  Time next_time();

  static constexpr std::size_t notes_kept = 64;

  Random random_;
  Time now_;
  EventId last_id_ = 0;
  std::vector<Event> queue_;  // a heap
  std::unordered_set<EventId> pending_;
  std::uint64_t trace_hash_, steps_ = 0, noted_ = 0;
  std::array<Note, notes_kept> notes_{};
};

}  // namespace pawl::store::memory
