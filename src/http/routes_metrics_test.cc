#include "gtest/gtest.h"

#include "base/metrics.h"
#include "http/routes.h"

namespace pawl::http {
namespace {

class Recorded final : public Exchange {
 public:
  void answer(Response given) override { response = std::move(given); }
  void abandon() override { response.status = 500; }
  bool closed() const override { return false; }
  void when_closed(std::move_only_function<void()>) override {}
  Response response;
};

Response ask(const Router& router, std::string path, std::string from) {
  const auto exchange = std::make_shared<Recorded>();
  Request request;
  request.method = "GET";
  request.path = std::move(path);
  request.remote_address = std::move(from);
  router(std::move(request), Responder(exchange));
  return exchange->response;
}

TEST(MetricsRoutes, TellEveryoneTheFiguresAndNothingElse) {
  Metrics metrics;
  metrics.counter("pawl_seen_total", "Seen.").add(3);
  Router router;
  add_metrics_routes(router, metrics);
  const Response figures = ask(router, "/metrics", "203.0.113.7");
  EXPECT_EQ(figures.status, 200);
  EXPECT_NE(figures.body.find("pawl_seen_total 3\n"), std::string::npos) << figures.body;
  for (const char* name : {"\nprocess_cpu_seconds_total 0.", "\nprocess_resident_memory_bytes "}) {
    EXPECT_NE(figures.body.find(name), std::string::npos) << figures.body;
  }
  for (const char* path : {"/v1/runs", "/readyz", "/openapi.json", "/"}) {
    EXPECT_EQ(ask(router, path, "203.0.113.7").status, 404) << path;
  }
}

}  // namespace
}  // namespace pawl::http
