// The decision of one run: a pure function of program, state, stimulus and inputs.
//
// decide() turns a stimulus into events, and applies each to the state as it emits it, so that afterwards the state
// equals the fold of all events (a test's property). It walks until the run needs the outside world, ends, or reaches
// its bound. apply() replays one event from the log; it evaluates no expression.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "base/problem.h"
#include "core/event.h"
#include "core/pending.h"
#include "core/state.h"
#include "core/stimulus.h"
#include "dsl/program.h"
#include "expr/budget.h"

namespace pawl::core {

struct Inputs {
  Time now{};                // database time; the decision's ts is max(this, the run's last ts)
  std::uint64_t random = 0;  // for jitter
  expr::Budget budget{};     // of all expressions of this decision
  std::uint32_t max_events = 1'000;
  std::size_t max_bytes = 1 << 20;  // of payloads
};

// An invocation that stops being open. `revoked`: nobody wants its result any more (timeout, cancel, a failed sibling).
struct Resolved {
  Uuid id;
  std::uint32_t attempt = 1;
  enum class How : std::uint8_t { completed, failed, revoked } how = How::revoked;
};

// The changes are net: what opens and closes within one decision is in none of the lists.
struct Decision {
  std::vector<Event> events;  // may be empty: see `ignored`
  std::vector<Wait> opened;
  std::vector<std::uint32_t> closed;  // wait_no
  std::vector<Invocation> requested;  // attempt 1: a new row; above: the row is re-opened
  std::vector<Resolved> resolved;
  bool late = false;  // the stimulus was a result nobody waits for any more; recorded as invocation.late
  // Why the stimulus had no effect and no event: code `run-ended`, `wait-closed`, `stale-attempt`. Nothing else is
  // swallowed.
  std::optional<Problem> ignored;
};

Decision decide(const dsl::Program& program, RunState& state, const Stimulus& stimulus, const Inputs& inputs);

// An event that does not fit the state (a hole in seq, an unknown path that must be known) is an error: the run is
// quarantined.
Result<void> apply(const dsl::Program& program, RunState& state, const Event& event);

Pending pending(const RunState& state);

}  // namespace pawl::core
