// /v1/runs/{id}/explain: what holds a run.
#include "engine/node.h"
#include "http/arguments.h"
#include "http/authenticated.h"
#include "http/await_end.h"
#include "http/documents.h"
#include "http/explain.h"
#include "http/problem.h"
#include "ports/clock.h"

namespace pawl::http {

namespace {

void explain(Parts& parts, const Uuid& tenant, const Uuid& run, const Request& request, Responder respond) {
  if (auto known = only_parameters(request, {}); !known) return respond(problem_response(known.error()));
  parts.reads.holds(
      tenant, run,
      [&parts, tenant, respond = std::move(respond)](Result<std::optional<store::RunHolds>> found) mutable {
        if (!found) return respond(problem_response(found.error()));
        if (!*found) return respond(problem_response(run_not_found()));
        Explained explained{.holds = std::move(**found), .remembered = {}};
        explained.now = parts.clock.now();
        explained.owned_here = parts.node.owns(explained.holds.run.id);
        for (const store::OpenWork& work : explained.holds.work) {
          explained.remembered.push_back(parts.node.explain({tenant, work.invocation}));
        }
        respond(json_response(200, explanation(explained)));
      });
}

}  // namespace

void add_explain_routes(Router& router, Parts& parts) {
  router.add(
      "GET", "/v1/runs/{id}/explain",
      authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
        const auto run = Uuid::parse(path["id"]);
        if (!run) return respond(problem_response(run_not_found()));
        explain(parts, tenant, *run, request, std::move(respond));
      }));
}

}  // namespace pawl::http
