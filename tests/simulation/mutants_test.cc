// Each safeguard of the protocol removed (engine-protocol.md section 12), and a schedule that shows what it was for.
// Each test runs its schedule twice: the sound engine keeps the laws, the sabotaged one breaks them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <iostream>

#include "simulation/rest.h"
#include "simulation/simulation.h"
#include "simulation/worker.h"
#include "simulation/world.h"

namespace pawl::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::minutes;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;
using When = Point::When;

engine::LoopConfig without_sweeps(engine::Sabotage sabotage = {}) {
  engine::LoopConfig loop = quick_loop();
  loop.sweep_pause = minutes{60};  // which would heal what the schedule is to show
  loop.sabotage = sabotage;
  return loop;
}

// A world where everything happens as the test says.
class Stage {
 public:
  explicit Stage(store::memory::Safeguards safeguards = {}, engine::LoopConfig loop = quick_loop())
      : world({.seed = 7, .safeguards = safeguards, .loop = loop}) {
    restart();
  }

  World world;
  engine::Node& node() { return world.processes().front()->node(); }

  // Kills the process, if there is one, and waits until the next one is ready.
  void restart() {
    if (!world.processes().empty()) world.kill(world.processes().front()->number());
    world.start_process();
    EXPECT_TRUE(until([&] { return node().ready(); })) << node().why_not();
  }
  bool until(const std::function<bool()>& condition, Microseconds at_most = minutes{1}) {
    return world.scheduler.run_until(condition, at_most);
  }

  // The fault at the given place of the next commit; once. With `having`, of the next one that has this statement.
  void inject(When when, std::string_view statement, Fault fault, std::string_view having = {}) {
    world.database.set_hook([=, done = false, seen = false](const Point& point) mutable -> Fault {
      if (done || point.script != "commit") return {};
      if (point.when == When::arrive) seen = having.empty();
      if (point.statement == having) seen = true;
      if (!seen || point.when != when || (!statement.empty() && point.statement != statement)) return {};
      done = true;
      return fault;
    });
  }

  // ---- calls: those named `only` return before they are answered
  void start_only(const char* workflow) {
    engine::StartRun request;
    request.tenant = world.tenant;
    request.namespace_ = "sim";
    request.name = workflow;
    request.input = json::Value::object({{"n", json::Value::integer(1)}});
    node().start(request, [this](Result<engine::RunView> answer) {
      if (answer) world.ledger.start_answered(*answer, "");
      started = true;
    });
  }
  void start(const char* workflow) {
    start_only(workflow);
    EXPECT_TRUE(until([&] { return started; }));
  }
  std::vector<engine::Assignment> poll(std::uint32_t count, Microseconds wait = seconds{5}) {
    std::optional<std::vector<engine::Assignment>> tasks;
    const std::vector<std::string> actions{"shop.one", "shop.two", "shop.x", "shop.tell"};
    node().poll({world.tenant, "default", "worker", actions, 4, wait},
                [&](Result<std::vector<engine::Assignment>> answer) {
                  tasks = answer ? std::move(*answer) : std::vector<engine::Assignment>{};
                  for (const engine::Assignment& task : *tasks) world.ledger.task_left(task);
                });
    EXPECT_TRUE(until([&] { return tasks.has_value(); }));
    EXPECT_EQ(tasks->size(), count);
    tasks->resize(count);
    return *tasks;
  }
  void complete_only(const engine::TaskToken& token) {
    engine::TaskResult result;
    result.token = token;
    const std::string nonce = "nonce " + token.text();
    result.output = json::Value::object({{"nonce", nonce}});
    node().complete(result, [this, token, nonce](Result<engine::Accepted> answer) {
      if (answer) world.ledger.result_answered(token, nonce, *answer);
    });
  }

  void start_by_sql() {
    store::memory::MemoryDatabase::UserTransaction user(world.database);
    const Uuid run = Uuid::version8(sha256("run " + std::to_string(++runs_by_sql)));
    user.put({world.tenant, run}, ports::InboxKind::start,
             json::Value::object({{"definition", json::Value("sim/set")}, {"version", json::Value("1.0.0")}}),
             json::Value::object({{"n", json::Value::integer(1)}}));
    user.commit();
    world.ledger.start_committed(run);
  }
  bool complete_by_sql(const engine::TaskToken& token) {
    store::memory::MemoryDatabase::UserTransaction user(world.database);
    const std::string nonce = "nonce " + token.text();
    if (!user.end_task({token.tenant, token.invocation}, token.attempt, token.lease, ports::InboxKind::complete,
                       json::Value::object({{"nonce", nonce}})))
      return false;
    user.commit();
    world.ledger.result_committed(token, nonce);
    return true;
  }

