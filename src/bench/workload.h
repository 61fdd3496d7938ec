// The workloads of `pawl bench`. Each drives a running server over its public API, as any client does, and checks every
// answer: a run that did not complete with the right output is a failure, not a result.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>

#include "base/problem.h"
#include "bench/report.h"

namespace pawl::bench {

struct Spec {
  std::string url, token;  // of the server
  std::string database;    // of PostgreSQL, for `floor`
  std::uint32_t in_flight = 64;
  std::uint32_t seconds = 10;              // measured, after warm_up()
  std::optional<std::uint64_t> count;      // stop after so many instead; no warm-up
  std::uint32_t workers = 1, batch = 100;  // task-1: pollers, and tasks that each takes at once
};

// Before `measured`: a fifth of it, at most two seconds.
inline std::chrono::milliseconds warm_up(std::chrono::milliseconds measured) {
  return std::min(std::chrono::milliseconds(2'000), measured / 5);
}

// One `set` task; one request a start, answered when the run has completed.
Result<Report> run_start(const Spec& spec);

// One task that a worker does over the worker API; a start is answered when its run has completed.
Result<Report> run_task_1(const Spec& spec);

// The rows of `start` (a run, three events) by plain SQL: one connection, batches of 500 runs, one transaction each, in
// a schema of its own with the same columns and indexes, dropped afterwards. What PostgreSQL could do if nothing stood
// above it.
Result<Report> run_floor(const Spec& spec);

}  // namespace pawl::bench
