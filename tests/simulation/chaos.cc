#include "simulation/chaos.h"

#include <array>
#include <iterator>
#include <string_view>

namespace pawl::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;

namespace {

// An error that a statement may well get, of each class of section 3 but "data", which needs bad data.
constexpr std::array<const char*, 6> statement_errors{"40001", "40P01", "55P03", "57014", "53100", "XX000"};
constexpr std::array<const char*, 3> commit_errors{"40001", "53100", "XX000"};

}  // namespace

void Chaos::begin() {
  world_.database.set_hook([this](const Point& point) { return fault_at(point); });
  every(world_.plan.kill_every, &Chaos::kill_one);
  every(world_.plan.stop_every, &Chaos::stop_one);
  every(world_.plan.user_lock_every, &Chaos::lock_one);
  every(world_.plan.crash_every, &Chaos::crash);
  every(world_.plan.clock_jump_every, &Chaos::jump);
  every(world_.plan.drain_every, &Chaos::drain_one);
}

void Chaos::end() {
  over_ = true;
  world_.database.set_hook({});
  world_.plan = Plan::calm();
  users_.clear();
  for (const std::uint64_t process : draining_) world_.kill(process);
  while (world_.processes().size() > 1) world_.kill(world_.processes().front()->number());
  for (const auto& process : world_.processes()) process->go_on();
  if (world_.processes().empty()) world_.start_process();
}

void Chaos::start_process() {
  Process& process = world_.start_process();
  for (const std::size_t loop : {0, 1}) {
    process.loop_storage(loop).set_on_send([this, number = process.number()](const ports::Batch&) {
      if (over_ || !world_.scheduler.random().chance(world_.plan.kill_after_send)) return;
      world_.scheduler.after(world_.scheduler.between(Microseconds{0}, milliseconds{2}),
                             [this, number] { kill_and_restart(number); });
    });
  }
}

void Chaos::every(Microseconds pause, void (Chaos::*what)()) {
  if (pause <= Microseconds{0}) return;
  const Microseconds next = world_.scheduler.between(pause / 2, pause * 3 / 2);
  world_.scheduler.after(next, [this, pause, what] {
    if (over_) return;
    (this->*what)();
    every(pause, what);
  });
}

Fault Chaos::fault_at(const Point& point) {
  if (point.script == "commit") return fault_in_commit(point);
  Fault fault;
  Random& random = world_.scheduler.random();
  if (random.chance(world_.plan.aside_error)) {
    if (random.chance(0.5))
      fault.sqlstate = "57014";
    else
      fault.cut = true;
  }
  return fault;
}

Fault Chaos::fault_in_commit(const Point& point) {
  const Plan& plan = world_.plan;
  Random& random = world_.scheduler.random();
  Fault fault;
  const bool fenced = point.when == Point::When::after_statement && point.statement == "fence";
  const bool at_commit = point.when == Point::When::before_commit || point.when == Point::When::after_commit;
  const double bias = fenced || at_commit ? 4 : 1;
  fault.cut = random.chance(plan.cut * bias);
  fault.die = random.chance(plan.die * bias);
  if (random.chance(plan.stop * bias))
    fault.stop = world_.scheduler.between(milliseconds{1}, random.chance(0.1) ? seconds{30} : seconds{3});
  if (point.when == Point::When::before_commit && random.chance(plan.slow_commit)) {
    fault.stop = std::max(fault.stop, world_.scheduler.between(milliseconds{5}, milliseconds{60}));
  }
  if (point.when == Point::When::before_statement && random.chance(plan.statement_error)) {
    fault.sqlstate = statement_errors[random.below(statement_errors.size())];
  }
  if (point.when == Point::When::before_commit && random.chance(plan.commit_error)) {
    fault.sqlstate = commit_errors[random.below(commit_errors.size())];
  }
  return fault;
}

void Chaos::kill_one() {
  if (Process* process = world_.any_process()) kill_and_restart(process->number());
}

void Chaos::kill_and_restart(std::uint64_t process) {
  if (over_ || !world_.find(process)) return;
  world_.kill(process);
  if (!world_.processes().empty()) return;
  world_.scheduler.after(world_.scheduler.between(Microseconds{0}, seconds{1}), [this] {
    if (!over_ && world_.processes().empty()) start_process();
  });
}

// A process stands still, with its sockets open, or its machine sleeps; sometimes a supervisor takes it for dead and
// starts another beside it.
void Chaos::stop_one() {
  Process* process = world_.any_process();
  if (!process || process->gate()->stopped()) return;
  Random& random = world_.scheduler.random();
  if (random.chance(0.5)) {
    world_.scheduler.note("process stops", process->number());
    process->stop();
  } else {
    world_.scheduler.note("machine sleeps", process->number());
    process->sleep();
  }
  if (random.chance(0.5) && world_.processes().size() < 2) start_process();
  const Microseconds time = world_.scheduler.between(milliseconds{10}, random.chance(0.3) ? seconds{15} : seconds{3});
  world_.scheduler.after(time, [this, number = process->number()] {
    Process* stopped = world_.find(number);
    if (!stopped) return;
    world_.scheduler.note("process goes on", number);
    stopped->go_on();
    // Two live processes are one too many for this issue: the old one learns that it was replaced, and dies.
    if (!over_ && world_.processes().size() > 1) {
      world_.scheduler.after(world_.scheduler.between(milliseconds{1}, seconds{2}), [this, number] {
        if (!over_ && world_.processes().size() > 1) world_.kill(number);
      });
    }
  });
}

void Chaos::lock_one() {
  const auto& rows = world_.database.tables().invocations;
  if (rows.empty()) return;
  auto user = std::make_unique<store::memory::MemoryDatabase::UserTransaction>(world_.database);
  // Newer rows are at the end, and more often open.
  const std::size_t back = world_.scheduler.random().below(std::min<std::size_t>(rows.size(), 8));
  if (!user->lock(std::prev(rows.end(), static_cast<std::ptrdiff_t>(back + 1))->first)) return;
  const std::uint64_t number = ++last_user_;
  users_[number] = std::move(user);
  world_.scheduler.after(world_.scheduler.between(milliseconds{10}, seconds{4}),
                         [this, number] { users_.erase(number); });
}

// SIGTERM: it stops by itself; if it does not, it is killed.
void Chaos::drain_one() {
  Process* process = world_.any_process();
  if (!process || process->gate()->stopped()) return;
  const std::uint64_t number = process->number();
  if (!draining_.insert(number).second) return;
  world_.scheduler.note("process drains", number);
  process->node().drain([this, number](const auto&) {
    world_.scheduler.after(Microseconds{0}, [this, number] { kill_and_restart(number); });
  });
  world_.scheduler.after(seconds{8}, [this, number] { kill_and_restart(number); });
}

void Chaos::jump() { world_.database.set_clock_offset(world_.scheduler.between(seconds{0}, seconds{6}) - seconds{3}); }

void Chaos::crash() {
  world_.scheduler.note("the server crashes");
  world_.database.crash();
}

}  // namespace pawl::simulation