  // Lets honest workers finish what there is, and tells everything that is wrong then.
  std::vector<std::string> finish(Microseconds time = seconds{45}) {
    Worker one(world, "finisher", "default"), two(world, "finisher of slow ones", "slow");
    one.begin();
    two.begin();
    world.scheduler.run_for(time);
    world.ledger.check_effects();
    std::vector<std::string> found = world.ledger.violations();
    for (std::string& each : violations_at_rest(world)) found.push_back(std::move(each));
    if (std::getenv("PAWL_SIM_LOG")) {
      for (const auto& [key, run] : world.database.tables().runs) std::cout << described(world, key);
    }
    return found;
  }

  bool started = false;
  int runs_by_sql = 0;
};

std::string joined(const std::vector<std::string>& violations) {
  std::string text;
  for (const std::string& each : violations) text += each + "\n";
  return text;
}

void expect_sound(const std::vector<std::string>& violations) { EXPECT_TRUE(violations.empty()) << joined(violations); }

void expect_broken(const std::vector<std::string>& violations, int law) {
  const std::string name = "law " + std::to_string(law);
  EXPECT_TRUE(std::ranges::any_of(violations, [&](const std::string& each) { return each.starts_with(name); }))
      << "the sabotage was not caught\n"
      << joined(violations);
}

// ---- the fence: a batch is on its way when its owner dies; another one takes the lanes and loads; then the batch
// commits

std::vector<std::string> late_commit(store::memory::Safeguards safeguards, When when, std::string_view statement) {
  Stage stage(safeguards);
  stage.inject(when, statement, {.stop = seconds{25}});
  stage.start_only("set");
  stage.world.scheduler.run_for(milliseconds{100});
  stage.restart();  // the old backend is still there: this waits for the lease
  return stage.finish();
}

TEST(Mutants, NoFence) {
  expect_sound(late_commit({}, When::arrive, {}));
  expect_broken(late_commit({.fence = false}, When::arrive, {}), 3);
}

TEST(Mutants, FenceWithoutLock) {
  expect_sound(late_commit({}, When::after_statement, "fence"));
  expect_broken(late_commit({.fence_locks = false}, When::after_statement, "fence"), 3);
}

// ---- the compare: batch N fails, N + 1 is in the socket already and was decided on what N would have made

std::vector<std::string> failing_predecessor(store::memory::Safeguards safeguards, When when,
                                             std::string_view statement) {
  Stage stage(safeguards);
  stage.start("pair");
  const auto tasks = stage.poll(2);
  stage.inject(when, statement, {.stop = milliseconds{50}, .sqlstate = "40001"}, "runs");
  stage.complete_only(tasks[0].token);
  stage.world.scheduler.run_for(milliseconds{5});
  stage.complete_only(tasks[1].token);
  return stage.finish();
}

TEST(Mutants, NoCompare) {
  expect_sound(failing_predecessor({}, When::before_commit, {}));
  expect_broken(failing_predecessor({.compare = false}, When::before_commit, {}), 2);
}

TEST(Mutants, NoCompareWithImplicitTransactions) {
  const store::memory::Safeguards neither{.compare = false, .explicit_transactions = false};
  expect_sound(failing_predecessor({}, When::before_statement, "events"));
  expect_sound(failing_predecessor({.compare = false}, When::before_statement, "events"));  // 25P02 stops N + 1
  expect_broken(failing_predecessor(neither, When::before_statement, "events"), 2);
}

// ---- unknown outcomes: the connection breaks, the backend lives on and commits; and so does what is sent again

std::vector<std::string> cut_connection(engine::Sabotage sabotage) {
  // Without the compare and the counts, which would catch it too: they stand behind this safeguard.
  Stage stage({.compare = false, .count = false}, without_sweeps(sabotage));
  stage.start("pair");
  const auto tasks = stage.poll(2);
  stage.inject(When::after_statement, "fence", {.cut = true, .stop = seconds{1}});
  stage.complete_only(tasks[0].token);
  return stage.finish();
}

