// What goes wrong, when, from the seed (engine-protocol.md section 12): the hook of the database, and the events of the
// outside. Biased: most faults come right after a send, between fence and commit, and between commit and answer,
// because plain random choice misses mutants.
#pragma once

#include <map>
#include <memory>
#include <set>

#include "simulation/world.h"

namespace pawl::simulation {

class Chaos {
 public:
  explicit Chaos(World& world) : world_(world) {}
  void begin();
  void end();  // no further faults; what is stopped goes on, what is dead is started

  // A new process, watched: it may be killed right after it has sent a commit.
  void start_process();

 private:
  store::memory::Fault fault_at(const store::memory::Point& point);
  store::memory::Fault fault_in_commit(const store::memory::Point& point);
  void every(Microseconds pause, void (Chaos::*what)());
  void kill_one();
  void kill_and_restart(std::uint64_t process);
  void stop_one();
  void lock_one();
  void crash();
  void jump();
  void drain_one();

  World& world_;
  bool over_ = false;
  std::set<std::uint64_t> draining_;
  std::map<std::uint64_t, std::unique_ptr<store::memory::MemoryDatabase::UserTransaction>> users_;
  std::uint64_t last_user_ = 0;
};

}  // namespace pawl::simulation
