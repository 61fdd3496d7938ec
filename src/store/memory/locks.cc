#include "store/memory/locks.h"

#include <algorithm>

namespace pawl::store::memory {

bool Locks::acquire(TransactionId transaction, const RowId& row, LockMode mode) {
  Row& locked = rows_[row];
  const bool free = std::ranges::all_of(locked.holders, [&](const auto& holder) {
    return holder.first == transaction || (holder.second == LockMode::share && mode == LockMode::share);
  });
  if (!free) return false;
  LockMode& held = locked.holders.try_emplace(transaction, mode).first->second;
  if (mode == LockMode::exclusive) held = mode;
  held_[transaction].insert(row);
  return true;
}

void Locks::wait(TransactionId transaction, const RowId& row) {
  stop_waiting(transaction);
  waiting_.emplace(transaction, row);
  waiters_.emplace(row, transaction);
}

void Locks::stop_waiting(TransactionId transaction) {
  const auto found = waiting_.find(transaction);
  if (found == waiting_.end()) return;
  const auto [first, last] = waiters_.equal_range(found->second);
  for (auto waiter = first; waiter != last; ++waiter) {
    if (waiter->second != transaction) continue;
    waiters_.erase(waiter);
    break;
  }
  waiting_.erase(found);
}

void Locks::release(TransactionId transaction, const RowId& row) {
  const auto found = rows_.find(row);
  if (found == rows_.end() || found->second.holders.erase(transaction) == 0) return;
  if (found->second.holders.empty()) rows_.erase(found);
  held_[transaction].erase(row);
  wake_waiters(row);
}

void Locks::release_all(TransactionId transaction) {
  stop_waiting(transaction);
  const auto mine = held_.find(transaction);
  if (mine == held_.end()) return;
  const std::set<RowId> rows = std::move(mine->second);
  held_.erase(mine);
  for (const RowId& row : rows) {
    const auto found = rows_.find(row);
    found->second.holders.erase(transaction);
    if (found->second.holders.empty()) rows_.erase(found);
    wake_waiters(row);
  }
}

void Locks::wake_waiters(const RowId& row) {
  const auto [first, last] = waiters_.equal_range(row);
  for (auto waiter = first; waiter != last; ++waiter) wake_(waiter->second);
}

bool Locks::deadlocked(TransactionId transaction) const {
  std::set<TransactionId> seen;
  std::vector<TransactionId> open{transaction};
  while (!open.empty()) {
    const TransactionId waiter = open.back();
    open.pop_back();
    const auto row = waiting_.find(waiter);
    if (row == waiting_.end()) continue;
    const auto locked = rows_.find(row->second);
    if (locked == rows_.end()) continue;
    for (const auto& [holder, mode] : locked->second.holders) {
      if (holder == waiter) continue;
      if (holder == transaction) return true;
      if (seen.insert(holder).second) open.push_back(holder);
    }
  }
  return false;
}

}  // namespace pawl::store::memory
