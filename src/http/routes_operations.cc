// What operators and tools ask, without a token: health, readiness, metrics, the OpenAPI document.
#include "engine/node.h"
#include "http/documents.h"
#include "http/embedded.h"
#include "http/problem.h"
#include "http/routes.h"

namespace pawl::http {

namespace {

void ready(const Parts& parts, Responder respond) {
  if (parts.node.ready()) return respond(json_response(200, json::Value::object({{"status", "ready"}})));
  respond(problem_response({.status = 503,
                            .code = "not-ready",
                            .title = "The server is not ready",
                            .detail = parts.node.why_not(),
                            .instance = {},
                            .hint = {}}));
}

// From loopback only (interfaces.md): the figures are of all tenants together.
void metrics(const Parts& parts, const Request& request, Responder respond) {
  if (!request.is_loopback) {
    return respond(problem_response({.status = 404,
                                     .code = "not-found",
                                     .title = "There is nothing at this path",
                                     .detail = {},
                                     .instance = {},
                                     .hint = "metrics are told to this machine only"}));
  }
  respond({.status = 200,
           .content_type = "text/plain; version=0.0.4; charset=utf-8",
           .headers = {},
           .body = parts.metrics.expose()});
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
