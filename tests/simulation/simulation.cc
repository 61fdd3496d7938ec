#include "simulation/simulation.h"

#include <algorithm>
#include <memory>

#include "simulation/chaos.h"
#include "simulation/client.h"
#include "simulation/rest.h"
#include "simulation/worker.h"
#include "simulation/workflows.h"

namespace pawl::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr Microseconds faults_for = seconds{12};
constexpr Microseconds calm_at_most = seconds{120};
constexpr Microseconds left_behind = seconds{8};
constexpr Microseconds look_every = milliseconds{250};
constexpr int client_tries = 30;

// In many seeds one bound or another is so low that it is always met: batches close early, runs leave memory at once,
// what is ready or due does not fit.
engine::LoopConfig narrow_loop(std::uint64_t seed) {
  Random random(~seed);
  engine::LoopConfig loop = quick_loop();
  if (random.chance(0.3)) loop.batch_rows = 1 + random.below(20);
  if (random.chance(0.3)) loop.run_bytes = 1;
  if (random.chance(0.3)) loop.queue_window = 1 + random.below(3);
  if (random.chance(0.3)) loop.timers = 1 + random.below(3);
  if (random.chance(0.2)) loop.retained_stimuli = 2 + random.below(10);
  if (random.chance(0.3)) loop.decision_events = static_cast<std::uint32_t>(4 + random.below(20));
  if (random.chance(0.3)) loop.invocations = 1 + random.below(8);
  if (random.chance(0.3)) loop.call_window = 1 + random.below(3);
  if (random.chance(0.3)) loop.calls_at_once = 1 + random.below(4);
  if (random.chance(0.3)) loop.input_bytes = 1 + random.below(2'000);
  if (random.chance(0.3)) loop.page_rows = static_cast<std::uint32_t>(1 + random.below(4));
  return loop;
}

class Simulation {
 public:
  explicit Simulation(std::uint64_t seed) : world_({seed, {}, narrow_loop(seed)}), chaos_(world_) {}

  Report run() {
    Random& random = world_.scheduler.random();
    world_.plan = Plan::from(random);
    world_.database.set_deaf(world_.plan.deaf);
    chaos_.start_process();
    for (const char* queue : {"default", "default", "slow"}) add_worker(queue);
    const auto clients = 6 + random.below(8);
    for (std::uint64_t i = 0; i < clients; ++i) add_clients(i);
    chaos_.begin();
    world_.scheduler.run_for(faults_for);
    chaos_.end();
    calm_down();
    return report();
  }

 private:
  void add_worker(const char* queue) {
    workers_.push_back(std::make_unique<Worker>(world_, "worker " + std::to_string(workers_.size()), queue));
    workers_.back()->begin();
  }

  void add_clients(std::uint64_t number) {
    Random& random = world_.scheduler.random();
    Client::Wish wish;
    wish.workflow = workflows()[random.below(workflows().size())].name;
    wish.number = static_cast<std::int64_t>(number);
    if (random.chance(0.6)) wish.key = "order " + std::to_string(number);
    // An unkeyed start is not repeated: that would hide what a lost one leaves behind.
    wish.tries = wish.key.empty() || random.chance(0.3) ? 1 : client_tries;
    wish.cancels = random.chance(world_.plan.cancels);
    wish.waits = random.chance(0.5);
    wish.by_sql = wish.key.empty() && random.chance(world_.plan.by_sql);
    const int copies = !wish.key.empty() && random.chance(0.3) ? 2 : 1;
    const Microseconds spread = world_.plan.burst ? Microseconds{milliseconds{20}} : Microseconds{seconds{8}};
    const Microseconds at = world_.scheduler.between(Microseconds{0}, spread);
    for (int copy = 0; copy < copies; ++copy) {
      clients_.push_back(std::make_unique<Client>(world_, wish));
      clients_.back()->begin(at + copy * milliseconds{3});
    }
  }

  bool calm() {
    for (const auto& client : clients_) {
      if (!client->over()) return false;
    }
    engine::Node& node = world_.processes().front()->node();
    return node.ready() && node.idle() && stuck_runs(world_) == 0;
  }

  void calm_down() {
    const Time end = world_.scheduler.now() + calm_at_most;
    // A backend that was left behind may commit until its loop's lanes are taken: after its node's lease and a lock's
    // wait.
    for (Microseconds calm_for{0}; calm_for < left_behind && world_.scheduler.now() < end; calm_for += look_every) {
      if (!calm()) calm_for = Microseconds{0};
      world_.scheduler.run_for(look_every);
    }
    for (const auto& worker : workers_) worker->stop();
    // Polls that wait are answered within two seconds.
    world_.scheduler.run_for(seconds{10});
  }

  Report report() {
    world_.ledger.check_effects();
    world_.check_answers();
    Report report;
    report.violations = world_.ledger.violations();
    for (std::string& violation : violations_at_rest(world_)) report.violations.push_back(std::move(violation));
    if (const auto& process = world_.processes().front(); !process->node().ready()) {
      report.violations.push_back("law 5: the server is not ready: " + process->node().why_not());
    }
    report.trace_hash = world_.scheduler.trace_hash();
    report.steps = world_.scheduler.steps();
    report.commits = world_.database.commits();
    report.runs = world_.database.tables().runs.size();
    report.starts = world_.ledger.acknowledged_starts();
    report.effects = world_.ledger.effects();
    if (report.violations.empty()) return report;
    for (const auto& [key, run] : world_.database.tables().runs) {
      const std::string id = key.run.text();
      const bool named =
          std::ranges::any_of(report.violations, [&](const auto& each) { return each.find(id) != std::string::npos; });
      if (named) report.trace += described(world_, key);
    }
    report.trace += world_.scheduler.last_notes();
    return report;
  }

  World world_;
  Chaos chaos_;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::unique_ptr<Client>> clients_;
};

}  // namespace

engine::LoopConfig quick_loop() {
  engine::LoopConfig loop;
  loop.task_lease = seconds{3};
  loop.call_timeout = seconds{5};
  loop.horizon = seconds{4};
  loop.sweep_pause = seconds{1};
  loop.decision_events = 40;
  return loop;
}

Report run_seed(std::uint64_t seed) { return Simulation(seed).run(); }

}  // namespace pawl::simulation
