// What one evaluation may use (rule J2). Work is charged before it is done.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>

namespace pawl::expr {

// `steps` and `bytes` are what is left and go down by use, so that one budget may span the evaluations of a whole
// decision; the others are bounds of each evaluation. Not shared between threads, but for the flag that `stop` points
// to, which must outlive the evaluation. A used-up budget gives the problem `expression-budget` whose instance names
// the limit
// (`steps`, `bytes`, `frames`, `depth`, `array-items`, `string-bytes`, `result-bytes`).
struct Budget {
  std::uint64_t steps = 1'000'000;
  std::size_t bytes = 48 << 20;             // allocated in all, whether or not freed since
  std::uint32_t frames = 10'000;            // of calls; a call in tail position replaces its caller's
  std::uint32_t depth = 512;                // levels of a value, keys of a path
  std::uint32_t array_items = 1'000'000;    // of one array
  std::size_t string_bytes = 4 << 20;       // of one string
  std::size_t result_bytes = 1 << 20;       // json::Value::size_bytes of the result
  const std::atomic<bool>* stop = nullptr;  // set by another thread: the evaluation ends with `runtime`, 503
};

// Limits of a program's text, checked when it is compiled (J2).
inline constexpr std::size_t program_bytes = 16 << 10;
inline constexpr std::size_t program_nesting = 200;
inline constexpr std::size_t program_definitions = 256;

}  // namespace pawl::expr
