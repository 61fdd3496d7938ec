// What PostgreSQL could do if nothing stood above it.
#pragma once

#include "bench/workload.h"

namespace pawl::bench {

// The rows of `start` (a run, three events) by plain SQL: one connection, batches of 500 runs, one transaction each, in
// a schema of its own with the same columns and indexes, dropped afterwards.
Result<Report> run_floor(const Spec& spec);

}  // namespace pawl::bench
