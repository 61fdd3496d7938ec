// A fact in a run's history. The list of types is closed (language-semantics.md, V1); docs/events.md has each payload.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "json/value.h"

namespace pawl::core {

enum class EventType : std::uint8_t {
  run_started,
  run_completed,
  run_faulted,
  run_cancelling,
  run_cancelled,
  task_started,
  task_completed,
  task_skipped,
  task_faulted,
  task_cancelled,
  task_retrying,
  iteration_started,
  wait_opened,
  wait_closed,
  invocation_requested,
  invocation_late,
};

std::string_view name(EventType type);  // run.started …
std::optional<EventType> parse_event_type(std::string_view text);

struct Event {
  std::uint32_t seq = 0;  // 1, 2, 3 … per run, without a gap
  EventType type = EventType::run_started;
  Time ts{};            // database time, never earlier than the predecessor's
  std::string path;     // the execution id (rule S4); empty for the run itself
  json::Value payload;  // an object
};

}  // namespace pawl::core
