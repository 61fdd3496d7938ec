#include "bench/timers.h"

#include <optional>

#include "bench/load.h"
#include "bench/worker.h"

namespace pawl::bench {
namespace {

constexpr std::string_view sleepers_definition =
    R"(document: { dsl: 1.0.0, namespace: bench, name: sleepers, version: 1.0.0 }
do:
  - sleep: { wait: P30D }
)";

std::string timers_name(const Spec& spec) { return "timers-" + std::to_string(spec.seconds); }

std::string timers_definition(const Spec& spec) {
  const std::string seconds = std::to_string(spec.seconds);
  return "document: { dsl: 1.0.0, namespace: bench, name: " + timers_name(spec) + ", version: 1.0.0 }\n" +
         "do:\n  - sleep:\n      wait: { seconds: " + seconds + " }\n" +
         "      output: { as: '${ { due: ($task.startedAt.epoch.milliseconds + " + seconds + "000) } }' }\n" +
         "  - wake: { call: bench.wake, with: { due: '${ .due }', run: '${ $workflow.input.n }' } }\n";
}

// What the woken runs tell.
class Woken {
 public:
  explicit Woken(std::uint64_t count) : seen_(count, false) {}

  json::Value work(const json::Value& input) {
    const json::Value *due = input.find("due"), *run = input.find("run");
    const auto number = run == nullptr ? seen_.size() : static_cast<std::uint64_t>(run->integer());
    if (due == nullptr || number >= seen_.size() || seen_[number]) {
      if (failure_.empty()) failure_ = "woken for a second time, or not one of these: " + json::to_text(input);
      return json::Value::object({});
    }
    seen_[number] = true;
    const auto now = std::chrono::system_clock::now().time_since_epoch();
    const auto late = now - std::chrono::milliseconds(due->integer());
    if (late < std::chrono::milliseconds(0) && failure_.empty()) failure_ = "woken early: " + json::to_text(input);
    if (late >= std::chrono::milliseconds(0))
      lateness_.add(std::chrono::duration_cast<std::chrono::microseconds>(late));
    return json::Value::object({});
  }

  std::size_t count() const { return lateness_.count(); }
  const std::string& failure() const { return failure_; }
  Latencies take_lateness() { return std::move(lateness_); }

 private:
  std::vector<bool> seen_;  // by number
  Latencies lateness_;
  std::string failure_;
};

void add_memory(Report& report, std::string name, const Usage& usage) {
  if (usage.server_memory_bytes) report.figures.push_back({std::move(name), *usage.server_memory_bytes});
}

// Starts them all, without a worker: they sleep, or have woken already and wait for it.
Result<Report> start_all(const Spec& spec, Starting starting) {
  const auto target = target_of(spec, spec.in_flight);
  if (!target) return fail(target.error());
  boost::asio::io_context io(1);
  http::LoadClient client(io, *target);
  if (const auto connected = client.connect(); !connected) return fail(connected.error());
  Starts starts(io, client, spec, std::move(starting));
  starts.begin([&] { io.stop(); });
  io.run();
  if (!starts.first_failure().empty()) return not_right(starts.first_failure());
  return starts.report({});
}

Result<Latencies> wake_all(const Spec& spec, const std::string& queue) {
  const auto target = target_of(spec, Worker::connections_of(spec));
  if (!target) return fail(target.error());
  boost::asio::io_context io(1);
  http::LoadClient client(io, *target);
  if (const auto connected = client.connect(); !connected) return fail(connected.error());
  Woken woken(*spec.count);
  std::uint64_t accepted = 0;
  Worker worker(client, spec, queue, "bench.wake", [&](const json::Value& input) { return woken.work(input); });
  worker.when_accepted([&](std::size_t count) {
    accepted += count;
    if (accepted >= *spec.count) io.stop();
  });
  // One that never wakes must not be waited for until the end of days.
  boost::asio::steady_timer patience(io, std::chrono::seconds(spec.seconds) + std::chrono::minutes(2));
  patience.async_wait([&](boost::system::error_code error) {
    if (!error) io.stop();
  });
  worker.begin();
  while (!io.stopped() && worker.first_failure().empty() && woken.failure().empty()) io.run_one();
  if (!worker.first_failure().empty()) return not_right(worker.first_failure());
  if (!woken.failure().empty()) return not_right(woken.failure());
  if (accepted != *spec.count)
    return not_right(std::to_string(accepted) + " of " + std::to_string(*spec.count) + " runs woke up");
  return woken.take_lateness();
}

}  // namespace

Result<Report> run_timers(const Spec& wanted) {
  Spec spec = wanted;
  spec.count = wanted.count.value_or(sleepers);
  if (const auto deployed = deploy(spec, timers_definition(spec)); !deployed) return fail(deployed.error());
  const auto before = read_usage(spec.url, spec.database);
  if (!before) return fail(before.error());
  const std::string queue = random_name();
  auto report = start_all(spec, {.definition = "bench/" + timers_name(spec), .queue = queue});
  if (!report) return report;
  const auto asleep = read_usage(spec.url, {});
  auto lateness = wake_all(spec, queue);
  if (!lateness) return fail(lateness.error());
  const auto after = read_usage(spec.url, spec.database);
  if (!after) return fail(after.error());
  report->workload = "timers";
  report->figures.push_back({"asleepAtOnce", report->seconds < spec.seconds ? 1 : 0});
  report->more.push_back({"lateness", std::move(*lateness)});
  report->costs = costs_between(*before, *after, *spec.count);
  add_memory(*report, "serverMemoryBytesBefore", *before);
  add_memory(*report, "serverMemoryBytesAsleep", *asleep);
  return report;
}

Result<Report> run_sleepers(const Spec& wanted) {
  Spec spec = wanted;
  spec.count = wanted.count.value_or(sleepers);
  if (const auto deployed = deploy(spec, sleepers_definition); !deployed) return fail(deployed.error());
  const auto before = read_usage(spec.url, spec.database);
  if (!before) return fail(before.error());
  auto report = start_all(spec, {.definition = "bench/sleepers"});
  if (!report) return report;
  const auto after = read_usage(spec.url, spec.database);
  if (!after) return fail(after.error());
  report->workload = "sleepers";
  report->costs = costs_between(*before, *after, *spec.count);
  add_memory(*report, "serverMemoryBytesBefore", *before);
  add_memory(*report, "serverMemoryBytesAsleep", *after);
  return report;
}

}  // namespace pawl::bench
