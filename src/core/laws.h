// The checker of one run's rows, for the simulator and `pawl verify` alike (mission.md, laws 2, 3 and 5).
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "core/decide.h"
#include "core/event.h"
#include "core/pending.h"
#include "dsl/program.h"

namespace pawl::core {

struct RunRows {
  Uuid tenant, run;
  std::uint32_t revision = 0;
  RunStatus status = RunStatus::pending;
  bool quarantined = false;           // suspended by its row alone, since its history could not be folded
  std::vector<Event> events;          // in the order of seq, as stored
  std::vector<std::uint32_t> epochs;  // of the events
  std::uint32_t lane_epoch = 0;       // now
  std::vector<Wait> waits;            // rows that exist
  struct OpenInvocation {
    Uuid id;
    std::uint32_t attempt = 1;
  };
  std::vector<OpenInvocation> invocations;  // rows that are not resolved
};

struct Violation {
  int law = 0;
  std::string what;
};

// Gap-free seq, monotone ts, fold = revision, status and projections, epochs that never fall, something that wakes it.
std::vector<Violation> check(const dsl::Program& program, const RunRows& rows);

}  // namespace pawl::core
