// The API of interfaces.md: which route asks whom. app/ makes the parts and hands the router to the server; all of it
// runs on the server's thread.
//
// routes_definitions.cc  /v1/definitions…   deploy compiles, stores, invalidates the program cache, then answers
// routes_runs.cc         /v1/runs…          start, list, one (each with ?wait= for its end), events, steps, :cancel
// routes_streams.cc      /v1/runs/{id}/stream
// routes_explain.cc      /v1/runs/{id}/explain
// routes_logs.cc         /v1/tasks:log, /v1/runs/{id}/logs
// routes_workers.cc      /v1/queues/{queue}/tasks:poll, /v1/tasks:complete, :heartbeat
// routes_operations.cc   /healthz, /readyz, /metrics, /openapi.json: without a token
// routes_metrics.cc      /metrics for everyone, on a port of its own (--metrics-listen)
#pragma once

#include "base/metrics.h"
#include "http/router.h"

namespace pawl::access {
class Authenticator;
}
namespace pawl::engine {
class Node;
class ProgramCache;
}  // namespace pawl::engine
namespace pawl::ports {
class Clock;
}
namespace pawl::store {
class Definitions;
class Reads;
class TaskLogs;
}  // namespace pawl::store

namespace pawl::http {

// What the routes talk to; must outlive the router.
struct Parts {
  engine::Node& node;
  engine::ProgramCache& programs;
  store::Reads& reads;
  store::Definitions& definitions;
  store::TaskLogs& logs;
  access::Authenticator& authenticator;
  Metrics& metrics;
  ports::Clock& clock;
};

void add_definition_routes(Router& router, Parts& parts);
void add_run_routes(Router& router, Parts& parts);
void add_stream_routes(Router& router, Parts& parts);
void add_log_routes(Router& router, Parts& parts);
void add_explain_routes(Router& router, Parts& parts);
void add_worker_routes(Router& router, Parts& parts);
void add_operation_routes(Router& router, Parts& parts);
void add_metrics_routes(Router& router, const Metrics& metrics);

// In the text format of Prometheus.
Response metrics_response(const Metrics& metrics);

}  // namespace pawl::http
