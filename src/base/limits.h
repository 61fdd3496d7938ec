// The limits that users meet, in one place (interfaces.md, HTTP); each is named in docs/limits.md, and the answer to
// what exceeds one names it. Limits that only one room knows stand in that room's own header.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pawl::limits {

inline constexpr std::size_t definition_bytes = 1 << 20;
inline constexpr std::size_t input_bytes = 1 << 20;   // a start's input
inline constexpr std::size_t output_bytes = 1 << 20;  // a task's output as a worker or a service gives it
inline constexpr std::size_t run_state_bytes = 4 << 20;
inline constexpr std::size_t batch_items = 1'000;  // starts, completions, heartbeats in one request
inline constexpr std::size_t header_bytes = 16 << 10;
inline constexpr std::size_t body_bytes = 8 << 20;
inline constexpr std::size_t idempotency_key_bytes = 255;
inline constexpr std::size_t name_bytes = 255;  // task names, queues, workers, actions
inline constexpr std::size_t page_items = 200;  // the most of one page of a list; 50 unless asked
inline constexpr std::size_t page_items_default = 50;
inline constexpr std::chrono::seconds wait_longest{60};  // ?wait= and a poll's wait
inline constexpr std::size_t streams = 2'000;            // of runs' events, open on one server
inline constexpr std::size_t streams_of_tenant = 500;    // of them, of one tenant

// What workers log for their tasks. Beyond the first a message is cut, beyond the others lines are dropped and counted.
inline constexpr std::size_t log_line_bytes = 8 << 10;
inline constexpr std::uint32_t log_lines_of_task = 1'000;  // through all its attempts
inline constexpr std::uint32_t log_lines_of_run = 10'000;

// One decision of a run (engine-protocol.md section 2).
inline constexpr std::uint32_t decision_events = 1'000;
inline constexpr std::size_t decision_bytes = 1 << 20;

inline constexpr std::uint16_t lanes = 4'096;

}  // namespace pawl::limits
