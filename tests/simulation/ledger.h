// What the outside has seen, kept apart from the database, and compared with what is committed at that very moment:
// nothing may leave the engine that the database does not have (engine-protocol.md section 2, steps 4 and 5).
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "engine/api.h"
#include "ports/transport.h"
#include "store/memory/database.h"

namespace pawl::simulation {

class Ledger {
 public:
  explicit Ledger(store::memory::MemoryDatabase& database);

  // ---- what becomes visible in the database
  void committed(const store::memory::Transaction& transaction);

  // ---- what comes out of the engine
  void task_left(const engine::Assignment& assignment);                                // a poll was answered with it
  void call_left(std::uint64_t process, const Uuid& tenant, const ports::Call& call);  // an HTTP request arrived
  void run_answered(const engine::RunView& view);
  void start_answered(const engine::RunView& view, const std::string& key);  // key empty: none
  void ended_answered(const engine::RunView& view);
  // Nonce empty: the result cannot be stored, its run faults.
  void result_answered(const engine::TaskToken& token, const std::string& nonce, engine::Accepted accepted);

  // ---- what was committed in a transaction of its own
  void start_committed(const Uuid& run) { started_.insert(run); }
  void result_committed(const engine::TaskToken& token, const std::string& nonce);

  // ---- at rest
  void check_effects();  // each effect has its decision in the log, and one key is one step of one run

  void violated(std::string what) {
    if (violations_.size() < 20) violations_.push_back(std::move(what));
  }
  const std::vector<std::string>& violations() const { return violations_; }
  std::size_t acknowledged_starts() const { return started_.size(); }
  std::size_t effects() const { return effects_.size(); }
  std::size_t calls_of(std::uint64_t process) const;

 private:
  struct Effect {
    Uuid tenant, run;
    std::string path;
    std::uint32_t requests = 0;
  };
  // Process, key, attempt, epoch.
  using SentCall = std::tuple<std::uint64_t, std::string, std::uint32_t, std::uint32_t>;
  const store::memory::RunRow* row(const Uuid& tenant, const Uuid& run) const;
  void count(const Uuid& tenant, const std::string& key, const Uuid& run, const std::string& path);

  store::memory::MemoryDatabase& database_;
  std::vector<std::string> violations_;
  std::map<std::string, Effect> effects_;                            // by idempotency key
  std::set<std::tuple<Uuid, std::uint32_t, std::uint32_t>> tokens_;  // given out: (invocation, attempt, lease)
  std::set<SentCall> calls_;
  std::map<std::pair<Uuid, std::string>, Uuid> keyed_;  // (tenant, start key) → run
  std::set<Uuid> started_;
  std::map<std::tuple<Uuid, Uuid, std::uint32_t>, std::string> committed_;  // by (tenant, invocation, attempt): nonces
};

}  // namespace pawl::simulation
