// One session's process in the server: an actor that outlives its client. It takes scripts in the order in which they
// come, one statement after the other, each after some time, and may be stopped or end between any two.
//
// Sessions behave as PostgreSQL's in pipeline mode, one sync a script: a statement that fails in an explicit
// transaction leaves the session aborted, and what was sent behind it fails with 25P02 until ROLLBACK; an error at
// COMMIT leaves it idle, and what was sent behind it is done.
#pragma once

#include <deque>
#include <memory>
#include <optional>

#include "store/memory/fault.h"
#include "store/memory/link.h"
#include "store/memory/statement.h"

namespace pawl::store::memory {

class MemoryDatabase;

inline constexpr std::chrono::seconds lock_timeout{2};      // engine-protocol.md section 2
inline constexpr std::chrono::seconds deadlock_timeout{1};  // PostgreSQL's default
inline constexpr Microseconds statement_least{20}, statement_most{200};
inline constexpr Microseconds flush_least{200}, flush_most{2'000};

class Backend {
 public:
  Backend(BackendId id, MemoryDatabase& database, std::shared_ptr<Link> link);

  BackendId id() const { return id_; }
  void receive(Script script);
  void client_left();  // the socket is closed: ends when nothing is left to do
  void wake();         // a lock that it waits for may be free
  TransactionId transaction() const { return transaction_ ? transaction_->id() : 0; }
  void end();  // called by the database alone, which then drops it

 private:
  // Each step of a script; `after` schedules one and forgets it when the backend has ended.
  void after(Microseconds delay, void (Backend::*step)());
  void take_next();
  void begin_statement();
  void lock_rows();
  void lock_again();
  void wait_for(const RowId& row);
  void run_statement();
  void end_statement();
  void commit();
  void flushed();
  void fail(SqlError error);
  void finish(Outcome outcome);
  void stop_timers();
  // Asks the hook; false: the backend has ended, or stands still and goes on with `again`.
  bool survive(Point::When when, void (Backend::*again)());

  BackendId id_;
  MemoryDatabase& database_;
  std::shared_ptr<Link> link_;
  std::deque<Script> queue_;
  std::optional<Script> script_;
  std::unique_ptr<Transaction> transaction_;
  bool aborted_ = false, left_ = false, stood_still_ = false;
  Fault fault_;  // what the hook said last
  std::size_t statement_ = 0;
  std::vector<LockWish> wishes_;
  std::size_t granted_ = 0;
  std::vector<RowId> skipped_;
  Scheduler::EventId lock_timer_ = 0, deadlock_timer_ = 0;
  bool waiting_ = false;
};

}  // namespace pawl::store::memory
