#include "store/memory/transaction.h"

#include <algorithm>

namespace pawl::store::memory {

namespace {

bool before(const EventRow& a, const EventRow& b) {
  return std::pair(a.event.seq, a.event.ts) < std::pair(b.event.seq, b.event.ts);
}

}  // namespace

Transaction::Transaction(TransactionId id, Tables& tables, Locks& locks)
    : runs(tables.runs),
      waits(tables.waits),
      invocations(tables.invocations),
      inbox(tables.inbox),
      doorbells(tables.doorbells),
      nodes(tables.nodes),
      loops(tables.loops),
      lanes(tables.lanes),
      id_(id),
      tables_(tables),
      locks_(locks) {}

Transaction::~Transaction() { locks_.release_all(id_); }

bool Transaction::has_event(const ports::RunKey& run, std::uint32_t seq, Time ts) const {
  const auto same = [&](const EventRow& row) { return row.event.seq == seq && row.event.ts == ts; };
  const auto committed = tables_.events.find(run);
  if (committed != tables_.events.end() && std::ranges::any_of(committed->second, same)) return true;
  return std::ranges::any_of(events, [&](const auto& written) { return written.first == run && same(written.second); });
}

void Transaction::commit() {
  for (auto& [run, row] : events) {
    std::vector<EventRow>& log = tables_.events[run];
    log.insert(std::ranges::upper_bound(log, row, before), std::move(row));
  }
  events.clear();
  runs.commit();
  waits.commit();
  invocations.commit();
  inbox.commit();
  doorbells.commit();
  nodes.commit();
  loops.commit();
  lanes.commit();
  locks_.release_all(id_);
}

}  // namespace pawl::store::memory
