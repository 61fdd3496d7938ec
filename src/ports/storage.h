// The store as one loop needs it: one commit connection = one row in engine_loops = one engine::Loop.
//
// Calls back on the caller's thread, in the order of the calls for commit(), once each, never before the call returned.
// Destroying a Storage is a kill: nothing is called back any more, what was sent may still be committed by the server.
#pragma once

#include <cstdint>
#include <expected>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/problem.h"
#include "core/laws.h"
#include "ports/batch.h"

namespace pawl::ports {

enum class InvocationStatus : std::uint8_t { ready, leased, completing, resolved, quarantined };
enum class Resolution : std::uint8_t { none, completed, failed, revoked, late };

struct StoredInvocation {
  InvocationKey key;
  Uuid run;
  InvocationStatus status = InvocationStatus::ready;
  Resolution resolution = Resolution::none;
  std::uint32_t attempt = 1, lease = 0, deaths = 0;
  std::string path, queue, action, version, idempotency_key, worker;
  std::uint8_t priority = 5;
  std::uint32_t event_seq = 0;
  Time event_ts{}, created_at{};
  std::optional<Time> leased_until;
};

struct StoredRun {
  RunKey key;
  RunHead head;
  std::uint32_t revision = 0;
  core::RunStatus status = core::RunStatus::pending;
  std::optional<Time> ended_at;
  std::string suspended_reason;               // of a Suspension; empty: none
  std::optional<Problem> unreadable;          // an event is not understood: `events` ends before it
  std::vector<core::Event> events;            // all, by seq
  std::vector<StoredInvocation> invocations;  // those that are not resolved
};

struct StoredVersion {
  Uuid definition, version;
  std::string namespace_, name, version_name;
  std::string source;  // as deployed; compiles to the program
};

struct StoredWait {
  RunKey key;
  core::Wait wait;
};

// Open invocations and due waits of some lanes, in windows. The first call has both cursors empty; in every later one
// an empty cursor means that this kind is done. `more`: at least one of `next` is not empty.
struct PendingCursor {
  std::string invocations, waits;
};
struct PendingPage {
  std::vector<StoredInvocation> invocations;
  std::vector<StoredWait> waits;
  PendingCursor next;
  bool more = false;
};

// What reached a run from elsewhere than its owner (protocol section 9).
enum class InboxKind : std::uint8_t { start, cancel, complete, fail };
struct InboxRow {
  InboxKey key;
  Uuid run;
  InboxKind kind = InboxKind::start;
  json::Value payload;                 // as schema/base/06_inbox.sql writes it for the kind
  std::optional<json::Value> content;  // an input, an output, an error; none: not given, or it cannot be read
};
struct InboxPage {
  std::vector<InboxRow> rows;
  std::optional<Uuid> next;  // the last id of a window that was full: another one follows it
};

struct OwnedLane {
  Lane lane = 0;
  std::uint32_t epoch = 0;
};

struct LoopView {  // a loop of this database as its row says
  Uuid loop, node;
  bool live = false;        // the row's state
  bool owner_gone = false;  // its backend is no longer there, or its node's lease has lapsed
  std::vector<OwnedLane> lanes;
};

struct Renewal {
  std::vector<LoopView> loops;  // that have lanes
  Time database_time{};         // clock_timestamp() of the statement that renewed the lease
};

struct NodeInfo {
  Uuid node;
  std::string name, address;
  Microseconds lease{};
};

class Storage {
 public:
  virtual ~Storage() = default;

  // Writes one batch in one transaction that begins with the fence of `loop`. May be called again before the first is
  // answered (at most two in flight); a later batch may commit though an earlier one failed.
  virtual void commit(Uuid loop, Batch batch,
                      std::move_only_function<void(std::expected<Committed, CommitFailure>)> then) = 0;
  // After a definite failure, once all outstanding answers have come: the session is usable again.
  virtual void rollback(Done<void> then) = 0;
  // After an unknown outcome: a new commit connection (the old one's backend may live on, and may still commit).
  virtual void reconnect(Done<void> then) = 0;

  virtual void load_run(RunKey key, Done<std::optional<StoredRun>> then) = 0;
  virtual void load_invocation(InvocationKey key, Done<std::optional<StoredInvocation>> then) = 0;
  // The version a start means: `version` empty is the active one. None: no such definition or version.
  virtual void resolve_version(Uuid tenant, std::string namespace_, std::string name, std::string version,
                               Done<std::optional<StoredVersion>> then) = 0;
  virtual void load_version(Uuid tenant, Uuid version, Done<std::optional<StoredVersion>> then) = 0;
  virtual void load_pending(std::vector<Lane> lanes, Time due_before, PendingCursor from, std::uint32_t limit,
                            Done<PendingPage> then) = 0;

  // The inbox of some lanes, in windows. A row that commits late may lie before the window: whoever reads begins again.
  virtual void load_inbox(std::vector<Lane> lanes, std::optional<Uuid> after, std::uint32_t limit,
                          Done<InboxPage> then) = 0;
  // `rung` is called, until the Storage goes or listens anew, whenever somebody has written into the inbox of the
  // loop's lanes while its doorbell was armed, and whenever that may have been missed. It may be lost all the same.
  virtual void listen(Uuid loop, std::move_only_function<void()> rung) = 0;
  // Arms, or disarms, the doorbell. Once it is armed, whoever commits a row rings, and what was committed before is
  // seen by load_inbox().
  virtual void arm_doorbell(Uuid loop, bool armed, Done<void> then) = 0;

  // Ownership. Every statement compares times in SQL.
  virtual void register_node(NodeInfo node, Done<Time> then) = 0;  // answers clock_timestamp()
  virtual void register_loop(Uuid loop, Uuid node,
                             Done<void> then) = 0;          // binds the row to the commit connection's backend
  virtual void fence_loop(Uuid loop, Done<void> then) = 0;  // waits for, or ends, the commit in flight
  virtual void take_lanes(Uuid to, std::optional<Uuid> from, std::vector<Lane> lanes,
                          Done<std::vector<OwnedLane>> then) = 0;  // from none: ownerless ones
  virtual void forget_node(Uuid node, Done<void> then) = 0;        // at a clean stop
  virtual void renew(Uuid node, Done<Renewal> then) = 0;
};

}  // namespace pawl::ports
