// What operators and tools ask, without a token: health, readiness, metrics, the OpenAPI document.
#include "engine/node.h"
#include "http/documents.h"
#include "http/embedded.h"
#include "http/problem.h"
#include "http/routes.h"
#include "store/reads.h"

namespace pawl::http {

namespace {

Problem not_ready(std::string why) {
  return {.status = 503,
          .code = "not-ready",
          .title = "The server is not ready",
          .detail = std::move(why),
          .instance = {},
          .hint = {}};
}

// Why the database cannot be read is in the log: this answer needs no token, and the reason may name the database.
void ready(const Parts& parts, Responder respond) {
  if (!parts.node.ready()) return respond(problem_response(not_ready(parts.node.why_not())));
  parts.reads.probe([respond = std::move(respond)](Result<void> read) mutable {
    if (!read) return respond(problem_response(not_ready("The database cannot be read.")));
    respond(json_response(200, json::Value::object({{"status", "ready"}})));
  });
}

// What a proxy on this machine passes on comes from loopback, and is not from this machine.
bool is_forwarded(const Request& request) {
  for (const std::string_view name : {"Forwarded", "X-Forwarded-For", "Via"}) {
    if (request.headers.find(name)) return true;
  }
  return false;
}

// From loopback only (interfaces.md): the figures are of all tenants together.
void metrics(const Parts& parts, const Request& request, Responder respond) {
  if (!request.is_loopback || is_forwarded(request)) {
    return respond(problem_response({.status = 404,
                                     .code = "not-found",
                                     .title = "There is nothing at this path",
                                     .detail = {},
                                     .instance = {},
                                     .hint = "metrics are told to this machine only"}));
  }
  respond(metrics_response(parts.metrics));
}

}  // namespace

void add_operation_routes(Router& router, Parts& parts) {
  router.add("GET", "/healthz", [](Request, PathParameters, Responder respond) {
    respond(json_response(200, json::Value::object({{"status", "ok"}})));
  });
  router.add("GET", "/readyz",
             [&parts](Request, PathParameters, Responder respond) { ready(parts, std::move(respond)); });
  router.add("GET", "/metrics", [&parts](Request request, PathParameters, Responder respond) {
    metrics(parts, request, std::move(respond));
  });
  router.add("GET", "/openapi.json", [](Request, PathParameters, Responder respond) {
    respond({.status = 200,
             .content_type = "application/json",
             .headers = {},
             .body = std::string(embedded::file("openapi.json"))});
  });
}

}  // namespace pawl::http
