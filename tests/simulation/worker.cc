#include "simulation/worker.h"

namespace pawl::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

constexpr int complete_tries = 40;
constexpr Microseconds poll_wait = seconds{2};
constexpr Microseconds beat_pause = milliseconds{900};

// Every action of workflows.cc.
const std::vector<std::string>& actions() {
  static const std::vector<std::string> all{"shop.one",   "shop.two",    "shop.three", "shop.tell", "shop.book",
                                            "shop.x",     "shop.z",      "shop.after", "shop.slow", "shop.instead",
                                            "shop.first", "shop.second", "shop.step"};
  return all;
}

}  // namespace

Worker::Worker(World& world, std::string name, std::string queue)
    : world_(world),
      name_(std::move(name)),
      queue_(std::move(queue)),
      tells_what_it_holds_(world.scheduler.random().chance(0.5)) {}

template <class F>
void Worker::later(Microseconds delay, F then) {
  world_.scheduler.after(delay, [this, life = life_, then = std::move(then)]() mutable {
    if (life == life_) then();
  });
}

void Worker::begin() {
  later(world_.scheduler.between(Microseconds{0}, milliseconds{50}), [this] { poll(); });
}

void Worker::poll() {
  if (stopped_) return;
  engine::PollTasks request;
  request.tenant = world_.tenant;
  request.queue = queue_;
  request.worker = name_;
  request.actions = actions();
  request.max = static_cast<std::uint32_t>(1 + world_.scheduler.random().below(4));
  request.wait = poll_wait;
  if (tells_what_it_holds_) request.holding = holding_;
  const auto send = [this, request](engine::Node& node, Done<std::vector<engine::Assignment>> then) {
    node.poll(request, [this, then = std::move(then)](Result<std::vector<engine::Assignment>> answer) mutable {
      // Here they leave the process, whether or not they arrive.
      if (answer) {
        for (const engine::Assignment& assignment : *answer) world_.ledger.task_left(assignment);
      }
      then(std::move(answer));
    });
  };
  world_.call<std::vector<engine::Assignment>>(
      "poll", send,
      [this, life = life_](std::optional<Result<std::vector<engine::Assignment>>> answer) {
        if (life != life_) return;
        if (answer && *answer) return take(std::move(**answer));
        later(milliseconds{100}, [this] { poll(); });
      },
      poll_wait + seconds{2});
}

void Worker::take(std::vector<engine::Assignment> assignments) {
  for (const engine::Assignment& assignment : assignments) {
    if (world_.scheduler.random().chance(world_.plan.worker_dies)) {
      world_.scheduler.note("worker dies");
      ++life_;
      holding_.clear();
      return later(world_.scheduler.between(milliseconds{10}, seconds{2}), [this] { poll(); });
    }
    work(assignment);
  }
  later(milliseconds{1}, [this] { poll(); });
}

void Worker::work(const engine::Assignment& assignment) {
  Random& random = world_.scheduler.random();
  engine::TaskResult result;
  result.token = assignment.token;
  holding_.push_back(assignment.token);
  std::string nonce = name_ + " " + std::to_string(random.next());
  result.failed = random.chance(world_.plan.work_fails);
  if (result.failed) {
    result.error = json::Value::object(
        {{"status", json::Value::integer(random.chance(0.5) ? 503 : 400)}, {"title", "Refused"}, {"detail", nonce}});
    if (random.chance(0.3)) result.effect = core::Effect::unknown;
  } else {
    result.output = json::Value::object({{"nonce", nonce}, {"n", json::Value::integer(1)}});
  }
  if (random.chance(world_.plan.poisonous)) {
    result.failed = false;
    result.output = json::Value::object({{"text", std::string("a\0b", 3)}});
    nonce.clear();  // it will not be in the log
  }
  const bool late = random.chance(world_.plan.worker_late);
  const Microseconds time = late ? world_.scheduler.between(seconds{1}, seconds{9})
                                 : world_.scheduler.between(milliseconds{1}, milliseconds{300});
  if (late && random.chance(0.5)) beat(assignment.token, static_cast<int>(time / beat_pause));
  const bool by_sql = !nonce.empty() && random.chance(world_.plan.by_sql);
  const int times = random.chance(world_.plan.worker_twice) ? 2 : 1;
  for (int i = 0; i < times; ++i) {
    later(time + i * milliseconds{20}, [this, result, nonce, by_sql] {
      if (by_sql)
        commit(result, nonce);
      else
        complete(result, nonce, complete_tries);
    });
  }
}

void Worker::finished(const engine::TaskToken& token) {
  std::erase_if(holding_, [&](const engine::TaskToken& held) {
    return held.invocation == token.invocation && held.lease == token.lease;
  });
}

void Worker::beat(engine::TaskToken token, int times) {
  if (times <= 0) return;
  later(beat_pause, [this, token, times] {
    const bool progress = world_.scheduler.random().chance(0.5);
    world_.call<engine::HeartbeatAnswer>(
        "heartbeat",
        [token, progress](engine::Node& node, Done<engine::HeartbeatAnswer> then) {
          node.heartbeat({token, progress}, std::move(then));
        },
        [](const auto&) {});
    beat(token, times - 1);
  });
}

// In a transaction of its own, which stays open for a while, and may end without a commit. Whoever is told that the
// token is stale rolls back and takes something else.
void Worker::commit(const engine::TaskResult& result, const std::string& nonce) {
  Random& random = world_.scheduler.random();
  auto user = std::make_shared<store::memory::MemoryDatabase::UserTransaction>(world_.database);
  const bool accepted =
      user->end_task({result.token.tenant, result.token.invocation}, result.token.attempt, result.token.lease,
                     result.failed ? ports::InboxKind::fail : ports::InboxKind::complete,
                     result.failed ? result.error : result.output);
  if (!accepted) return world_.scheduler.note("sql completion refused");
  const bool rolls_back = random.chance(0.2);
  const Microseconds open =
      world_.scheduler.between(Microseconds{0}, random.chance(0.2) ? seconds{3} : milliseconds{20});
  world_.scheduler.after(open, [this, user, token = result.token, nonce, rolls_back]() mutable {
    if (!rolls_back) {
      user->commit();
      world_.ledger.result_committed(token, nonce);
    }
    user.reset();
  });
}

void Worker::complete(engine::TaskResult result, std::string nonce, int tries) {
  const auto send = [this, result, nonce](engine::Node& node, Done<engine::Accepted> then) {
    node.complete(result,
                  [this, token = result.token, nonce, then = std::move(then)](Result<engine::Accepted> answer) mutable {
                    if (answer) world_.ledger.result_answered(token, nonce, *answer);
                    then(std::move(answer));
                  });
  };
  world_.call<engine::Accepted>(
      "complete", send, [this, life = life_, result, nonce, tries](std::optional<Result<engine::Accepted>> answer) {
        if (life != life_) return;
        if (answer && *answer) {
          ++completed_;
          return;
        }
        if (tries > 1) later(milliseconds{200}, [this, result, nonce, tries] { complete(result, nonce, tries - 1); });
      });
}

}  // namespace pawl::simulation