TEST(Mutants, SentAgainWhenUnknown) {
  expect_sound(cut_connection({}));
  expect_broken(cut_connection({.resend_when_unknown = true}), 2);
}

// ---- effects, answers, claims

std::vector<std::string> failing_start(engine::Sabotage sabotage) {
  Stage stage({}, without_sweeps(sabotage));
  stage.inject(When::before_commit, {}, {.stop = milliseconds{20}, .sqlstate = "40001"}, "starts");
  stage.start_only("http");
  return stage.finish();
}

TEST(Mutants, EffectBeforeCommit) {
  expect_sound(failing_start({}));
  expect_broken(failing_start({.effects_before_commit = true}), 4);
}

TEST(Mutants, AnswerBeforeCommit) { expect_broken(failing_start({.answers_before_commit = true}), 1); }

std::vector<std::string> restart_after_claim(engine::Sabotage sabotage) {
  Stage stage({}, without_sweeps(sabotage));
  stage.start("chain");
  stage.poll(1);
  stage.restart();
  return stage.finish();  // the work is given out again
}

TEST(Mutants, ClaimsInMemoryOnly) {
  expect_sound(restart_after_claim({}));
  expect_broken(restart_after_claim({.claims_in_memory = true}), 4);
}

// ---- calls: one takes three seconds, the sweep finds its row every other one

std::vector<std::string> sweep_during_a_call(engine::Sabotage sabotage) {
  engine::LoopConfig loop = quick_loop();
  loop.sabotage = sabotage;
  Stage stage({}, loop);
  stage.world.plan.service_silent = 1;
  stage.start("fork");
  stage.world.scheduler.run_for(seconds{5});
  stage.world.plan.service_silent = 0;
  return stage.finish();
}

TEST(Mutants, CallsWhatIsFound) {
  expect_sound(sweep_during_a_call({}));
  expect_broken(sweep_during_a_call({.calls_what_is_found = true}), 4);
}

// ---- the drain: a statement of N fails, N + 1 is outstanding. Whoever forgets and goes on at once, instead of reading
// its answer and rolling back first, decides on what may be stale, and sends into a transaction that is over.

std::vector<std::string> going_on_too_early(engine::Sabotage sabotage) {
  Stage stage({}, without_sweeps(sabotage));
  stage.start("pair");
  const auto tasks = stage.poll(2);
  stage.inject(When::before_statement, "events", {.stop = milliseconds{50}, .sqlstate = "40001"});
  stage.complete_only(tasks[0].token);
  stage.world.scheduler.run_for(milliseconds{5});
  stage.complete_only(tasks[1].token);
  return stage.finish(seconds{5});
}

TEST(Mutants, ForgetBeforeDrain) {
  expect_sound(going_on_too_early({}));
  expect_broken(going_on_too_early({.forget_before_drain = true}), 5);
}

// ---- a cancel and a result that both wait for their run to be read, the cancel first: what a worker did is recorded
// before it, and accepted

std::optional<engine::Accepted> result_beside_a_cancel(engine::Sabotage sabotage) {
  Stage stage({}, without_sweeps(sabotage));
  stage.start("chain");
  const auto tasks = stage.poll(1);
  stage.restart();
  stage.world.database.set_hook([](const Point& point) -> Fault {
    return {.stop = point.script == "load_run" && point.when == When::arrive ? seconds{1} : seconds{0}};
  });
  bool cancelled = false;
  stage.node().cancel(stage.world.tenant, tasks[0].run, "enough", [&](const auto& answer) {
    EXPECT_TRUE(answer);
    cancelled = true;
  });
  std::optional<engine::Accepted> accepted;
  engine::TaskResult result;
  result.token = tasks[0].token;
  result.output = json::Value("done");
  stage.node().complete(result, [&](Result<engine::Accepted> answer) {
    if (answer) accepted = *answer;
  });
  EXPECT_TRUE(stage.until([&] { return cancelled && accepted; }));
  EXPECT_EQ(stage.world.database.tables().runs.at({stage.world.tenant, tasks[0].run}).status,
            core::RunStatus::cancelled);
  return accepted;
}

