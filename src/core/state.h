// What a run is now: the fold of its events. Values are shared, so that a copy is cheap; whoever holds one owns it
// alone.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>

#include "base/time.h"
#include "base/uuid.h"
#include "core/status.h"
#include "json/value.h"

namespace pawl::core {

struct Frames;  // the open executions: core/frames.h, for core/ alone

class RunState {
 public:
  RunState(Uuid tenant, Uuid run);
  RunState(RunState&&) noexcept;
  RunState& operator=(RunState&&) noexcept;
  RunState(const RunState&) = delete;
  ~RunState();

  Uuid tenant() const;
  Uuid run() const;
  RunStatus status() const;        // pending before the first event
  std::uint32_t revision() const;  // seq of the last event; 0 before the first
  Time started_at() const;
  Time last_ts() const;
  std::optional<Time> ended_at() const;
  const json::Value& input() const;   // raw
  const json::Value& output() const;  // null unless completed
  const json::Value& error() const;   // null unless faulted: {type, status, title, detail?, instance}
  std::size_t size_bytes() const;     // an estimate for memory budgets and the limit of a state's size

  const Frames& frames() const { return *frames_; }
  Frames& frames() { return *frames_; }

 private:
  std::unique_ptr<Frames> frames_;
};

}  // namespace pawl::core
