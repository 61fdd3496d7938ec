// Runs that sleep, and how late they wake up.
#pragma once

#include "bench/workload.h"

namespace pawl::bench {

inline constexpr std::uint64_t sleepers = 10'000;  // unless told

// `count` runs that each sleep for `seconds`, and then give a worker a task: its coming, compared with the time that
// was due by the run's own clock (PostgreSQL's, in milliseconds), is the lateness.
Result<Report> run_timers(const Spec& spec);

// Starts `count` runs that sleep for a month, and leaves them asleep: how other workloads do beside them.
Result<Report> run_sleepers(const Spec& spec);

}  // namespace pawl::bench
