// What a run has open in the world: the projections that are written with its events, and must equal the fold of them.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "core/status.h"
#include "json/value.h"

namespace pawl::core {

struct Wait {
  std::uint32_t wait_no = 0;  // 1, 2, 3 … per run; never reused
  WaitKind kind = WaitKind::timer;
  std::string path;  // of the task that waits; /timeout for the workflow's own
  Time due_at{};
};

struct Invocation {
  Uuid id;  // derived from (tenant, run, key): one row per key, re-opened by each attempt
  std::string path, queue, action, version, key;
  std::uint32_t attempt = 1;    // 1, 2, 3 … of this key
  std::uint32_t event_seq = 0;  // the event that holds its input
  Time event_ts{};
  json::Value with;  // what the action gets
};

struct Pending {
  std::vector<Wait> waits;              // by wait_no
  std::vector<Invocation> invocations;  // by event_seq
};

}  // namespace pawl::core
