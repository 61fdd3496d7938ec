#include "store/memory/load.h"

#include <algorithm>
#include <map>

#include "core/status.h"

namespace pawl::store::memory {

namespace {

bool open(const InvocationRow& row) {
  return row.status != ports::InvocationStatus::resolved && row.status != ports::InvocationStatus::quarantined;
}

// Keys as text that sorts as the keys do.
std::string padded(std::int64_t number) {
  std::string text = std::to_string(number);
  return std::string(20 - std::min<std::size_t>(20, text.size()), '0') + text;
}

std::string cursor_of(const InvocationRow& row) {
  return padded(row.key.invocation.lane()) + row.key.tenant.text() + row.key.invocation.text();
}

std::string cursor_of(const WaitKey& key, const core::Wait& wait) {
  return padded(wait.due_at.time_since_epoch().count()) + key.run.tenant.text() + key.run.run.text() +
         padded(key.wait_no);
}

// The first `limit` of them, and where the next window begins: empty when these were all.
template <class Row>
std::string cut(std::map<std::string, Row>& sorted, std::uint32_t limit, std::vector<Row>& out) {
  std::string last;
  for (auto& [cursor, row] : sorted) {
    if (out.size() == limit) return last;
    last = cursor;
    out.push_back(std::move(row));
  }
  return {};
}

}  // namespace

std::optional<ports::StoredRun> stored_run(const Tables& tables, const ports::RunKey& key) {
  const auto run = tables.runs.find(key);
  if (run == tables.runs.end()) return std::nullopt;
  ports::StoredRun stored;
  stored.key = key;
  stored.head = run->second.head;
  stored.revision = run->second.revision;
  stored.status = run->second.status;
  stored.ended_at = run->second.ended_at;
  stored.suspended_reason = run->second.suspended_reason;
  if (const auto events = tables.events.find(key); events != tables.events.end()) {
    for (const EventRow& row : events->second) stored.events.push_back(row.event);
  }
  for (const auto& [id, row] : tables.invocations) {
    if (row.run == key.run && id.tenant == key.tenant && row.status != ports::InvocationStatus::resolved) {
      stored.invocations.push_back(row);
    }
  }
  return stored;
}

ports::InboxPage stored_inbox(const Tables& tables, const std::vector<ports::Lane>& lanes, std::optional<Uuid> after,
                              std::uint32_t limit) {
  std::bitset<limits::lanes> wanted;
  for (const ports::Lane lane : lanes) wanted.set(lane);
  ports::InboxPage page;
  std::map<Uuid, ports::InboxRow> sorted;
  for (const auto& [key, row] : tables.inbox) {
    if (!wanted.test(row.run.lane()) || (after && key.id <= *after)) continue;
    sorted.emplace(key.id, ports::InboxRow{key, row.run, row.kind, row.payload, row.content});
  }
  for (auto& [id, row] : sorted) {
    if (page.rows.size() == limit) break;
    page.rows.push_back(std::move(row));
  }
  if (page.rows.size() == limit) page.next = page.rows.back().key.id;
  return page;
}

std::optional<ports::StoredInvocation> stored_invocation(const Tables& tables, const ports::InvocationKey& key) {
  const auto found = tables.invocations.find(key);
  if (found == tables.invocations.end()) return std::nullopt;
  return found->second;
}

std::optional<ports::StoredVersion> stored_version(const Tables& tables, Uuid tenant, std::string_view namespace_,
                                                   std::string_view name, std::string_view version) {
  for (const auto& [key, stored] : tables.versions) {
    if (key.first != tenant || stored.namespace_ != namespace_ || stored.name != name) continue;
    const auto active = tables.active_versions.find({tenant, stored.definition});
    const bool meant = version.empty() ? active != tables.active_versions.end() && active->second == stored.version
                                       : stored.version_name == version;
    if (meant) return stored;
  }
  return std::nullopt;
}

std::optional<ports::StoredVersion> stored_version(const Tables& tables, Uuid tenant, Uuid version) {
  const auto found = tables.versions.find({tenant, version});
  if (found == tables.versions.end()) return std::nullopt;
  return found->second;
}

PendingWindow::PendingWindow(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from,
                             std::uint32_t limit)
    : due_before_(due_before), from_(std::move(from)), limit_(limit) {
  for (const ports::Lane lane : lanes) lanes_.set(lane);
}

ports::PendingPage PendingWindow::read(const Tables& tables) const {
  ports::PendingPage page;
  const bool first = from_.invocations.empty() && from_.waits.empty();
  if (first || !from_.invocations.empty()) read_invocations(tables, page);
  if (first || !from_.waits.empty()) read_waits(tables, page);
  page.more = !page.next.invocations.empty() || !page.next.waits.empty();
  return page;
}

void PendingWindow::read_invocations(const Tables& tables, ports::PendingPage& page) const {
  std::map<std::string, ports::StoredInvocation> sorted;
  for (const auto& [key, row] : tables.invocations) {
    if (!open(row) || !lanes_.test(row.run.lane())) continue;
    if (std::string cursor = cursor_of(row); cursor > from_.invocations) sorted.emplace(std::move(cursor), row);
  }
  page.next.invocations = cut(sorted, limit_, page.invocations);
}

void PendingWindow::read_waits(const Tables& tables, ports::PendingPage& page) const {
  std::map<std::string, ports::StoredWait> sorted;
  for (const auto& [key, wait] : tables.waits) {
    if (wait.due_at >= due_before_ || !lanes_.test(key.run.run.lane())) continue;
    if (std::string cursor = cursor_of(key, wait); cursor > from_.waits)
      sorted.emplace(std::move(cursor), ports::StoredWait{key.run, wait});
  }
  page.next.waits = cut(sorted, limit_, page.waits);
}

}  // namespace pawl::store::memory
