#include "store/postgres/commit.h"

#include <algorithm>
#include <numeric>
#include <string>

#include "store/postgres/columns.h"
#include "store/postgres/statements.h"
#include "store/sqlstate.h"

namespace pawl::store {

namespace {

using ports::RunChange;

// Sorted by key, so that neighbours in the indexes are written together.
template <class Item, class Key>
std::vector<const Item*> sorted(const std::vector<Item>& items, Key key_of) {
  std::vector<const Item*> order;
  order.reserve(items.size());
  for (const Item& item : items) order.push_back(&item);
  std::ranges::sort(order, {}, [&](const Item* item) { return key_of(*item); });
  return order;
}

// The rows of the changes, which several statements share out among themselves.
struct ChangeColumns {
  RunUpdateColumns runs;
  EventColumns events;
  ResolvedColumns resolved;
  ReopenedColumns reopened;
  RequestedColumns requested;
  OpenedWaitColumns opened;
  ClosedWaitColumns closed;
};

class CommitEncoder {
 public:
  CommitEncoder(Uuid loop, const ports::Batch& batch, bool discard_plans) : batch_(batch) {
    if (discard_plans) out_.pipeline.add(statement("session_discard_plans.sql"));
    out_.pipeline.begin();
    out_.shape.fence_at = out_.pipeline.size();
    pg::Params params;
    params.add(loop);
    out_.pipeline.add(statement("commit_fence.sql"), std::move(params));
  }

  // The order of the locks: loops, starts, runs, invocations, waits, then what is only inserted.
  EncodedCommit encode() && {
    starts();
    suspensions();
    for (const RunChange* change : sorted(batch_.changes, [](const RunChange& c) { return c.key; })) add(*change);
    send_if(changes_.runs.tenant.size(), "commit_update_runs.sql", changes_.runs);
    send_if(changes_.resolved.tenant.size(), "commit_resolve_invocations.sql", changes_.resolved);
    late_marks();
    quarantines();
    send_if(changes_.reopened.tenant.size(), "commit_reopen_invocations.sql", changes_.reopened);
    claims();
    extensions();
    send_if(changes_.closed.tenant.size(), "commit_delete_waits.sql", changes_.closed);
    inbox();
    send_if(changes_.events.tenant.size(), "commit_insert_events.sql", changes_.events);
    send_if(changes_.opened.tenant.size(), "commit_insert_waits.sql", changes_.opened);
    send_if(changes_.requested.tenant.size(), "commit_insert_invocations.sql", changes_.requested);
    out_.pipeline.commit();
    return std::move(out_);
  }

 private:
  template <class Columns>
  std::optional<std::size_t> send_if(std::size_t rows, std::string_view file, const Columns& columns) {
    if (rows == 0) return std::nullopt;
    pg::Params params;
    columns.write(params);
    return send(rows, file, std::move(params));
  }

  std::size_t send(std::size_t rows, std::string_view file, pg::Params params) {
    out_.shape.rows += rows;
    out_.pipeline.add(statement(file), std::move(params));
    return out_.pipeline.size() - 1;
  }

  void starts() {
    if (batch_.starts.empty()) return;
    for (const ports::Start& start : batch_.starts) out_.shape.starts.push_back(start.change.key);
    RunColumns runs;
    EventColumns events;
    OpenedWaitColumns opened;
    RequestedColumns requested;
    for (const ports::Start* start : sorted(batch_.starts, [](const ports::Start& s) { return s.change.key; })) {
      runs.add(*start);
      events.add(start->change);
      opened.add(start->change);
      requested.add(start->change, start->head.priority);
    }
    const bool pending = opened.tenant.size() + requested.tenant.size() > 0;
    pg::Params params;
    runs.write(params);
    events.write(params);
    if (pending) {
      opened.write(params);
      requested.write(params);
      params.add(requested.priority);
    }
    const std::size_t rows = runs.tenant.size() + events.tenant.size() + opened.tenant.size() + requested.tenant.size();
    out_.shape.starts_at =
        send(rows, pending ? "commit_insert_starts_pending.sql" : "commit_insert_starts.sql", std::move(params));
  }

  void suspensions() {
    SuspensionColumns columns;
    for (const auto* suspension : sorted(batch_.suspensions, [](const ports::Suspension& s) { return s.key; })) {
      columns.add(*suspension);
    }
    send_if(batch_.suspensions.size(), "commit_suspend_runs.sql", columns);
  }

  void add(const RunChange& change) {
    changes_.runs.add(change);
    changes_.events.add(change);
    changes_.resolved.add(change);
    changes_.reopened.add(change);
    changes_.requested.add(change, 0);
    changes_.opened.add(change);
    changes_.closed.add(change);
  }

