// Row locks: share and exclusive, held until the transaction ends, with waiters.
//
// As in PostgreSQL, a freed lock goes to whoever asks first, not to who waited longest: a waiter is woken and asks
// again (heap_lock_tuple: a compatible locker joins without queueing).
#pragma once

#include <compare>
#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <vector>

#include "base/uuid.h"

namespace pawl::store::memory {

using TransactionId = std::uint64_t;  // never 0

struct RowId {
  enum class Table : std::uint8_t {
    loops,
    lanes,
    runs,
    invocations,
    waits,
    inbox,
    doorbells,
    nodes
  } table = Table::runs;
  Uuid tenant, id;
  std::uint32_t number = 0;
  auto operator<=>(const RowId&) const = default;
};

enum class LockMode : std::uint8_t { share, exclusive };

class Locks {
 public:
  // `wake` is called when a lock that the transaction waits for may be free. It must not call back into this object.
  explicit Locks(std::function<void(TransactionId)> wake) : wake_(std::move(wake)) {}

  bool acquire(TransactionId transaction, const RowId& row, LockMode mode);  // false: somebody else's is in the way
  void wait(TransactionId transaction, const RowId& row);                    // after acquire() said false
  void stop_waiting(TransactionId transaction);
  void release(TransactionId transaction, const RowId& row);
  void release_all(TransactionId transaction);
  // Whether this waiter waits, over others, for itself.
  bool deadlocked(TransactionId transaction) const;
  bool held(const RowId& row) const { return rows_.contains(row); }
  std::size_t size() const { return rows_.size(); }

 private:
  struct Row {
    std::map<TransactionId, LockMode> holders;
  };
  void wake_waiters(const RowId& row);

  std::function<void(TransactionId)> wake_;
  std::map<RowId, Row> rows_;
  std::map<TransactionId, std::set<RowId>> held_;
  std::map<TransactionId, RowId> waiting_;  // one row at a time, as a backend does
  std::multimap<RowId, TransactionId> waiters_;
};

}  // namespace pawl::store::memory