TEST(Mutants, CancelBeforeResult) {
  EXPECT_EQ(result_beside_a_cancel({}), engine::Accepted::done);
  EXPECT_EQ(result_beside_a_cancel({.cancel_before_result = true}), engine::Accepted::stale);
}

// ---- the trust in a lease: the database's clock is set back, and the node's idea of it stands still. Then its machine
// sleeps for longer than the lease, and the answer that releases a call comes after another node has made it.

std::size_t calls_after_a_sleep(engine::Sabotage sabotage) {
  Stage stage({}, without_sweeps(sabotage));
  stage.world.kill(stage.world.processes().front()->number());
  Process& first = stage.world.start_process(Microseconds{0}, true);
  EXPECT_TRUE(stage.until([&] { return first.node().ready(); }));
  stage.world.database.set_clock_offset(-std::chrono::hours{1});
  stage.world.scheduler.run_for(seconds{2});  // it has renewed its lease since
  stage.inject(When::arrive, {}, {.stop = milliseconds{50}});
  stage.start_only("http");
  stage.world.scheduler.run_for(milliseconds{20});
  first.sleep();
  const std::uint64_t second = stage.world.start_process(Microseconds{0}, true).number();
  EXPECT_TRUE(stage.until([&] { return stage.world.ledger.calls_of(second) > 0; }));
  first.go_on();
  stage.world.scheduler.run_for(seconds{2});
  return stage.world.ledger.calls_of(first.number());
}

TEST(Mutants, TrustByDatabaseTime) {
  EXPECT_EQ(calls_after_a_sleep({}), 0U);
  EXPECT_GT(calls_after_a_sleep({.trust_by_database_time = true}), 0U);
}

// ---- the rest of a decision that was cut, after a crash

std::vector<std::string> crash_in_the_middle(engine::Sabotage sabotage) {
  Stage stage({}, without_sweeps(sabotage));
  stage.inject(When::after_commit, {}, {.cut = true}, "starts");
  stage.start_only("cut");
  EXPECT_TRUE(stage.until([&] { return !stage.world.database.tables().runs.empty(); }));
  stage.restart();
  return stage.finish();
}

TEST(Mutants, NoContinueRow) {
  expect_sound(crash_in_the_middle({}));
  expect_broken(crash_in_the_middle({.no_continue_row = true}), 5);
}

// ---- the inbox: rows commit in any order of their ids, and rings are lost

std::vector<std::string> starts_by_sql(engine::Sabotage sabotage, bool deaf, Microseconds asleep = seconds{2}) {
  engine::LoopConfig loop = quick_loop();
  loop.sabotage = sabotage;
  loop.inbox.asleep = asleep;
  Stage stage({}, loop);
  stage.world.scheduler.run_for(seconds{1});
  stage.world.database.set_deaf(deaf);
  for (int i = 0; i < 12; ++i) {
    stage.start_by_sql();
    stage.world.scheduler.run_for(milliseconds{50});
  }
  return stage.finish();
}

TEST(Mutants, InboxByCursor) {
  expect_sound(starts_by_sql({}, false));
  expect_broken(starts_by_sql({.inbox_by_cursor = true}, false), 1);
}

TEST(Mutants, NoSlowPoll) {
  expect_sound(starts_by_sql({}, true));
  expect_broken(starts_by_sql({}, true, minutes{60}), 1);
}

// ---- complete_task() in transactions of their own: a lapsed lease, and the one that was granted after it

std::vector<std::string> two_workers(store::memory::Safeguards safeguards) {
  Stage stage(safeguards);
  stage.start("pair");
  const engine::TaskToken first = stage.poll(2)[0].token;
  stage.world.scheduler.run_for(seconds{5});  // the leases lapse
  const auto again = stage.poll(2);
  const bool same = again[0].token.invocation == first.invocation;
  EXPECT_EQ(stage.complete_by_sql(first), !safeguards.completion_compares);
  stage.complete_by_sql(again[same ? 0 : 1].token);
  return stage.finish();
}

TEST(Mutants, CompletionWithoutCompareAndSet) {
  expect_sound(two_workers({}));
  expect_broken(two_workers({.completion_compares = false}), 4);
}

}  // namespace
}  // namespace pawl::simulation
