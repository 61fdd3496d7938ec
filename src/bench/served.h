// Workloads whose runs are started over HTTP and answered when they have completed, with or without a worker.
#pragma once

#include "bench/workload.h"

namespace pawl::bench {

struct Served {
  std::string_view name;  // also the definition's
  std::uint32_t tasks;    // of one run
  bool has_worker;        // which gives {n: n + 1} for each {n}
  std::string (*definition)();
  std::string (*output)(std::uint64_t n);  // of the run with the input {n}, as JSON text
};

extern const Served start_workload, chain_10_workload, task_1_workload, task_10_workload, fan_100_workload;

Result<Report> run_served(const Served& workload, const Spec& spec);

}  // namespace pawl::bench
