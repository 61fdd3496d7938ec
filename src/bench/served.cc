#include "bench/served.h"

#include <optional>
#include <unordered_map>

#include "bench/load.h"
#include "bench/worker.h"

namespace pawl::bench {
namespace {

// The worker's side: what each run still needs, when its first task came, when its last result left.
class Tasks {
 public:
  Tasks(const Served& workload, const Starts& starts) : workload_(workload), starts_(starts) {}

  json::Value work(const json::Value& input) {
    const json::Value *n = input.find("n"), *run = input.find("run");
    if (n == nullptr || run == nullptr) return json::Value::object({});  // the run's output will be wrong, and told
    const auto number = static_cast<std::uint64_t>(run->integer());
    if (number < starts_.sent()) note(number, Steady::now());
    return json::Value::object({{"n", json::Value::integer(n->integer() + 1)}});
  }

  void completed(std::uint64_t run, Steady::time_point now) {
    const auto found = last_result_.find(run);
    if (found == last_result_.end()) return;
    if (starts_.is_measured(now)) join_.add(between(found->second, now));
    last_result_.erase(found);
  }

  void add_to(Report& report) {
    report.more.push_back({"dispatch", std::move(dispatch_)});
    report.more.push_back({"join", std::move(join_)});
  }

 private:
  void note(std::uint64_t run, Steady::time_point now) {
    const auto [left, is_first] = left_.try_emplace(run, workload_.tasks);
    if (is_first && starts_.is_measured(now)) dispatch_.add(between(starts_.began(run), now));
    if (--left->second > 0) return;
    left_.erase(left);
    last_result_.emplace(run, now);
  }

  const Served& workload_;
  const Starts& starts_;
  std::unordered_map<std::uint64_t, std::uint32_t> left_;
  std::unordered_map<std::uint64_t, Steady::time_point> last_result_;
  Latencies dispatch_, join_;
};

struct Load {
  Report report;
  std::uint64_t runs = 0;
};

Result<Load> load(const Served& workload, const Spec& spec) {
  const auto target = target_of(spec, spec.in_flight);
  if (!target) return fail(target.error());
  const auto worker_target = target_of(spec, Worker::connections_of(spec));
  boost::asio::io_context io(1);
  http::LoadClient client(io, *target), worker_client(io, *worker_target);
  if (const auto connected = client.connect(); !connected) return fail(connected.error());
  if (const auto connected = worker_client.connect(); !connected) return fail(connected.error());
  const std::string queue = workload.has_worker ? random_name() : "";
  Starts starts(io, client, spec,
                {.definition = "bench/" + std::string(workload.name), .output = workload.output, .queue = queue});
  Tasks tasks(workload, starts);
  Worker worker(worker_client, spec, queue, "bench.work", [&](const json::Value& input) { return tasks.work(input); });
  if (workload.has_worker) {
    starts.when_answered([&](std::uint64_t run, Steady::time_point now) { tasks.completed(run, now); });
    worker.begin();
  }
  starts.begin([&] { io.stop(); });
  io.run();
  if (!starts.first_failure().empty()) return not_right(starts.first_failure());
  if (!worker.first_failure().empty()) return not_right(worker.first_failure());
  Load done{.report = starts.report(std::string(workload.name)), .runs = starts.right()};
  if (workload.has_worker) tasks.add_to(done.report);
  return done;
}

}  // namespace

Result<Report> run_served(const Served& workload, const Spec& spec) {
  if (workload.has_worker && spec.tokens.size() > 1) {
    return fail({.status = 400,
                 .code = "usage",
                 .title = "A worker belongs to one tenant",
                 .detail = std::string(workload.name) + " has a worker",
                 .instance = "--tenants",
                 .hint = "start and chain-10 can be spread over tenants"});
  }
  if (const auto deployed = deploy(spec, workload.definition()); !deployed) return fail(deployed.error());
  const auto before = read_usage(spec.url, spec.database);
  if (!before) return fail(before.error());
  auto done = load(workload, spec);
  if (!done) return fail(done.error());
  const auto after = read_usage(spec.url, spec.database);
  if (!after) return fail(after.error());
  done->report.tasks = workload.tasks;
  done->report.costs = costs_between(*before, *after, done->runs);
  return std::move(done->report);
}

}  // namespace pawl::bench
