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

  // ---- a user's own transaction, on any rows (section 12: a lock wait of unbounded length)
  class UserTransaction {
   public:
    explicit UserTransaction(MemoryDatabase& database);
    ~UserTransaction();
    // FOR UPDATE NOWAIT; held until this object goes. False: no such row, or locked.
    bool lock(const ports::InvocationKey& key);
    bool lock(const ports::RunKey& key);

   private:
    MemoryDatabase& database_;
    TransactionId id_;
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

  Scheduler& scheduler_;
  Safeguards safeguards_;
  Tables tables_;
  Locks locks_;
  Hook hook_;
  std::function<void(const Transaction&)> on_commit_;
  std::map<BackendId, std::unique_ptr<Backend>> backends_;
  BackendId last_backend_ = 0;
  TransactionId last_transaction_ = 0;
  std::uint64_t commits_ = 0;
  Microseconds clock_offset_{0};
};

}  // namespace pawl::store::memory