  void late_marks() {
    AttemptColumns columns;
    for (const ports::LateMark& late : batch_.late) columns.add(late.key, late.attempt);
    send_if(batch_.late.size(), "commit_mark_late.sql", columns);
  }

  void quarantines() {
    AttemptColumns columns;
    for (const ports::Quarantine& quarantine : batch_.quarantines) columns.add(quarantine.key, quarantine.attempt);
    send_if(batch_.quarantines.size(), "commit_quarantine_invocations.sql", columns);
  }

  void claims() {
    ClaimColumns columns;
    for (const ports::Claim& claim : batch_.claims) {
      out_.shape.claims.push_back(claim.key);
      columns.add(claim);
    }
    out_.shape.claims_at = send_if(batch_.claims.size(), "commit_claim_invocations.sql", columns);
  }

  void inbox() {
    InboxColumns columns;
    for (const auto* key : sorted(batch_.inbox, [](const ports::InboxKey& k) { return k; })) columns.add(*key);
    send_if(batch_.inbox.size(), "commit_delete_inbox.sql", columns);
  }

  void extensions() {
    ExtensionColumns columns;
    for (const ports::Extension& extension : batch_.extensions) {
      out_.shape.extensions.push_back(extension.key);
      columns.add(extension);
    }
    out_.shape.extensions_at = send_if(batch_.extensions.size(), "commit_extend_invocations.sql", columns);
  }

  const ports::Batch& batch_;
  ChangeColumns changes_;
  EncodedCommit out_;
};

std::vector<bool> winners(const std::vector<ports::RunKey>& starts, const pg::Rows& rows) {
  if (rows.size() == starts.size()) return std::vector<bool>(starts.size(), true);
  std::vector<ports::RunKey> won;
  won.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) won.push_back({rows.get<Uuid>(i, 0), rows.get<Uuid>(i, 1)});
  std::ranges::sort(won);
  std::vector<bool> answer;
  answer.reserve(starts.size());
  for (const ports::RunKey& key : starts) answer.push_back(std::ranges::binary_search(won, key));
  return answer;
}

// The rows come in any order: each is given to the key that it names.
std::vector<std::optional<ports::Granted>> granted(const std::vector<ports::InvocationKey>& keys,
                                                   const pg::Rows& rows) {
  std::vector<std::size_t> order(keys.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key_at = [&](std::size_t index) { return keys[index]; };
  std::ranges::sort(order, {}, key_at);
  std::vector<std::optional<ports::Granted>> answer(keys.size());
  for (std::size_t row = 0; row < rows.size(); ++row) {
    const ports::InvocationKey key{rows.get<Uuid>(row, 0), rows.get<Uuid>(row, 1)};
    const auto place = std::ranges::lower_bound(order, key, {}, key_at);
    if (place == order.end() || keys[*place] != key) continue;
    answer[*place] = {.lease = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 2)),
                      .deaths = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 3)),
                      .leased_until = rows.get<Time>(row, 4)};
  }
  return answer;
}

}  // namespace

EncodedCommit encode_commit(Uuid loop, const ports::Batch& batch, bool discard_plans) {
  return CommitEncoder(loop, batch, discard_plans).encode();
}

ports::Committed decode_commit(const CommitShape& shape, const pg::Results& results) {
  ports::Committed committed;
  committed.database_time = results.at(shape.fence_at).get<Time>(0, 1);
  if (shape.starts_at) committed.won = winners(shape.starts, results.at(*shape.starts_at));
  if (shape.claims_at) committed.claims = granted(shape.claims, results.at(*shape.claims_at));
  if (shape.extensions_at) committed.extensions = granted(shape.extensions, results.at(*shape.extensions_at));
  return committed;
}

ports::CommitFailure failure_of(const pg::Error& error) {
  using Kind = ports::CommitFailure::Kind;
  ports::CommitFailure failure{.kind = Kind::unknown, .what = {}, .sqlstate = error.sqlstate, .message = error.message};
  // A FATAL, a lost connection, a deadline of ours; and what was never sent, because the connection is gone: the way
  // out of all of them is a new connection (section 4).
  if (error.kind != pg::Error::Kind::server_answered) return failure;
  failure.kind = classify(error.sqlstate);
  // A check of the table's own (a partition's bound has no name) will not pass later either.
  if (error.sqlstate == "23514" && !error.constraint.empty()) failure.kind = Kind::data;
  if (failure.kind == Kind::conflict) failure.what = error.message.substr(0, error.message.find(':'));
  return failure;
}

}  // namespace pawl::store
