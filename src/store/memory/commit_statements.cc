#include "store/memory/commit_statements.h"

#include <algorithm>
#include <numeric>

namespace pawl::store::memory {

namespace {

using ports::Batch;
using ports::Committed;
using ports::InboxKey;
using ports::InvocationKey;
using ports::InvocationStatus;
using ports::Resolution;
using ports::RunChange;
using ports::RunKey;
using BatchPointer = std::shared_ptr<const Batch>;
using ResultPointer = std::shared_ptr<Committed>;

RowId row_of(const RunKey& run) { return {RowId::Table::runs, run.tenant, run.run, 0}; }
RowId row_of(const InvocationKey& key) { return {RowId::Table::invocations, key.tenant, key.invocation, 0}; }
RowId row_of(const InboxKey& key) { return {RowId::Table::inbox, key.tenant, key.id, 0}; }
RowId row_of(const WaitKey& key) { return {RowId::Table::waits, key.run.tenant, key.run.run, key.wait_no}; }

std::unexpected<SqlError> miscounted(const char* what, std::size_t got, std::size_t want) {
  return raise("PW002", std::string(what) + ": " + std::to_string(got) + " of " + std::to_string(want), what);
}

// ---- what one decision inserts: its events, and the waits and invocations that it opened

InvocationRow new_invocation(const RunChange& change, const core::Invocation& opened, std::uint8_t priority) {
  InvocationRow row;
  row.key = {change.key.tenant, opened.id};
  row.run = change.key.run;
  row.attempt = opened.attempt;
  row.path = opened.path;
  row.queue = opened.queue;
  row.action = opened.action;
  row.version = opened.version;
  row.idempotency_key = opened.key;
  row.priority = priority;
  row.event_seq = opened.event_seq;
  row.event_ts = row.created_at = opened.event_ts;
  return row;
}

// jsonb holds no U+0000.
bool storable(const json::Value& value) {
  if (value.is_string()) return value.text().find('\0') == std::string_view::npos;
  if (!std::ranges::all_of(value.items(), storable)) return false;
  return std::ranges::all_of(
      value.members(), [](const json::Member& member) { return storable(member.name) && storable(member.value); });
}

Outcome insert_rows(Transaction& transaction, const RunChange& change, std::uint8_t priority) {
  for (const core::Event& event : change.decision.events) {
    if (transaction.has_event(change.key, event.seq, event.ts)) {
      return raise("23505", "duplicate key value violates unique constraint \"workflow_events_pkey\"");
    }
    if (!storable(event.payload)) return raise("22P05", "unsupported Unicode escape sequence");
    transaction.add_event(change.key, {event, change.epoch});
  }
  for (const core::Wait& wait : change.decision.opened) {
    const WaitKey key{change.key, wait.wait_no};
    if (transaction.waits.find(key)) {
      return raise("23505", "duplicate key value violates unique constraint \"workflow_run_waits_pkey\"");
    }
    transaction.waits.put(key, wait);
  }
  for (const core::Invocation& opened : change.decision.requested) {
    if (opened.attempt > 1) continue;
    InvocationRow row = new_invocation(change, opened, priority);
    if (transaction.invocations.find(row.key)) {
      return raise("23505", "duplicate key value violates unique constraint \"workflow_action_invocations_pkey\"");
    }
    const auto key = row.key;
    transaction.invocations.put(key, std::move(row));
  }
  return {};
}

// ---- starts: INSERT … ON CONFLICT DO NOTHING, sorted by key; waits for who inserts the same key

Statement starts_statement(BatchPointer batch, ResultPointer result) {
  Statement statement{"starts", {}, {}};
  statement.locks = [batch](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    for (const ports::Start& start : batch->starts) {
      if (!transaction.runs.find(start.change.key)) wishes.push_back({row_of(start.change.key)});
    }
    std::ranges::sort(wishes, {}, &LockWish::row);
    return wishes;
  };
  statement.run = [batch, result](Scene& scene) -> Outcome {
    for (std::size_t i = 0; i < batch->starts.size(); ++i) {
      const ports::Start& start = batch->starts[i];
      const RunChange& change = start.change;
      result->won[i] = scene.transaction.runs.find(change.key) == nullptr;
      if (!result->won[i]) {
        scene.transaction.unlock(row_of(change.key));  // DO NOTHING locks nothing
        continue;
      }
      scene.transaction.runs.put(change.key,
                                 {start.head, change.now, change.status, change.updated_at, change.ended_at, {}});
      if (Outcome inserted = insert_rows(scene.transaction, change, start.head.priority); !inserted) return inserted;
    }
    return {};
  };
  return statement;
}

// ---- suspensions: UPDATE … WHERE ended_at IS NULL, not counted

Statement suspensions_statement(BatchPointer batch) {
  const auto open = [](const Transaction& transaction, const RunKey& key) {
    const RunRow* row = transaction.runs.find(key);
    return row && !row->ended_at;
  };
  Statement statement{"suspensions", {}, {}};
  statement.locks = [batch, open](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    for (const ports::Suspension& suspension : batch->suspensions) {
      if (open(transaction, suspension.key)) wishes.push_back({row_of(suspension.key)});
    }
    return wishes;
  };
  statement.run = [batch, open](Scene& scene) -> Outcome {
    for (const ports::Suspension& suspension : batch->suspensions) {
      if (!open(scene.transaction, suspension.key)) continue;
      RunRow row = *scene.transaction.runs.find(suspension.key);
      row.status = suspension.status;
      row.suspended_reason = suspension.reason;
      scene.transaction.runs.put(suspension.key, std::move(row));
    }
    return {};
  };
  return statement;
}

// ---- runs: UPDATE … WHERE revision = was, counted

Statement runs_statement(BatchPointer batch, bool compare) {
  const auto matches = [compare](const Transaction& transaction, const RunChange& change) {
    const RunRow* row = transaction.runs.find(change.key);
    return row && (!compare || row->revision == change.was);
  };
  Statement statement{"runs", {}, {}};
  statement.locks = [batch, matches](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    for (const RunChange& change : batch->changes) {
      if (matches(transaction, change)) wishes.push_back({row_of(change.key)});
    }
    return wishes;
  };
  statement.run = [batch, matches, compare](Scene& scene) -> Outcome {
    std::size_t updated = 0;
    for (const RunChange& change : batch->changes) {
      if (!matches(scene.transaction, change)) continue;
      RunRow row = *scene.transaction.runs.find(change.key);
      row.revision = change.now;
      row.status = change.status;
      row.updated_at = change.updated_at;
      row.ended_at = change.ended_at;
      scene.transaction.runs.put(change.key, std::move(row));
      ++updated;
    }
    if (compare && updated != batch->changes.size()) return miscounted("run", updated, batch->changes.size());
    return {};
  };
  return statement;
}

// ---- invocations: FOR UPDATE SKIP LOCKED; decisions about them are counted, claims and extensions are not

class InvocationChanges {
 public:
  InvocationChanges(const Batch& batch, Committed& result, bool count, Scene& scene)
      : batch_(batch), result_(result), count_(count), scene_(scene) {}

