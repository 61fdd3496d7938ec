#include "simulation/plan.h"

namespace pawl::simulation {

Plan Plan::from(Random& random) {
  using std::chrono::milliseconds;
  const double harshness = random.unit();
  // Each fault is on in half of the seeds.
  const auto chance = [&](double most) { return random.chance(0.5) ? most * harshness : 0.0; };
  const auto every = [&](milliseconds least) {
    if (!random.chance(0.5)) return Microseconds{0};
    return Microseconds{least} + Microseconds{static_cast<std::int64_t>(random.below(10'000'000))};
  };
  Plan plan;
  plan.statement_error = chance(0.05);
  plan.commit_error = chance(0.15);
  plan.slow_commit = chance(1);
  plan.cut = chance(0.02);
  plan.die = chance(0.01);
  plan.stop = chance(0.02);
  plan.aside_error = chance(0.05);
  plan.clock_jump_every = every(milliseconds{1'000});
  plan.crash_every = every(milliseconds{4'000});
  plan.user_lock_every = every(milliseconds{500});
  plan.kill_every = every(milliseconds{1'500});
  plan.drain_every = every(milliseconds{3'000});
  plan.kill_after_send = chance(0.02);
  plan.stop_every = every(milliseconds{4'000});
  plan.clock_offset = Microseconds{static_cast<std::int64_t>(random.below(random.chance(0.2) ? 5'000'000 : 200'000))};
  plan.request_lost = chance(0.1);
  plan.answer_lost = chance(0.1);
  plan.request_doubled = chance(0.1);
  plan.poisonous = random.chance(0.3) ? chance(0.1) : 0;
  plan.worker_dies = chance(0.2);
  plan.worker_late = chance(0.3);
  plan.worker_twice = chance(0.3);
  plan.work_fails = chance(0.3);
  plan.service_fails = chance(0.4);
  plan.service_silent = chance(0.2);
  plan.cancels = chance(0.4);
  plan.burst = random.chance(0.3);
  plan.by_sql = random.chance(0.7) ? 0.7 * random.unit() : 0;
  plan.deaf = random.chance(0.2);
  return plan;
}

}  // namespace pawl::simulation
