// One loop's view of the model: a commit session whose backend outlives it, and a session of its own for everything
// else.
#pragma once

#include <memory>
#include <set>

#include "ports/storage.h"
#include "store/memory/database.h"

namespace pawl::store::memory {

// How long a client waits for an answer to a commit before it counts as lost (section 4, "a deadline of ours").
inline constexpr std::chrono::seconds commit_deadline{15};

class MemoryStorage : public ports::Storage {
 public:
  explicit MemoryStorage(MemoryDatabase& database);
  ~MemoryStorage() override;  // a kill

  void commit(Uuid loop, ports::Batch batch,
              std::move_only_function<void(std::expected<ports::Committed, ports::CommitFailure>)> then) override;
  void rollback(Done<void> then) override;
  void reconnect(Done<void> then) override;

  void load_run(ports::RunKey key, Done<std::optional<ports::StoredRun>> then) override;
  void load_invocation(ports::InvocationKey key, Done<std::optional<ports::StoredInvocation>> then) override;
  void resolve_version(Uuid tenant, std::string namespace_, std::string name, std::string version,
                       Done<std::optional<ports::StoredVersion>> then) override;
  void load_version(Uuid tenant, Uuid version, Done<std::optional<ports::StoredVersion>> then) override;
  void load_pending(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from, std::uint32_t limit,
                    Done<ports::PendingPage> then) override;

  void load_inbox(std::vector<ports::Lane> lanes, std::optional<Uuid> after, std::uint32_t limit,
                  Done<ports::InboxPage> then) override;
  void listen(Uuid loop, std::move_only_function<void()> rung) override;
  void arm_doorbell(Uuid loop, bool armed, Done<void> then) override;

  void register_node(ports::NodeInfo node, Done<Time> then) override;
  void register_loop(Uuid loop, Uuid node, Done<void> then) override;
  void fence_loop(Uuid loop, Done<void> then) override;
  void take_lanes(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                  Done<std::vector<ports::OwnedLane>> then) override;
  void forget_node(Uuid node, Done<void> then) override;
  void renew(Uuid node, Done<ports::Renewal> then) override;

  BackendId backend() const { return backend_; }  // of the commit session

 private:
  using Run = std::function<Outcome(Scene&)>;
  using Wishes = std::function<std::vector<LockWish>(const Transaction&)>;
  // Runs a script on a session of its own, which ends with it.
  void aside(Script script, std::move_only_function<void(Outcome)> then);
  // Sends a script on the commit session. Answered at once with a lost connection when that is known to be lost.
  void send(Script script, Link::Answer then);
  // One statement that reads; `read` sees one snapshot.
  template <class Row>
  void query(std::string_view name, std::function<Row(const Tables&)> read, Done<Row> then);

  MemoryDatabase& database_;
  std::shared_ptr<Link> link_;
  BackendId backend_ = 0;
  std::shared_ptr<std::move_only_function<void()>> rung_;
  std::set<std::pair<BackendId, std::shared_ptr<Link>>> asides_;  // sessions in use besides
};

}  // namespace pawl::store::memory