  Outcome run() {
    for (const RunChange& change : batch_.changes) {
      for (const core::Resolved& resolved : change.decision.resolved) resolve(change, resolved);
      for (const core::Invocation& opened : change.decision.requested) {
        if (opened.attempt > 1) reopen(change, opened);
      }
    }
    for (const ports::LateMark& late : batch_.late) mark_late(late);
    for (const ports::Quarantine& quarantined : batch_.quarantines) quarantine(quarantined);
    for (std::size_t i = 0; i < batch_.claims.size(); ++i) result_.claims[i] = claim(batch_.claims[i]);
    for (std::size_t i = 0; i < batch_.extensions.size(); ++i) result_.extensions[i] = extend(batch_.extensions[i]);
    if (count_ && done_ != wanted_) return miscounted("invocation", done_, wanted_);
    return {};
  }

 private:
  // The row as it is now, if it could be locked.
  std::optional<InvocationRow> locked(const InvocationKey& key) const {
    const InvocationRow* row = scene_.transaction.invocations.find(key);
    if (!row || !scene_.has(row_of(key))) return std::nullopt;
    return *row;
  }
  void put(InvocationRow row) {
    const InvocationKey key = row.key;
    scene_.transaction.invocations.put(key, std::move(row));
  }
  static bool open(const InvocationRow& row) {
    return row.status == InvocationStatus::ready || row.status == InvocationStatus::leased;
  }

