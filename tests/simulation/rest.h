// The laws at rest: what must hold of the rows once everything has calmed down.
#pragma once

#include <string>
#include <vector>

#include "simulation/world.h"

namespace pawl::simulation {

// Every run's rows by core::check; every open run waits for something that is due later; nothing is left locked.
std::vector<std::string> violations_at_rest(const World& world);

// Runs that have not ended and do not wait for a later time.
std::size_t stuck_runs(const World& world);

// The rows of a run, a line each, for people.
std::string described(const World& world, const ports::RunKey& run);

}  // namespace pawl::simulation
