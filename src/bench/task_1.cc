#include "bench/load.h"
#include "json/builder.h"
#include "json/parse.h"

namespace pawl::bench {
namespace {

constexpr std::string_view definition = R"(document: { dsl: 1.0.0, namespace: bench, name: task-1, version: 1.0.0 }
do:
  - work: { call: bench.work, with: { n: "${ .n }" }, metadata: { pawl: { queue: bench } } }
)";

// A worker that does nothing as fast as it can: polls, and completes each batch with one request.
class Pollers {
 public:
  Pollers(http::LoadClient& client, const Spec& spec) : client_(client), spec_(spec) {}

  void begin() {
    for (std::uint32_t i = 0; i < spec_.workers; ++i) poll();
  }
  void stop() { stopped_ = true; }
  const std::string& first_failure() const { return first_failure_; }

 private:
  void poll() {
    if (stopped_) return;
    const std::string body =
        R"({"worker":"bench","actions":["bench.work"],"wait":"5s","max":)" + std::to_string(spec_.batch) + "}";
    client_.send("POST", "/v1/queues/bench/tasks:poll", body,
                 [this](int status, std::string_view text) { polled(status, text); });
  }

  void polled(int status, std::string_view text) {
    const auto answer = json::parse(text, {.bytes = 64 << 20, .nodes = 16 << 20});
    const json::Value* items = status == 200 && answer ? answer->find("items") : nullptr;
    if (items == nullptr) {
      if (first_failure_.empty())
        first_failure_ = "poll: " + std::to_string(status) + " " + std::string(text.substr(0, 300));
      return;
    }
    if (items->items().empty()) return poll();
    json::ArrayBuilder results(items->items().size());
    for (const json::Value& item : items->items()) {
      results.add(
          json::Value::object({{"token", *item.find("token")}, {"output", json::Value::object({{"ok", true}})}}));
    }
    client_.send("POST", "/v1/tasks:complete", json::to_text(json::Value::object({{"items", results.finish()}})),
                 [this](int status_of_completion, std::string_view answered) {
                   if (status_of_completion != 200 && first_failure_.empty())
                     first_failure_ = "complete: " + std::string(answered.substr(0, 300));
                 });
    poll();
  }

  http::LoadClient& client_;
  const Spec& spec_;
  bool stopped_ = false;
  std::string first_failure_;
};

}  // namespace

Result<Report> run_task_1(const Spec& spec) {
  auto target = target_of(spec);
  if (!target) return fail(target.error());
  if (const auto deployed = deploy(spec, definition); !deployed) return fail(deployed.error());
  boost::asio::io_context io(1);
  http::LoadClient starters(io, *target);
  if (const auto connected = starters.connect(); !connected) return fail(connected.error());
  // A poll that waits must not hold a completion up: two connections a worker.
  target->connections = std::size_t{2} * spec.workers;
  http::LoadClient worker_client(io, *target);
  if (const auto connected = worker_client.connect(); !connected) return fail(connected.error());
  Pollers pollers(worker_client, spec);
  Starts starts(io, starters, spec, "bench/task-1", R"({"ok":true})");
  pollers.begin();
  starts.begin([&] {
    pollers.stop();
    io.stop();
  });
  io.run();
  const std::string failure = starts.first_failure().empty() ? pollers.first_failure() : starts.first_failure();
  if (!failure.empty()) {
    return fail({.status = 500,
                 .code = "bench-failed",
                 .title = "A run did not complete",
                 .detail = failure,
                 .instance = {},
                 .hint = {}});
  }
  return starts.report("task-1");
}

}  // namespace pawl::bench