  void resolve(const RunChange& change, const core::Resolved& resolved) {
    ++wanted_;
    std::optional<InvocationRow> row = locked({change.key.tenant, resolved.id});
    if (!row || row->attempt != resolved.attempt) return;
    const bool accepted = row->status == InvocationStatus::completing &&
                          std::ranges::find(change.accepted, resolved.id) != change.accepted.end();
    if (!open(*row) && !accepted) return;
    row->status = InvocationStatus::resolved;
    using How = core::Resolved::How;
    row->resolution = resolved.how == How::completed ? Resolution::completed
                      : resolved.how == How::failed  ? Resolution::failed
                                                     : Resolution::revoked;
    put(std::move(*row));
    ++done_;
  }

  void reopen(const RunChange& change, const core::Invocation& opened) {
    ++wanted_;
    std::optional<InvocationRow> row = locked({change.key.tenant, opened.id});
    if (!row || open(*row) || row->status == InvocationStatus::completing || row->attempt + 1 != opened.attempt) return;
    const std::uint32_t lease = row->lease;  // its numbers never repeat
    const Time created_at = row->created_at;
    *row = new_invocation(change, opened, row->priority);
    row->lease = lease;
    row->created_at = created_at;
    put(std::move(*row));
    ++done_;
  }

  void mark_late(const ports::LateMark& late) {
    ++wanted_;
    std::optional<InvocationRow> row = locked(late.key);
    if (!row || row->status != InvocationStatus::resolved || row->attempt != late.attempt) return;
    row->resolution = Resolution::late;
    put(std::move(*row));
    ++done_;
  }

  void quarantine(const ports::Quarantine& quarantined) {
    ++wanted_;
    std::optional<InvocationRow> row = locked(quarantined.key);
    if (!row || row->attempt != quarantined.attempt || row->status == InvocationStatus::completing) return;
    row->status = InvocationStatus::quarantined;
    if (row->resolution == Resolution::none) row->resolution = Resolution::failed;
    put(std::move(*row));
    ++done_;
  }

  std::optional<ports::Granted> claim(const ports::Claim& claim) {
    std::optional<InvocationRow> row = locked(claim.key);
    if (!row || !open(*row) || row->attempt != claim.attempt || row->lease != claim.lease) return std::nullopt;
    row->status = InvocationStatus::leased;
    ++row->lease;
    if (claim.counts) ++row->deaths;
    row->worker = claim.worker;
    return granted(std::move(*row), claim.for_time);
  }

  std::optional<ports::Granted> extend(const ports::Extension& extension) {
    std::optional<InvocationRow> row = locked(extension.key);
    if (!row || row->status != InvocationStatus::leased || row->attempt != extension.attempt ||
        row->lease != extension.lease) {
      return std::nullopt;
    }
    if (extension.progress) row->deaths = 0;
    return granted(std::move(*row), extension.for_time);
  }

  ports::Granted granted(InvocationRow row, Microseconds for_time) {
    row.leased_until = scene_.now + for_time;
    const ports::Granted granted{row.lease, row.deaths, *row.leased_until};
    put(std::move(row));
    return granted;
  }

