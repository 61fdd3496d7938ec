// The API of interfaces.md: which route asks whom. app/ makes the parts and hands the router to the server.
//
// routes_definitions.cc  POST/GET /v1/definitions…         deploy compiles, stores, invalidates the program cache, then answers
//                        ({definition, version, active, created, diagnostics?}; `created` false: the same document again)
// routes_runs.cc         /v1/runs…                         start (?wait=), list, one (GET with ?wait= waits for its end too),
//                                                          events, steps, :cancel {reason?}
// routes_workers.cc      /v1/queues/{queue}/tasks:poll, /v1/tasks:complete, :heartbeat ({token, progress?} → {result, deadline?})
// routes_operations.cc   /healthz, /readyz, /metrics (loopback only), /openapi.json
#pragma once

#include <functional>
#include <string>

#include "base/metrics.h"
#include "http/router.h"

namespace pawl::access {
class Authenticator;
}
namespace pawl::engine {
class Node;
class ProgramCache;
}  // namespace pawl::engine
namespace pawl::store {
class Definitions;
class Reads;
}  // namespace pawl::store

namespace pawl::http {

// Everything by reference outlives the router. One thread.
struct Parts {
  engine::Node& node;
  engine::ProgramCache& programs;
  store::Reads& reads;
  store::Definitions& definitions;
  access::Authenticator& authenticator;
  Metrics& metrics;
};

void add_definition_routes(Router& router, Parts& parts);
void add_run_routes(Router& router, Parts& parts);
void add_worker_routes(Router& router, Parts& parts);
void add_operation_routes(Router& router, Parts& parts);

}  // namespace pawl::http
