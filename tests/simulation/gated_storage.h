// A process's storage: the model's, behind the process's gate, with a look at each commit as it is sent and at each run
// as it comes.
#pragma once

#include <algorithm>
#include <functional>
#include <memory>

#include "simulation/gate.h"
#include "store/memory/storage.h"

namespace pawl::simulation {

class GatedStorage : public ports::Storage {
 public:
  GatedStorage(store::memory::MemoryDatabase& database, std::shared_ptr<Gate> gate)
      : gate_(std::move(gate)), storage_(database) {}

  // Called when a commit has been sent.
  void set_on_send(std::function<void(const ports::Batch&)> then) { on_send_ = std::move(then); }
  // Called with a run that has been read; may make something else of it.
  using Loaded = Result<std::optional<ports::StoredRun>>;
  void set_on_loaded(std::function<void(const ports::RunKey&, Loaded&)> then) { on_loaded_ = std::move(then); }
  std::size_t loads() const { return loads_; }                // of runs, in all
  std::size_t most_loading() const { return most_loading_; }  // at once
  store::memory::BackendId backend() const { return storage_.backend(); }

  void commit(Uuid loop, ports::Batch batch,
              std::move_only_function<void(std::expected<ports::Committed, ports::CommitFailure>)> then) override {
    if (on_send_) on_send_(batch);
    storage_.commit(loop, std::move(batch), gate_->wrap(std::move(then)));
  }
  void rollback(Done<void> then) override { storage_.rollback(gate_->wrap(std::move(then))); }
  void reconnect(Done<void> then) override { storage_.reconnect(gate_->wrap(std::move(then))); }
  void load_run(ports::RunKey key, Done<std::optional<ports::StoredRun>> then) override {
    ++loads_;
    most_loading_ = std::max(most_loading_, ++loading_);
    Done<std::optional<ports::StoredRun>> gated = gate_->wrap(std::move(then));
    storage_.load_run(key, [this, key, gated = std::move(gated)](Loaded loaded) mutable {
      --loading_;
      if (on_loaded_) on_loaded_(key, loaded);
      gated(std::move(loaded));
    });
  }
  void load_invocation(ports::InvocationKey key, Done<std::optional<ports::StoredInvocation>> then) override {
    storage_.load_invocation(key, gate_->wrap(std::move(then)));
  }
  void resolve_version(Uuid tenant, std::string namespace_, std::string name, std::string version,
                       Done<std::optional<ports::StoredVersion>> then) override {
    storage_.resolve_version(tenant, std::move(namespace_), std::move(name), std::move(version),
                             gate_->wrap(std::move(then)));
  }
  void load_version(Uuid tenant, Uuid version, Done<std::optional<ports::StoredVersion>> then) override {
    storage_.load_version(tenant, version, gate_->wrap(std::move(then)));
  }
  void load_pending(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from, std::uint32_t limit,
                    Done<ports::PendingPage> then) override {
    storage_.load_pending(std::move(lanes), due_before, std::move(from), limit, gate_->wrap(std::move(then)));
  }
  void load_inbox(std::vector<ports::Lane> lanes, std::optional<Uuid> after, std::uint32_t limit,
                  Done<ports::InboxPage> then) override {
    storage_.load_inbox(std::move(lanes), after, limit, gate_->wrap(std::move(then)));
  }
  void listen(Uuid loop, std::move_only_function<void()> rung) override {
    storage_.listen(loop, [gate = gate_, rung = std::make_shared<std::move_only_function<void()>>(std::move(rung))] {
      gate->pass([rung] { (*rung)(); });
    });
  }
  void arm_doorbell(Uuid loop, bool armed, Done<void> then) override {
    storage_.arm_doorbell(loop, armed, gate_->wrap(std::move(then)));
  }
  void register_node(ports::NodeInfo node, Done<Time> then) override {
    storage_.register_node(std::move(node), gate_->wrap(std::move(then)));
  }
  void register_loop(Uuid loop, Uuid node, Done<void> then) override {
    storage_.register_loop(loop, node, gate_->wrap(std::move(then)));
  }
  void fence_loop(Uuid loop, Done<void> then) override { storage_.fence_loop(loop, gate_->wrap(std::move(then))); }
  void take_lanes(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                  Done<std::vector<ports::OwnedLane>> then) override {
    storage_.take_lanes(to, from, std::move(lanes), gate_->wrap(std::move(then)));
  }
  void forget_node(Uuid node, Done<void> then) override { storage_.forget_node(node, gate_->wrap(std::move(then))); }
  void renew(Uuid node, Done<ports::Renewal> then) override { storage_.renew(node, gate_->wrap(std::move(then))); }

 private:
  std::shared_ptr<Gate> gate_;
  store::memory::MemoryStorage storage_;
  std::function<void(const ports::Batch&)> on_send_;
  std::function<void(const ports::RunKey&, Loaded&)> on_loaded_;
  std::size_t loads_ = 0, loading_ = 0, most_loading_ = 0;
};

}  // namespace pawl::simulation
