// What the world asks of the engine, and what it answers. Plain values: http/ makes them from requests, the simulator
// from a seed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/status.h"
#include "core/stimulus.h"
#include "json/value.h"

namespace pawl::engine {

struct StartRun {
  Uuid tenant;
  std::string namespace_, name, version;  // version empty: the active one
  json::Value input;                      // null: none was given, the run gets {}
  std::string idempotency_key;            // empty: none; the run's id then follows from a random number
  Sha256 request_sha256{};  // of the request as sent: the same key with another one is 422 idempotency-mismatch
  std::string queue, correlation_id;
  std::uint8_t priority = 5;
  std::string trigger_kind = "api";
};

// A run at a committed revision, never above it.
struct RunView {
  Uuid tenant, id, definition_id, version_id;
  std::string namespace_, name, version;
  core::RunStatus status = core::RunStatus::pending;
  json::Value input, output, error;  // output and error null when they do not apply
  std::string trigger_kind, queue, idempotency_key, correlation_id;
  std::uint8_t priority = 5;
  Time started_at{}, updated_at{};
  std::optional<Time> ended_at;
  bool existed = false;  // a start that found its key taken: this is that run
};

// What leaves in a token: base64url of (format, tenant, invocation, attempt, lease). Unsigned: the bearer token is the
// authority. The low 12 bits of an invocation's id are its run's lane, so that any node can find the owner.
struct TaskToken {
  Uuid tenant, invocation;
  std::uint32_t attempt = 1, lease = 1;
  std::string text() const;
  static std::optional<TaskToken> parse(std::string_view text);
};

struct PollTasks {
  Uuid tenant;
  std::string queue, worker;
  std::vector<std::string> actions;  // what this worker can do; it gets no others
  std::uint32_t max = 1;             // 1 … limits::batch_items
  Microseconds wait{0};              // how long to wait while there is nothing
  // What the worker has in hand, when it says so: after a lost answer it cannot know what was claimed for it. Whatever
  // else of this queue is leased to a worker of this name is offered again at once.
  std::optional<std::vector<TaskToken>> holding = std::nullopt;
};

struct Assignment {
  TaskToken token;
  std::string action, version;
  json::Value input;
  std::uint32_t attempt = 1;
  std::string idempotency_key;
  Time deadline{};
  Uuid run;
  std::string namespace_, name, definition_version, path;
};

struct TaskResult {
  TaskToken token;
  bool failed = false;
  json::Value output;  // when it did not fail
  json::Value error;   // {type?, status?, title?, detail?} when it did
  core::Effect effect = core::Effect::not_done;
  std::optional<Microseconds> retry_after;
};
enum class Accepted : std::uint8_t { done, stale, unknown_token };

struct Heartbeat {
  TaskToken token;
  bool progress = false;
};
struct HeartbeatAnswer {
  Accepted result = Accepted::done;
  std::optional<Time> deadline;
};

// What the owner's memory adds to the row of open work, for people who ask why it is not done.
struct WorkView {
  bool known = false;          // here, and in memory
  bool resolving = false;      // a result is being committed
  std::uint32_t refusals = 0;  // claims since the last that was granted: its row was locked, or not claimable
  std::size_t ahead = 0;       // of the same queue and action, ready and in memory here, that go before it
  std::size_t polls = 0;       // that wait for such work now
  std::optional<Time> asked_at = std::nullopt;  // the last poll for such work
};

}  // namespace pawl::engine
