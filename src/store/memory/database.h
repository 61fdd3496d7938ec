// The server of the model: committed tables, locks, and the backends that work on them. One thread, virtual time.
//
// Nothing but the scheduler runs it; the scheduler must not be run any more once the database is gone.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "store/memory/backend.h"
#include "store/memory/commit_statements.h"
#include "store/memory/fault.h"
#include "store/memory/locks.h"
#include "store/memory/rows.h"
#include "store/memory/scheduler.h"

namespace pawl::store::memory {

class MemoryDatabase {
 public:
  explicit MemoryDatabase(Scheduler& scheduler, Safeguards safeguards = {});
  ~MemoryDatabase();
  MemoryDatabase(const MemoryDatabase&) = delete;
  MemoryDatabase& operator=(const MemoryDatabase&) = delete;

  Scheduler& scheduler() { return scheduler_; }
  const Safeguards& safeguards() const { return safeguards_; }
  const Tables& tables() const { return tables_; }  // what is committed now
  Time now() const { return scheduler_.now() + clock_offset_; }
  void set_clock_offset(Microseconds offset) { clock_offset_ = offset; }  // of the server's clock; may jump either way

  // A version of a definition; the newest is the active one.
  ports::StoredVersion deploy(Uuid tenant, std::string namespace_, std::string name, std::string version,
                              std::string source);

  void set_hook(Hook hook) { hook_ = std::move(hook); }
  // Called when a transaction is about to become visible, with what it has written.
  void set_on_commit(std::function<void(const Transaction&)> then) { on_commit_ = std::move(then); }
  std::uint64_t commits() const { return commits_; }

  // ---- sessions, for MemoryStorage
  BackendId connect(std::shared_ptr<Link> link);
  void send(BackendId backend, const std::shared_ptr<Link>& link, Script script);  // arrives after a while, in order
  bool exists(BackendId backend) const { return backends_.contains(backend); }
  void terminate(BackendId backend);  // pg_terminate_backend(): what is not committed is rolled back
  void crash();                       // every backend ends
  void client_left(BackendId backend);
  void listen(Uuid loop, std::weak_ptr<std::move_only_function<void()>> rung) { bells_[loop] = std::move(rung); }
  void set_deaf(bool deaf) { deaf_ = deaf; }  // no ring arrives any more

  // ---- a user's own transaction, on any rows (section 12: a lock wait of unbounded length), and what the functions of
  // schema/base/06_inbox.sql do in it
  class UserTransaction {
   public:
    explicit UserTransaction(MemoryDatabase& database);
    UserTransaction(UserTransaction&&) = default;
    // FOR UPDATE NOWAIT; held until this object goes. False: no such row, or locked.
    bool lock(const ports::InvocationKey& key);
    bool lock(const ports::RunKey& key);

    // complete_task() and fail_task(): true when it is accepted, now or before; false when the token is stale, or the
    // row is locked. Both are lost unless the transaction commits.
    bool end_task(const ports::InvocationKey& key, std::uint32_t attempt, std::uint32_t lease, ports::InboxKind kind,
                  json::Value content);
    // start_run(), cancel_run()
    void put(const ports::RunKey& run, ports::InboxKind kind, json::Value payload,
             std::optional<json::Value> content = std::nullopt);
    void commit();

   private:
    MemoryDatabase& database_;
    std::unique_ptr<Transaction> transaction_;
  };

  // ---- for Backend
  Tables& mutable_tables() { return tables_; }
  Locks& locks() { return locks_; }
  TransactionId next_transaction() { return ++last_transaction_; }
  Fault ask(const Point& point) { return hook_ ? hook_(point) : Fault{}; }
  Backend* find(BackendId backend);
  void committing(const Transaction& transaction);

 private:
  void wake(TransactionId transaction);
  void ring(ports::Lane lane);

  Scheduler& scheduler_;
  Safeguards safeguards_;
  Tables tables_;
  Locks locks_;
  Hook hook_;
  std::function<void(const Transaction&)> on_commit_;
  std::map<BackendId, std::unique_ptr<Backend>> backends_;
  std::map<Uuid, std::weak_ptr<std::move_only_function<void()>>> bells_;
  bool deaf_ = false;
  std::uint64_t last_inbox_ = 0;
  BackendId last_backend_ = 0;
  TransactionId last_transaction_ = 0;
  std::uint64_t commits_ = 0;
  Microseconds clock_offset_{0};
};

}  // namespace pawl::store::memory