  const Batch& batch_;
  Committed& result_;
  bool count_;
  Scene& scene_;
  std::size_t wanted_ = 0, done_ = 0;
};

Statement invocations_statement(BatchPointer batch, ResultPointer result, bool count) {
  Statement statement{"invocations", {}, {}};
  statement.locks = [batch](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    const auto wish = [&](const InvocationKey& key) {
      if (transaction.invocations.find(key)) wishes.push_back({row_of(key), LockMode::exclusive, true});
    };
    for (const RunChange& change : batch->changes) {
      for (const core::Resolved& resolved : change.decision.resolved) wish({change.key.tenant, resolved.id});
      for (const core::Invocation& opened : change.decision.requested) {
        if (opened.attempt > 1) wish({change.key.tenant, opened.id});
      }
    }
    for (const auto& late : batch->late) wish(late.key);
    for (const auto& quarantined : batch->quarantines) wish(quarantined.key);
    for (const auto& claim : batch->claims) wish(claim.key);
    for (const auto& extension : batch->extensions) wish(extension.key);
    return wishes;
  };
  statement.run = [batch, result, count](Scene& scene) {
    return InvocationChanges(*batch, *result, count, scene).run();
  };
  return statement;
}

// ---- waits: DELETE, counted

Statement waits_statement(BatchPointer batch, bool count) {
  Statement statement{"waits", {}, {}};
  statement.locks = [batch](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    for (const RunChange& change : batch->changes) {
      for (const std::uint32_t wait_no : change.decision.closed) {
        const WaitKey key{change.key, wait_no};
        if (transaction.waits.find(key)) wishes.push_back({row_of(key)});
      }
    }
    return wishes;
  };
  statement.run = [batch, count](Scene& scene) -> Outcome {
    std::size_t wanted = 0, deleted = 0;
    for (const RunChange& change : batch->changes) {
      for (const std::uint32_t wait_no : change.decision.closed) {
        const WaitKey key{change.key, wait_no};
        ++wanted;
        if (!scene.transaction.waits.find(key)) continue;
        scene.transaction.waits.erase(key);
        ++deleted;
      }
    }
    if (count && wanted != deleted) return miscounted("wait", deleted, wanted);
    return {};
  };
  return statement;
}

// ---- inbox: DELETE, counted

Statement inbox_statement(BatchPointer batch, bool count) {
  Statement statement{"inbox", {}, {}};
  statement.locks = [batch](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    for (const InboxKey& key : batch->inbox) {
      if (transaction.inbox.find(key)) wishes.push_back({row_of(key)});
    }
    return wishes;
  };
  statement.run = [batch, count](Scene& scene) -> Outcome {
    std::size_t deleted = 0;
    for (const InboxKey& key : batch->inbox) {
      if (!scene.transaction.inbox.find(key)) continue;
      scene.transaction.inbox.erase(key);
      ++deleted;
    }
    if (count && deleted != batch->inbox.size()) return miscounted("inbox", deleted, batch->inbox.size());
    return {};
  };
  return statement;
}

// ---- events, and the rows that they open

Statement events_statement(BatchPointer batch) {
  Statement statement{"events", {}, {}};
  statement.run = [batch](Scene& scene) -> Outcome {
    for (const RunChange& change : batch->changes) {
      const RunRow* run = scene.transaction.runs.find(change.key);
      if (Outcome inserted = insert_rows(scene.transaction, change, run ? run->head.priority : 5); !inserted)
        return inserted;
    }
    return {};
  };
  return statement;
}

bool touches_invocations(const Batch& batch) {
  return !batch.claims.empty() || !batch.extensions.empty() || !batch.late.empty() || !batch.quarantines.empty() ||
         std::ranges::any_of(batch.changes, [](const RunChange& change) {
           return !change.decision.resolved.empty() ||
                  std::ranges::any_of(change.decision.requested, [](const auto& opened) { return opened.attempt > 1; });
         });
}

}  // namespace

Statement fence_statement(Uuid loop, const Safeguards& safeguards) {
  const auto live = [loop](const Transaction& transaction) {
    const LoopRow* row = transaction.loops.find(loop);
    return row && row->live;
  };
  Statement statement{"fence", {}, {}};
  if (safeguards.fence && safeguards.fence_locks) {
    statement.locks = [live, loop](const Transaction& transaction) -> std::vector<LockWish> {
      if (!live(transaction)) return {};
      return {{{RowId::Table::loops, {}, loop, 0}, LockMode::share}};
    };
  }
  statement.run = [live, wanted = safeguards.fence](Scene& scene) -> Outcome {
    if (wanted && !live(scene.transaction)) return raise("PW001", "loop is fenced");
    return {};
  };
  return statement;
}

std::vector<Statement> commit_statements(Uuid loop, BatchPointer batch, ResultPointer result,
                                         const Safeguards& safeguards) {
  result->won.assign(batch->starts.size(), false);
  result->claims.assign(batch->claims.size(), std::nullopt);
  result->extensions.assign(batch->extensions.size(), std::nullopt);

  std::vector<Statement> statements;
  statements.push_back(fence_statement(loop, safeguards));
  if (!batch->starts.empty()) statements.push_back(starts_statement(batch, result));
  if (!batch->suspensions.empty()) statements.push_back(suspensions_statement(batch));
  if (!batch->changes.empty()) statements.push_back(runs_statement(batch, safeguards.compare));
  if (touches_invocations(*batch)) statements.push_back(invocations_statement(batch, result, safeguards.count));
  if (!batch->changes.empty()) statements.push_back(waits_statement(batch, safeguards.count));
  if (!batch->inbox.empty()) statements.push_back(inbox_statement(batch, safeguards.count));
  if (!batch->changes.empty()) statements.push_back(events_statement(batch));
  statements.push_back({"clock", {}, [result](Scene& scene) -> Outcome {
                          result->database_time = scene.now;
                          return {};
                        }});
  return statements;
}

}  // namespace pawl::store::memory
