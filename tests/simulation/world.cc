#include "simulation/world.h"

#include <algorithm>

#include "simulation/workflows.h"

namespace pawl::simulation {

namespace {

Uuid the_tenant() { return *Uuid::parse("018f0000-0000-7000-8000-000000000001"); }

// At rest, a call that has waited for so long is forgotten: a poll waits two seconds, all else takes a commit.
constexpr std::chrono::seconds answer_patience{5};

}  // namespace

World::World(Settings settings)
    : scheduler(settings.seed),
      database(scheduler, settings.safeguards),
      ledger(database),
      tenant(the_tenant()),
      settings_(std::move(settings)) {
  for (const Workflow& workflow : workflows()) {
    database.deploy(tenant, "sim", std::string(workflow.name), "1.0.0", std::string(workflow.source));
  }
}

World::~World() = default;

Process& World::start_process() {
  const auto most = static_cast<std::uint64_t>(plan.clock_offset.count());
  const Microseconds offset =
      Microseconds{static_cast<std::int64_t>(scheduler.random().below(2 * most + 1))} - plan.clock_offset;
  return start_process(offset, scheduler.random().chance(0.5));
}

Process& World::start_process(Microseconds clock_offset, bool observes) {
  scheduler.note("process starts", ++last_process_);
  processes_.push_back(std::make_unique<Process>(Process::World{scheduler, database, ledger, plan, tenant},
                                                 last_process_, settings_.loop, clock_offset, observes));
  return *processes_.back();
}

void World::kill(std::uint64_t process) {
  const auto found = std::ranges::find(processes_, process, [](const auto& each) { return each->number(); });
  if (found == processes_.end()) return;
  scheduler.note("process is killed", process);
  processes_.erase(found);
  for (const auto& exchange : exchanges_) {
    if (exchange->process == process && !exchange->over && exchange->broken) {
      scheduler.after(latency(), [exchange] { exchange->broken(); });
    }
  }
}

Process* World::find(std::uint64_t process) {
  const auto found = std::ranges::find(processes_, process, [](const auto& each) { return each->number(); });
  return found == processes_.end() ? nullptr : found->get();
}

Process* World::any_process() {
  return processes_.empty() ? nullptr : processes_[scheduler.random().below(processes_.size())].get();
}

Microseconds World::latency() { return scheduler.between(Microseconds{50}, Microseconds{2'000}); }

void World::check_answers() {
  const Time long_ago = scheduler.now() - answer_patience;
  for (const auto& exchange : exchanges_) {
    if (exchange->answers > 0 || exchange->delivered > long_ago || !find(exchange->process)) continue;
    ledger.violated("a call to a process that lives was never answered: " + std::string(exchange->what) +
                    ", delivered " + format_time(exchange->delivered) + " to process " +
                    std::to_string(exchange->process));
  }
}

}  // namespace pawl::simulation
