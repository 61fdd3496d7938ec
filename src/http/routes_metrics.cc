// The port for those who collect figures: /metrics and nothing else. Who may reach it is the operator's affair; the
// figures are of all tenants together and name none (interfaces.md).
#include "base/metrics.h"
#include "http/process_figures.h"
#include "http/routes.h"

namespace pawl::http {

Response metrics_response(const Metrics& metrics) {
  return {.status = 200,
          .content_type = "text/plain; version=0.0.4; charset=utf-8",
          .headers = {},
          .body = metrics.expose() + process_figures()};
}

void add_metrics_routes(Router& router, const Metrics& metrics) {
  router.add("GET", "/metrics",
             [&metrics](Request, PathParameters, Responder respond) { respond(metrics_response(metrics)); });
}

}  // namespace pawl::http
