// The workloads of `pawl bench`. Each drives a running server over its public API, as any client does, and checks every
// answer: a run that did not complete with the right output is a failure, not a result.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "bench/report.h"

namespace pawl::bench {

struct Spec {
  std::string url;                  // of the server
  std::vector<std::string> tokens;  // one a tenant: starts go to them in turn
  std::string database;  // of PostgreSQL, for `floor`, and to know what a run costs it; empty: that stays unknown
  std::uint32_t in_flight = 64;
  std::uint32_t seconds = 10;              // measured, after warm_up(); of `timers`: how long each run sleeps
  std::optional<std::uint64_t> count;      // stop after so many instead; no warm-up
  std::optional<std::uint32_t> rate;       // starts a second, whether answered or not, instead of keeping in_flight
  std::uint32_t workers = 1, batch = 100;  // pollers of workloads with a worker, and tasks that each takes at once
};

// Before `measured`: a fifth of it, at most two seconds.
inline std::chrono::milliseconds warm_up(std::chrono::milliseconds measured) {
  return std::min(std::chrono::milliseconds(2'000), measured / 5);
}

struct WorkloadName {
  std::string_view name, what;
};
std::span<const WorkloadName> workloads();

Result<Report> measure(std::string_view workload, const Spec& spec);

// How many quiet tenants `tenants` has unless told.
inline constexpr std::uint32_t quiet_tenants = 100;
inline constexpr std::uint32_t tenants_most = 20'000;

// As an operator: so many tenants, `bench-1` and on, which stay, each with a token that lapses after a day.
Result<std::vector<std::string>> make_tenants(const std::string& database, std::uint32_t count);

}  // namespace pawl::bench
