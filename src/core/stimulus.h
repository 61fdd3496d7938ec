// What makes a run decide.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "base/uuid.h"
#include "json/value.h"

namespace pawl::core {

struct Start {
  json::Value input;    // {} when the request had none (rule D1)
  json::Value trigger;  // how it came to be, as `run.started` records it: {"kind": "api"}
  std::string queue;    // the start request's queue, used where neither task nor document names one; may be empty
};

// `lease` numbers the claim under which the work was done; 0 for work that the engine does itself.
struct Completed {
  Uuid invocation;
  std::uint32_t attempt = 1, lease = 0;
  json::Value output;
};

// `error` is {type, status, title?, detail?, instance?}; members that are missing are filled in by the core.
// Whether the work may have been done (rule C3) matters to compensation, and is kept with the error.
enum class Effect : std::uint8_t { not_done, done, unknown };
struct Failed {
  Uuid invocation;
  std::uint32_t attempt = 1, lease = 0;
  json::Value error;
  Effect effect = Effect::not_done;
  std::optional<Microseconds> retry_after;
};

struct TimerFired {
  std::uint32_t wait_no = 0;
};  // timer, retry, timeout and continue_ alike

struct Cancel {
  std::string reason;
};

// The engine could not store or fold what this run decided (protocol section 3, data errors): the run faults with this
// error.
struct Poisoned {
  json::Value error;
};

using Stimulus = std::variant<Start, Completed, Failed, TimerFired, Cancel, Poisoned>;

}  // namespace pawl::core
