// Fairness: what quiet tenants notice of one that floods.
#pragma once

#include "bench/workload.h"

namespace pawl::bench {

// The first tenant of the spec floods with `in_flight` starts, whatever the answers; each other one starts one run a
// second, first alone and then beside the flood. The latencies are those of the quiet ones beside it; a start is late
// from when it was due.
Result<Report> run_tenants(const Spec& spec);

}  // namespace pawl::bench
