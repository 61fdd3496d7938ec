// Calls that the engine itself makes to the outside (`call: http`; later scripts and processes).
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <variant>

#include "base/time.h"
#include "core/stimulus.h"
#include "json/value.h"

namespace pawl::ports {

struct Call {
  std::string action;  // "http"
  json::Value with;    // the evaluated arguments: {method, endpoint, headers?, body?, query?, output?, redirect?}
  std::string idempotency_key;  // sent along, the same for each retry and re-send
};

struct CallFailure {
  json::Value error;  // {type, status, title, detail}
  core::Effect effect = core::Effect::unknown;
  std::optional<Microseconds> retry_after;
};
using CallOutcome = std::variant<json::Value, CallFailure>;  // the task's raw output, or why there is none

using CallId = std::uint64_t;  // never 0

class Transport {
 public:
  virtual ~Transport() = default;
  // Calls back once, never before it returned, on the caller's thread; not at all after abort(). Time, size and
  // redirects are bounded.
  virtual CallId call(Call call, std::move_only_function<void(CallOutcome)> then) = 0;
  virtual void abort(CallId call) = 0;  // a no-op once it has called back
};

}  // namespace pawl::ports
