#include "http/router.h"

#include "gtest/gtest.h"

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

class RouterTest : public ::testing::Test {
 protected:
  RouterTest() {
    const auto add = [this](std::string_view method, std::string_view pattern, std::vector<std::string_view> names) {
      router.add(method, pattern,
                 [name = std::string(method) + " " + std::string(pattern), names](Request, PathParameters values,
                                                                                  Responder respond) {
                   std::string body = name;
                   for (const auto each : names) body += " " + values[each];
                   respond({.status = 200, .content_type = "text/plain", .headers = {}, .body = body});
                 });
    };
    add("GET", "/v1/runs", {});
    add("POST", "/v1/runs", {});
    add("GET", "/v1/runs/{id}", {"id"});
    add("POST", "/v1/runs/{id}:cancel", {"id"});
    add("POST", "/v1/runs:batch", {});
    add("POST", "/v1/queues/{queue}/tasks:poll", {"queue"});
    add("GET", "/v1/definitions/{namespace}/{name}/{version}", {"namespace", "name", "version"});
  }
  Response ask(std::string method, std::string path) {
    const auto exchange = std::make_shared<Recorded>();
    Request request;
    request.method = std::move(method);
    request.path = std::move(path);
    router(std::move(request), Responder(exchange));
    return exchange->response;
  }
  Router router;
};

TEST_F(RouterTest, FindsTheHandlerAndItsParameters) {
  EXPECT_EQ(ask("GET", "/v1/runs").body, "GET /v1/runs");
  EXPECT_EQ(ask("POST", "/v1/runs").body, "POST /v1/runs");
  EXPECT_EQ(ask("GET", "/v1/runs/7").body, "GET /v1/runs/{id} 7");
  EXPECT_EQ(ask("POST", "/v1/runs:batch").body, "POST /v1/runs:batch");
  EXPECT_EQ(ask("GET", "/v1/definitions/a/b/1.0.0").body, "GET /v1/definitions/{namespace}/{name}/{version} a b 1.0.0");
}

TEST_F(RouterTest, AVerbGoesBeforeThePlainParameter) {
  EXPECT_EQ(ask("POST", "/v1/runs/7:cancel").body, "POST /v1/runs/{id}:cancel 7");
  const Response refused = ask("GET", "/v1/runs/7:cancel");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers, (std::vector<std::pair<std::string, std::string>>{{"Allow", "POST"}}));
}

TEST_F(RouterTest, DecodesParametersAfterSplitting) {
  EXPECT_EQ(ask("POST", "/v1/queues/a%2Fb%20c/tasks:poll").body, "POST /v1/queues/{queue}/tasks:poll a/b c");
  EXPECT_EQ(ask("GET", "/v1/runs/%3acancel").body, "GET /v1/runs/{id} :cancel");
  for (const char* bad : {"/v1/runs/%", "/v1/runs/%4", "/v1/runs/%zz", "/v1/runs/%ff", "/v1/runs/a%00"}) {
    EXPECT_EQ(ask("GET", bad).status, 400) << bad;
  }
}

TEST_F(RouterTest, HeadIsAnsweredAsGet) { EXPECT_EQ(ask("HEAD", "/v1/runs").body, "GET /v1/runs"); }

TEST_F(RouterTest, RefusesOtherPathsAndMethods) {
  for (const char* path : {"/", "/v1", "/v1/runs/", "/v1/runs/7/", "//v1/runs", "/v1/queues//tasks:poll", "/V1/runs"}) {
    EXPECT_EQ(ask("GET", path).status, 404) << path;
  }
  EXPECT_EQ(ask("GET", "/" + std::string(100, '/')).status, 404);
  const Response refused = ask("DELETE", "/v1/runs");
  EXPECT_EQ(refused.status, 405);
  EXPECT_EQ(refused.headers, (std::vector<std::pair<std::string, std::string>>{{"Allow", "GET, HEAD, POST"}}));
  EXPECT_EQ(ask("get", "/v1/runs").status, 405);
}

TEST_F(RouterTest, ListsItsRoutes) { EXPECT_EQ(router.routes().at(3).pattern, "/v1/runs/{id}:cancel"); }

}  // namespace
}  // namespace pawl::http
