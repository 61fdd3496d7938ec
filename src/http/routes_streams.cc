// /v1/runs/{id}/stream: a run's events as they come.
#include <memory>

#include "http/authenticated.h"
#include "http/await_end.h"
#include "http/problem.h"
#include "http/run_requests.h"
#include "http/run_streams.h"

namespace pawl::http {

namespace {

void stream(RunStreams& streams, const ports::RunKey& run, const Request& request, Responder respond) {
  const auto after = read_stream_place(request);
  if (!after) return respond(problem_response(after.error()));
  if (request.method == "HEAD") return respond({.content_type = "text/event-stream", .headers = {}, .body = {}});
  streams.open(run, *after, std::move(respond));
}

}  // namespace

void add_stream_routes(Router& router, Parts& parts) {
  const auto streams = std::make_shared<RunStreams>(parts);
  router.add(
      "GET", "/v1/runs/{id}/stream",
      authenticated(parts, [streams](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
        const auto run = Uuid::parse(path["id"]);
        if (!run) return respond(problem_response(run_not_found()));
        stream(*streams, {tenant, *run}, request, std::move(respond));
      }));
}

}  // namespace pawl::http
