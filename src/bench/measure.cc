#include "bench/floor.h"
#include "bench/served.h"
#include "bench/tenants.h"
#include "bench/timers.h"
#include "bench/workload.h"

namespace pawl::bench {
namespace {

constexpr WorkloadName names[] = {
    {"start", "runs of one set task"},
    {"chain-10", "runs of ten set tasks"},
    {"task-1", "runs with one task for a worker"},
    {"task-10", "runs with ten, one after the other"},
    {"fan-100", "runs that fork a hundred of them and join"},
    {"timers", "runs that sleep, and how late they wake"},
    {"sleepers", "starts runs that sleep for a month, and leaves them"},
    {"tenants", "a hundred quiet tenants beside one that floods"},
    {"floor", "the rows of start by plain SQL"},
};

}  // namespace

std::span<const WorkloadName> workloads() { return names; }

Result<Report> measure(std::string_view workload, const Spec& spec) {
  for (const Served* served :
       {&start_workload, &chain_10_workload, &task_1_workload, &task_10_workload, &fan_100_workload}) {
    if (served->name == workload) return run_served(*served, spec);
  }
  if (workload == "timers") return run_timers(spec);
  if (workload == "sleepers") return run_sleepers(spec);
  if (workload == "tenants") return run_tenants(spec);
  return run_floor(spec);
}

}  // namespace pawl::bench
