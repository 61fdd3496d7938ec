// One server process: the real engine::Node with its ports. To kill it is to drop the object, between any two events.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "engine/node.h"
#include "simulation/gated_storage.h"
#include "simulation/services.h"
#include "simulation/sim_clock.h"

namespace pawl::simulation {

class Process {
 public:
  struct World {
    store::memory::Scheduler& scheduler;
    store::memory::MemoryDatabase& database;
    Ledger& ledger;
    const Plan& plan;
    Uuid tenant;
  };

  Process(World world, std::uint64_t number, engine::LoopConfig loop, Microseconds clock_offset, bool observes);
  ~Process();

  std::uint64_t number() const { return number_; }
  engine::Node& node() { return *node_; }
  const Metrics& metrics() const { return metrics_; }
  const std::shared_ptr<Gate>& gate() const { return gate_; }
  GatedStorage& loop_storage(std::size_t loop) { return *loops_[loop]; }
  const SimTransport& transport() const { return transport_; }
  Metrics& metrics() { return metrics_; }
  SimClock& clock() { return clock_; }
  void stop() { gate_->stop(); }
  void sleep();  // as stop(), with its machine: its timers stand still as well
  void go_on();

 private:
  store::memory::Scheduler& scheduler_;
  std::uint64_t number_;
  std::optional<Time> asleep_since_;
  std::shared_ptr<Gate> gate_ = std::make_shared<Gate>();
  SimClock clock_;
  SimTransport transport_;
  GatedStorage control_;
  std::vector<std::unique_ptr<GatedStorage>> loops_;
  engine::ProgramCache programs_;
  Metrics metrics_;
  std::unique_ptr<engine::Node> node_;
};

}  // namespace pawl::simulation
