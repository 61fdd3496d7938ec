// One seed from beginning to end: clients, workers and faults; then calm; then the laws.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace pawl::simulation {

struct Report {
  std::vector<std::string> violations;
  std::uint64_t trace_hash = 0, steps = 0, commits = 0;
  std::size_t runs = 0, starts = 0, effects = 0;
  std::string trace;  // the last lines, when a law was broken
};

// What a loop is told in simulations: short leases and horizons, small decisions, so that seconds suffice for all of
// it.
engine::LoopConfig quick_loop();

Report run_seed(std::uint64_t seed);

}  // namespace pawl::simulation
