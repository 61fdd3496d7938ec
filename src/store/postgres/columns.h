// Rows turned into columns: what the batch's statements take as binary arrays for unnest(). Each struct is one table's,
// its members in the order of the statement's parameters.
#pragma once

#include <string>

#include "pg/params.h"
#include "ports/batch.h"

namespace pawl::store {

struct RunColumns {
  pg::Array<Uuid> tenant, run, definition, version;
  pg::Array<std::int16_t> lane;
  pg::Array<std::string_view> status;
  pg::Array<std::int32_t> revision;
  pg::Array<std::int16_t> priority;
  pg::Array<std::string_view> queue, trigger_kind, idempotency_key;
  pg::Array<pg::Bytea> request_sha256;
  pg::Array<std::string_view> correlation_id;
  pg::Array<Time> started_at, updated_at, ended_at;

  void add(const ports::Start& start);
  void write(pg::Params& params) const;
};

struct RunUpdateColumns {
  pg::Array<Uuid> tenant, run;
  pg::Array<std::int32_t> was, now;
  pg::Array<std::string_view> status;
  pg::Array<Time> updated_at, ended_at;

  void add(const ports::RunChange& change);
  void write(pg::Params& params) const;
};

struct EventColumns {
  pg::Array<Uuid> tenant, run;
  pg::Array<std::int32_t> seq;
  pg::Array<Time> ts;
  pg::Array<std::string_view> type, path;
  pg::Array<std::int32_t> epoch;
  pg::Array<pg::Jsonb> payload;

  void add(const ports::RunChange& change);  // all its events
  void write(pg::Params& params) const;

 private:
  std::string text_;  // of one payload; kept for its memory
};

struct OpenedWaitColumns {
  pg::Array<Uuid> tenant, run;
  pg::Array<std::int32_t> wait_no;
  pg::Array<std::int16_t> lane;
  pg::Array<std::string_view> kind, path;
  pg::Array<Time> due_at, opened_at;

  void add(const ports::RunChange& change);  // all that it opened
  void write(pg::Params& params) const;
};

struct ClosedWaitColumns {
  pg::Array<Uuid> tenant, run;
  pg::Array<std::int32_t> wait_no;

  void add(const ports::RunChange& change);  // all that it closed
  void write(pg::Params& params) const;
};

// Invocations that a change requested with attempt 1: new rows.
struct RequestedColumns {
  pg::Array<Uuid> tenant, invocation, run;
  pg::Array<std::string_view> path;
  pg::Array<std::int32_t> event_seq;
  pg::Array<Time> event_ts;
  pg::Array<std::int16_t> lane;
  pg::Array<std::string_view> queue, action, version, key;
  pg::Array<std::int16_t> priority;  // of starts; a change's follows its run in the statement

  void add(const ports::RunChange& change, std::uint8_t run_priority);
  void write(pg::Params& params) const;  // without the priority
};

// … with a higher one: their rows are opened again.
struct ReopenedColumns {
  pg::Array<Uuid> tenant, invocation;
  pg::Array<std::int32_t> attempt;
  pg::Array<std::string_view> path;
  pg::Array<std::int32_t> event_seq;
  pg::Array<Time> event_ts;
  pg::Array<std::string_view> queue;

  void add(const ports::RunChange& change);
  void write(pg::Params& params) const;
};

struct ResolvedColumns {
  pg::Array<Uuid> tenant, invocation;
  pg::Array<std::int32_t> attempt;
  pg::Array<std::string_view> resolution;
  pg::Array<Time> resolved_at;
  pg::Array<bool> accepted;

  void add(const ports::RunChange& change);  // all that it resolved
  void write(pg::Params& params) const;
};

struct SuspensionColumns {
  pg::Array<Uuid> tenant, run;
  pg::Array<std::string_view> status, reason;

  void add(const ports::Suspension& suspension);
  void write(pg::Params& params) const;
};

struct InboxColumns {
  pg::Array<Uuid> tenant, id;

  void add(const ports::InboxKey& key);
  void write(pg::Params& params) const;
};

// Late marks and quarantines: no more than the row's key and the attempt it must be at.
struct AttemptColumns {
  pg::Array<Uuid> tenant, invocation;
  pg::Array<std::int32_t> attempt;

  void add(const ports::InvocationKey& key, std::uint32_t at_attempt);
  void write(pg::Params& params) const;
};

struct ClaimColumns {
  pg::Array<Uuid> tenant, invocation;
  pg::Array<std::int32_t> attempt, lease;
  pg::Array<std::string_view> worker;
  pg::Array<Microseconds> for_time;
  pg::Array<bool> counts;

  void add(const ports::Claim& claim);
  void write(pg::Params& params) const;
};

struct ExtensionColumns {
  pg::Array<Uuid> tenant, invocation;
  pg::Array<std::int32_t> attempt, lease;
  pg::Array<Microseconds> for_time;
  pg::Array<bool> progress;

  void add(const ports::Extension& extension);
  void write(pg::Params& params) const;
};

}  // namespace pawl::store
