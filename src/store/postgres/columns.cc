#include "store/postgres/columns.h"

#include <algorithm>
#include <optional>

#include "core/event.h"
#include "core/status.h"
#include "json/write.h"

namespace pawl::store {

namespace {

std::int32_t number(std::uint32_t value) { return static_cast<std::int32_t>(value); }
std::int16_t small(std::uint16_t value) { return static_cast<std::int16_t>(value); }

// Empty strings of the ports are NULL in the table.
std::optional<std::string_view> unless_empty(const std::string& text) {
  return text.empty() ? std::nullopt : std::optional<std::string_view>(text);
}

std::string_view resolution_of(core::Resolved::How how) {
  switch (how) {
    case core::Resolved::How::completed:
      return "completed";
    case core::Resolved::How::failed:
      return "failed";
    case core::Resolved::How::revoked:
      break;
  }
  return "revoked";
}

}  // namespace

void RunColumns::add(const ports::Start& start) {
  const auto& [head, change] = start;
  tenant.add(change.key.tenant);
  run.add(change.key.run);
  definition.add(head.definition);
  version.add(head.version);
  lane.add(small(change.key.run.lane()));
  status.add(core::name(change.status));
  revision.add(number(change.now));
  priority.add(head.priority);
  queue.add(unless_empty(head.queue));
  trigger_kind.add(head.trigger_kind);
  idempotency_key.add(unless_empty(head.idempotency_key));
  head.request_sha256 ? request_sha256.add(pg::Bytea{*head.request_sha256}) : request_sha256.add_null();
  correlation_id.add(unless_empty(head.correlation_id));
  started_at.add(head.started_at);
  updated_at.add(change.updated_at);
  ended_at.add(change.ended_at);
}

void RunColumns::write(pg::Params& params) const {
  params.add(tenant).add(run).add(definition).add(version).add(lane).add(status).add(revision).add(priority);
  params.add(queue).add(trigger_kind).add(idempotency_key).add(request_sha256).add(correlation_id);
  params.add(started_at).add(updated_at).add(ended_at);
}

void RunUpdateColumns::add(const ports::RunChange& change) {
  tenant.add(change.key.tenant);
  run.add(change.key.run);
  was.add(number(change.was));
  now.add(number(change.now));
  status.add(core::name(change.status));
  updated_at.add(change.updated_at);
  ended_at.add(change.ended_at);
}

void RunUpdateColumns::write(pg::Params& params) const {
  params.add(tenant).add(run).add(was).add(now).add(status).add(updated_at).add(ended_at);
}

void EventColumns::add(const ports::RunChange& change) {
  for (const core::Event& event : change.decision.events) {
    tenant.add(change.key.tenant);
    run.add(change.key.run);
    seq.add(number(event.seq));
    ts.add(event.ts);
    type.add(core::name(event.type));
    path.add(unless_empty(event.path));
    epoch.add(number(change.epoch));
    text_.clear();
    json::write(event.payload, text_);
    payload.add(pg::Jsonb{text_});
  }
}

void EventColumns::write(pg::Params& params) const {
  params.add(tenant).add(run).add(seq).add(ts).add(type).add(path).add(epoch).add(payload);
}

void OpenedWaitColumns::add(const ports::RunChange& change) {
  for (const core::Wait& wait : change.decision.opened) {
    tenant.add(change.key.tenant);
    run.add(change.key.run);
    wait_no.add(number(wait.wait_no));
    lane.add(small(change.key.run.lane()));
    kind.add(core::name(wait.kind));
    path.add(wait.path);
    due_at.add(wait.due_at);
    opened_at.add(change.updated_at);
  }
}

void OpenedWaitColumns::write(pg::Params& params) const {
  params.add(tenant).add(run).add(wait_no).add(lane).add(kind).add(path).add(due_at).add(opened_at);
}

void ClosedWaitColumns::add(const ports::RunChange& change) {
  for (const std::uint32_t closed : change.decision.closed) {
    tenant.add(change.key.tenant);
    run.add(change.key.run);
    wait_no.add(number(closed));
  }
}

void ClosedWaitColumns::write(pg::Params& params) const { params.add(tenant).add(run).add(wait_no); }

void RequestedColumns::add(const ports::RunChange& change, std::uint8_t run_priority) {
  for (const core::Invocation& requested : change.decision.requested) {
    if (requested.attempt > 1) continue;
    tenant.add(change.key.tenant);
    invocation.add(requested.id);
    run.add(change.key.run);
    path.add(requested.path);
    event_seq.add(number(requested.event_seq));
    event_ts.add(requested.event_ts);
    lane.add(small(change.key.run.lane()));
    queue.add(requested.queue);
    action.add(requested.action);
    version.add(requested.version);
    key.add(requested.key);
    priority.add(run_priority);
  }
}

void RequestedColumns::write(pg::Params& params) const {
  params.add(tenant).add(invocation).add(run).add(path).add(event_seq).add(event_ts).add(lane);
  params.add(queue).add(action).add(version).add(key);
}

void ReopenedColumns::add(const ports::RunChange& change) {
  for (const core::Invocation& requested : change.decision.requested) {
    if (requested.attempt <= 1) continue;
    tenant.add(change.key.tenant);
    invocation.add(requested.id);
    attempt.add(number(requested.attempt));
    path.add(requested.path);
    event_seq.add(number(requested.event_seq));
    event_ts.add(requested.event_ts);
    queue.add(requested.queue);
  }
}

void ReopenedColumns::write(pg::Params& params) const {
  params.add(tenant).add(invocation).add(attempt).add(path).add(event_seq).add(event_ts).add(queue);
}

void ResolvedColumns::add(const ports::RunChange& change) {
  for (const core::Resolved& resolved : change.decision.resolved) {
    tenant.add(change.key.tenant);
    invocation.add(resolved.id);
    attempt.add(number(resolved.attempt));
    resolution.add(resolution_of(resolved.how));
    resolved_at.add(change.updated_at);
    accepted.add(std::ranges::find(change.accepted, resolved.id) != change.accepted.end());
  }
}

void ResolvedColumns::write(pg::Params& params) const {
  params.add(tenant).add(invocation).add(attempt).add(resolution).add(resolved_at).add(accepted);
}

void SuspensionColumns::add(const ports::Suspension& suspension) {
  tenant.add(suspension.key.tenant);
  run.add(suspension.key.run);
  status.add(core::name(suspension.status));
  reason.add(suspension.reason);
}
void SuspensionColumns::write(pg::Params& params) const { params.add(tenant).add(run).add(status).add(reason); }

void InboxColumns::add(const ports::InboxKey& key) {
  tenant.add(key.tenant);
  id.add(key.id);
}
void InboxColumns::write(pg::Params& params) const { params.add(tenant).add(id); }

void AttemptColumns::add(const ports::InvocationKey& key, std::uint32_t at_attempt) {
  tenant.add(key.tenant);
  invocation.add(key.invocation);
  attempt.add(number(at_attempt));
}

void AttemptColumns::write(pg::Params& params) const { params.add(tenant).add(invocation).add(attempt); }

void ClaimColumns::add(const ports::Claim& claim) {
  tenant.add(claim.key.tenant);
  invocation.add(claim.key.invocation);
  attempt.add(number(claim.attempt));
  lease.add(number(claim.lease));
  worker.add(claim.worker);
  for_time.add(claim.for_time);
  counts.add(claim.counts);
}

void ClaimColumns::write(pg::Params& params) const {
  params.add(tenant).add(invocation).add(attempt).add(lease).add(worker).add(for_time).add(counts);
}

void ExtensionColumns::add(const ports::Extension& extension) {
  tenant.add(extension.key.tenant);
  invocation.add(extension.key.invocation);
  attempt.add(number(extension.attempt));
  lease.add(number(extension.lease));
  for_time.add(extension.for_time);
  progress.add(extension.progress);
}

void ExtensionColumns::write(pg::Params& params) const {
  params.add(tenant).add(invocation).add(attempt).add(lease).add(for_time).add(progress);
}

}  // namespace pawl::store
