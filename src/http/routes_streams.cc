// /v1/runs/{id}/stream: a run's events as they come.
#include <memory>

#include "http/authenticated.h"
#include "http/await_end.h"
#include "http/problem.h"
#include "http/run_requests.h"
#include "http/run_streams.h"
#include "store/reads.h"

namespace pawl::http {

namespace {

// As the stream would begin: HEAD tells what GET would.
void answer_head(Parts& parts, const ports::RunKey& run, Responder respond) {
  parts.reads.run(run.tenant, run.run, [respond = std::move(respond)](const auto& found) mutable {
    if (!found) return respond(problem_response(found.error()));
    if (!*found) return respond(problem_response(run_not_found()));
    respond({.content_type = "text/event-stream", .headers = {}, .body = {}});
  });
}

void stream(Parts& parts, RunStreams& streams, const ports::RunKey& run, const Request& request, Responder respond) {
  const auto after = read_stream_place(request);
  if (!after) return respond(problem_response(after.error()));
  if (request.method == "HEAD") return answer_head(parts, run, std::move(respond));
  streams.open(run, *after, std::move(respond));
}

}  // namespace

void add_stream_routes(Router& router, Parts& parts) {
  const auto streams = std::make_shared<RunStreams>(parts);
  router.add("GET", "/v1/runs/{id}/stream",
             authenticated(
                 parts, [&parts, streams](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
                   const auto run = Uuid::parse(path["id"]);
                   if (!run) return respond(problem_response(run_not_found()));
                   stream(parts, *streams, {tenant, *run}, request, std::move(respond));
                 }));
}

}  // namespace pawl::http
