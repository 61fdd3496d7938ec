// The rows of the model: what schema/base/ has of the commit path, as values.
#pragma once

#include <compare>
#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/event.h"
#include "core/pending.h"
#include "ports/batch.h"
#include "ports/storage.h"

namespace pawl::store::memory {

using BackendId = std::uint64_t;  // stands for (pid, backend_start): never used again; 0: none

struct RunRow {
  ports::RunHead head;
  std::uint32_t revision = 0;
  core::RunStatus status = core::RunStatus::pending;
  Time updated_at{};
  std::optional<Time> ended_at;
  std::string suspended_reason;
};

// workflow_events has the key (run, seq, tenant, ts): a partitioned table's key does not make seq unique.
struct EventRow {
  core::Event event;
  std::uint32_t epoch = 0;
};

struct WaitKey {
  ports::RunKey run;
  std::uint32_t wait_no = 0;
  auto operator<=>(const WaitKey&) const = default;
};

using InvocationRow = ports::StoredInvocation;

struct NodeRow {
  ports::NodeInfo info;
  Time lease_until{};
};

struct LoopRow {
  Uuid node;
  BackendId backend = 0;
  bool live = true;
};

struct LaneRow {
  std::optional<Uuid> loop;
  std::uint32_t epoch = 0;
};

struct InboxRow {
  Uuid run;
  ports::InboxKind kind = ports::InboxKind::start;
  json::Value payload;
  std::optional<json::Value> content;
};

struct Tables {
  std::map<ports::RunKey, RunRow> runs;
  std::map<ports::RunKey, std::vector<EventRow>> events;  // in the order of (seq, ts)
  std::map<WaitKey, core::Wait> waits;
  std::map<ports::InvocationKey, InvocationRow> invocations;
  std::map<ports::InboxKey, InboxRow> inbox;
  std::map<Uuid, bool> doorbells;  // by loop: armed
  std::map<Uuid, NodeRow> nodes;
  std::map<Uuid, LoopRow> loops;
  std::map<ports::Lane, LaneRow> lanes;                            // a lane without a row never had an owner
  std::map<std::pair<Uuid, Uuid>, ports::StoredVersion> versions;  // by (tenant, version)
  std::map<std::pair<Uuid, Uuid>, Uuid> active_versions;           // by (tenant, definition)
};

}  // namespace pawl::store::memory
