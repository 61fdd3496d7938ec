#include "simulation/process.h"

namespace pawl::simulation {

namespace {

constexpr std::size_t loops = 2;
constexpr std::chrono::seconds lease{3};

engine::NodeConfig node_config(store::memory::Scheduler& scheduler, std::uint64_t number, engine::LoopConfig loop) {
  engine::NodeConfig config;
  config.info.node = Uuid::version7(scheduler.now(), scheduler.random().next(), scheduler.random().next());
  config.info.name = "process " + std::to_string(number);
  config.info.lease = lease;
  config.seed = scheduler.random().next();
  config.loop = loop;
  config.loop.seed = scheduler.random().next();
  return config;
}

}  // namespace

Process::Process(World world, std::uint64_t number, engine::LoopConfig loop, Microseconds clock_offset, bool observes)
    : scheduler_(world.scheduler),
      number_(number),
      clock_(world.scheduler, gate_, clock_offset, observes),
      transport_(world.scheduler, gate_, world.ledger, world.plan, world.tenant, number),
      control_(world.database, gate_) {
  std::vector<ports::Storage*> storages;
  for (std::size_t i = 0; i < loops; ++i) {
    loops_.push_back(std::make_unique<GatedStorage>(world.database, gate_));
    storages.push_back(loops_.back().get());
  }
  node_ = std::make_unique<engine::Node>(node_config(world.scheduler, number, loop), clock_, control_,
                                         std::move(storages), transport_, programs_, metrics_);
  node_->begin();
}

Process::~Process() { gate_->kill(); }

void Process::sleep() {
  asleep_since_ = scheduler_.now();
  stop();
}

void Process::go_on() {
  if (asleep_since_) clock_.slept(scheduler_.now() - *std::exchange(asleep_since_, std::nullopt));
  gate_->go_on();
}

}  // namespace pawl::simulation
