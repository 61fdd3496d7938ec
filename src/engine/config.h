// What can be set of the engine; the bounds stand in limits.h.
#pragma once

#include <chrono>
#include <cstdint>

#include "base/time.h"
#include "base/uuid.h"
#include "engine/inbox.h"
#include "engine/limits.h"
#include "expr/budget.h"
#include "ports/storage.h"

namespace pawl::engine {

// Test seam: removes one safeguard that lives in the engine, so that a directed test shows what it is for
// (engine-protocol.md section 12). Nothing but the simulator sets it.
struct Sabotage {
  bool resend_when_unknown = false;     // an unknown outcome is decided and sent again, without fencing oneself first
  bool effects_before_commit = false;   // tasks, HTTP calls and timers leave when the batch is sent
  bool answers_before_commit = false;   // calls are answered when the batch is sent
  bool claims_in_memory = false;        // a poll is answered without a committed claim
  bool forget_before_drain = false;     // after a definite error: reload before the other batch in flight has answered
  bool no_continue_row = false;         // the rest of a decision that was cut is known to memory alone
  bool cancel_before_result = false;    // a cancel overtakes a result that came before it
  bool calls_what_is_found = false;     // a sweep that finds a call which is out makes it again
  bool inbox_by_cursor = false;         // the inbox is read on from the last id that was seen
  bool trust_by_database_time = false;  // the lease is believed in until the database's time, as it is known, says no

  bool any() const {
    return resend_when_unknown || effects_before_commit || answers_before_commit || claims_in_memory ||
           forget_before_drain || no_continue_row || cancel_before_result || calls_what_is_found || inbox_by_cursor ||
           trust_by_database_time;
  }
};

struct LoopConfig {
  std::uint64_t seed = 1;                                // of run ids, jitter, back-off
  Microseconds task_lease = std::chrono::seconds(60);    // how long a claim holds without a heartbeat
  Microseconds call_timeout = std::chrono::seconds(20);  // a call that cannot be committed for so long is answered 503
  Microseconds horizon = std::chrono::seconds(60);       // waits due within it are in memory; refilled at half of it
  Microseconds sweep_pause = std::chrono::milliseconds(50);  // between the pages of the slow sweep
  Microseconds back_off_first = std::chrono::milliseconds(20), back_off_last = std::chrono::seconds(2);
  // After the last commit that the database refused, at least: longer than a pause between two tries of one.
  Microseconds trouble_lasts = std::chrono::seconds(3);
  Microseconds drain_grace = std::chrono::seconds(3);  // how long a drain waits for HTTP calls that are out
  InboxPace inbox{};
  expr::Budget budget{};                  // of the expressions of one decision
  std::uint32_t decision_events = 1'000;  // where a decision is cut
  std::size_t decision_bytes = 1 << 20;
  std::size_t batch_rows = limits::batch_rows;  // lower in tests
  std::uint32_t page_rows = limits::page_rows;
  std::size_t run_bytes = limits::run_bytes;
  std::size_t queue_window = limits::queue_window;
  std::size_t calls_at_once = limits::calls_at_once;  // of all loops
  std::size_t call_window = limits::call_window;
  std::size_t invocations = limits::invocations;
  std::size_t input_bytes = limits::input_bytes;
  std::size_t timers = limits::timers;
  std::size_t retained_stimuli = limits::retained_stimuli;
  Sabotage sabotage{};
};

struct NodeConfig {
  ports::NodeInfo info;  // node: random, new for each process; lease: 10 s
  std::uint64_t seed = 1;
  LoopConfig loop{};  // of each loop; the seed is made different
};

}  // namespace pawl::engine
