// The states of a run (language-semantics.md section 8), with the names that SQL, the API and the docs use.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

namespace pawl::core {

enum class RunStatus : std::uint8_t {
  pending,
  running,
  waiting,
  suspended,
  cancelling,
  compensating,  // open
  completed,
  faulted,
  cancelled,
  compensated,          // ended
  compensation_failed,  // halted: an operator decides
};

std::string_view name(RunStatus status);
std::optional<RunStatus> parse_run_status(std::string_view text);
constexpr bool has_ended(RunStatus status) {
  return status >= RunStatus::completed && status <= RunStatus::compensated;
}

// What a wait waits for. `continue_`: the rest of a decision that was cut at its bound.
enum class WaitKind : std::uint8_t { timer, retry, timeout, continue_ };
std::string_view name(WaitKind kind);
std::optional<WaitKind> parse_wait_kind(std::string_view text);

}  // namespace pawl::core
