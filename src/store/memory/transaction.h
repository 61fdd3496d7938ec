// One transaction: what it has written and nobody else sees yet, over what is committed now (READ COMMITTED).
#pragma once

#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "store/memory/locks.h"
#include "store/memory/rows.h"

namespace pawl::store::memory {

// A table as a transaction sees it: its own writes first.
template <class Key, class Row>
class Overlay {
 public:
  explicit Overlay(std::map<Key, Row>& committed) : committed_(committed) {}

  const Row* find(const Key& key) const {
    if (const auto mine = written_.find(key); mine != written_.end()) return mine->second ? &*mine->second : nullptr;
    const auto found = committed_.find(key);
    return found == committed_.end() ? nullptr : &found->second;
  }
  void put(const Key& key, Row row) { written_.insert_or_assign(key, std::move(row)); }
  void erase(const Key& key) { written_.insert_or_assign(key, std::nullopt); }
  const std::map<Key, std::optional<Row>>& written() const { return written_; }

  void commit() {
    for (auto& [key, row] : written_) {
      if (row)
        committed_.insert_or_assign(key, std::move(*row));
      else
        committed_.erase(key);
    }
    written_.clear();
  }

 private:
  std::map<Key, Row>& committed_;
  std::map<Key, std::optional<Row>> written_;
};

class Transaction {
 public:
  Transaction(TransactionId id, Tables& tables, Locks& locks);
  ~Transaction();  // rolls back unless committed
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  TransactionId id() const { return id_; }
  const Tables& committed() const { return tables_; }
  void unlock(const RowId& row) { locks_.release(id_, row); }

  bool has_event(const ports::RunKey& run, std::uint32_t seq, Time ts) const;
  void add_event(const ports::RunKey& run, EventRow event) { events.emplace_back(run, std::move(event)); }

  void commit();

  Overlay<ports::RunKey, RunRow> runs;
  Overlay<WaitKey, core::Wait> waits;
  Overlay<ports::InvocationKey, InvocationRow> invocations;
  Overlay<ports::InboxKey, InboxRow> inbox;
  Overlay<Uuid, bool> doorbells;
  Overlay<Uuid, NodeRow> nodes;
  Overlay<Uuid, LoopRow> loops;
  Overlay<ports::Lane, LaneRow> lanes;
  std::vector<std::pair<ports::RunKey, EventRow>> events;

 private:
  TransactionId id_;
  Tables& tables_;
  Locks& locks_;
};

}  // namespace pawl::store::memory
