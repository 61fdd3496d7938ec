// What one transaction commits, for many runs, and what comes of it (engine-protocol.md sections 2 to 4).
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/decide.h"

namespace pawl::ports {

using Lane = std::uint16_t;  // 0 … 4095, the low 12 bits of a run id

struct RunKey {
  Uuid tenant, run;
  auto operator<=>(const RunKey&) const = default;
};

struct InvocationKey {
  Uuid tenant, invocation;
  auto operator<=>(const InvocationKey&) const = default;
};

struct InboxKey {
  Uuid tenant, id;
  auto operator<=>(const InboxKey&) const = default;
};

// The columns of workflow_runs that are written once, at the start.
struct RunHead {
  Uuid definition, version;
  std::string trigger_kind;              // api, …
  std::string idempotency_key;           // empty: none
  std::optional<Sha256> request_sha256;  // with a key: what the request was
  std::string queue;                     // the start request's; may be empty
  std::uint8_t priority = 5;
  std::string correlation_id;  // empty: none
  Time started_at{};           // ts of its first event
};

// What one decision writes: the events, and what they change. Everything is of one run.
struct RunChange {
  RunKey key;
  std::uint32_t was = 0, now = 0;  // revision before and after; was = 0 for a start
  core::RunStatus status = core::RunStatus::pending;
  std::optional<Time> ended_at;
  Time updated_at{};        // ts of its last event: a run's events are read between its first and its last instant
  std::uint32_t epoch = 0;  // of the run's lane, as its owner took it
  core::Decision decision;
  std::vector<Uuid>
      accepted;  // of decision.resolved: ended in workers' own transactions, so that their rows are `completing`
};

struct Start {
  RunHead head;
  RunChange change;
};

// A claim or an extension of one; it writes no event.
struct Claim {
  InvocationKey key;
  std::uint32_t attempt = 1, lease = 0;  // lease as the engine knows it: the claim makes it lease + 1
  std::string worker;
  Microseconds for_time{};  // the lease's length
  bool counts = true;       // as a death until there is progress; not in the place of one that never reached its worker
};
struct Extension {
  InvocationKey key;
  std::uint32_t attempt = 1, lease = 0;  // must still be the newest
  Microseconds for_time{};
  bool progress = false;  // resets the count of deaths
};
// A late result was recorded (decision.late): the row remembers, so that a repetition is told "stale" without a second
// event.
struct LateMark {
  InvocationKey key;
  std::uint32_t attempt = 1, lease = 0;
};
// A row that has killed its worker too often leaves the queue (its task faults in the same batch's change).
struct Quarantine {
  InvocationKey key;
  std::uint32_t attempt = 1;
};

// A run whose history cannot be folded is suspended with the reason in its row (protocol section 5.5); lifted, with the
// status that its events say, once it can. It writes no event, and changes nothing of a run that has ended.
struct Suspension {
  RunKey key;
  std::string reason;  // at most 1,000 bytes, without U+0000; empty: lifted
  core::RunStatus status = core::RunStatus::suspended;
};

// Run keys are free of duplicates over starts and changes, keys of the inbox over the batch; invocation keys of claims
// and extensions over the whole batch.
struct Batch {
  std::vector<Start> starts;
  std::vector<RunChange> changes;
  std::vector<Claim> claims;
  std::vector<Extension> extensions;
  std::vector<LateMark> late;
  std::vector<Quarantine> quarantines;
  std::vector<Suspension> suspensions;  // done before the changes
  std::vector<InboxKey> inbox;          // rows that are done: deleted, counted
};

struct Granted {
  std::uint32_t lease = 0, deaths = 0;
  Time leased_until{};
};

struct Committed {
  std::vector<bool> won;  // per start; false: a run with that id exists
  std::vector<std::optional<Granted>>
      claims;  // per claim; none: refused (taken, resolved, or locked by a user's transaction)
  std::vector<std::optional<Granted>> extensions;  // per extension; none: not the newest lease any more
  Time database_time{};                            // clock_timestamp() within the transaction
};

struct CommitFailure {
  // As protocol section 3 sorts them; `unknown` is section 4: the transaction may have committed or not.
  enum class Kind : std::uint8_t { fenced, conflict, again, full, data, other, unknown } kind = Kind::unknown;
  std::string what;      // of a conflict: run, invocation, wait, inbox
  std::string sqlstate;  // empty when the server did not answer
  std::string message;   // for the log; never for a user
};

}  // namespace pawl::ports
