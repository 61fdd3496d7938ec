// The services behind `call: http`: they answer, fail, take their time, or say nothing until the caller gives up. The
// hosts `silent.*` never answer.
#pragma once

#include <memory>
#include <unordered_map>

#include "ports/transport.h"
#include "simulation/gate.h"
#include "simulation/ledger.h"
#include "simulation/plan.h"
#include "store/memory/scheduler.h"

namespace pawl::simulation {

// One process's way to them. `plan` may change while it lives.
class SimTransport : public ports::Transport {
 public:
  SimTransport(store::memory::Scheduler& scheduler, std::shared_ptr<Gate> gate, Ledger& ledger, const Plan& plan,
               Uuid tenant, std::uint64_t process)
      : scheduler_(scheduler),
        gate_(std::move(gate)),
        ledger_(ledger),
        plan_(plan),
        tenant_(tenant),
        process_(process) {}

  ports::CallId call(ports::Call call, std::move_only_function<void(ports::CallOutcome)> then) override;
  void abort(ports::CallId call) override { open_.erase(call); }
  std::size_t out() const { return open_.size(); }

 private:
  ports::CallOutcome outcome(const ports::Call& call, bool silent);

  store::memory::Scheduler& scheduler_;
  std::shared_ptr<Gate> gate_;
  Ledger& ledger_;
  const Plan& plan_;
  Uuid tenant_;
  std::uint64_t process_;
  ports::CallId last_ = 0;
  std::unordered_map<ports::CallId, std::move_only_function<void(ports::CallOutcome)>> open_;
};

}  // namespace pawl::simulation
