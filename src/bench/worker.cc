#include "bench/worker.h"

#include "json/builder.h"
#include "json/parse.h"

namespace pawl::bench {
namespace {

// A thousand tasks, whatever their inputs are.
constexpr json::Limits answer_limits{.bytes = 64 << 20, .nodes = 16 << 20};

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t count = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++count;
  return count;
}

}  // namespace

Worker::Worker(http::LoadClient& client, const Spec& spec, std::string queue, std::string action, Work work)
    : client_(client),
      spec_(spec),
      queue_(std::move(queue)),
      poll_body_(R"({"worker":"bench","actions":[")" + action + R"("],"wait":"5s","max":)" +
                 std::to_string(spec.batch) + "}"),
      work_(std::move(work)) {}

void Worker::begin() {
  for (std::uint32_t i = 0; i < spec_.workers; ++i) poll();
}

void Worker::poll() {
  if (stopped_) return;
  client_.send("POST", "/v1/queues/" + queue_ + "/tasks:poll", poll_body_,
               [this](int status, std::string_view text) { polled(status, text); });
}

void Worker::note_failure(std::string_view what, int status, std::string_view text) {
  if (first_failure_.empty())
    first_failure_ = std::string(what) + ": " + std::to_string(status) + " " + std::string(text.substr(0, 300));
}

void Worker::polled(int status, std::string_view text) {
  const auto answer = json::parse(text, answer_limits);
  const json::Value* items = status == 200 && answer ? answer->find("items") : nullptr;
  if (items == nullptr) return note_failure("poll", status, text);
  if (!items->items().empty()) complete({items->items().begin(), items->items().end()});
  poll();
}

void Worker::complete(const std::vector<json::Value>& tasks) {
  json::ArrayBuilder results(tasks.size());
  for (const json::Value& task : tasks) {
    results.add(json::Value::object({{"token", *task.find("token")}, {"output", work_(*task.find("input"))}}));
  }
  client_.send(
      "POST", "/v1/tasks:complete", json::to_text(json::Value::object({{"items", results.finish()}})),
      [this, expected = tasks.size()](int status, std::string_view text) { completed(expected, status, text); });
}

// A lease that lapsed would be `stale`: the work was then done twice, and the figures are of something else.
void Worker::completed(std::size_t expected, int status, std::string_view text) {
  if (status != 200 || occurrences(text, R"("result":"done")") != expected)
    return note_failure("complete", status, text);
  if (accepted_) accepted_(expected);
}

}  // namespace pawl::bench
