// The bounds of the engine: every queue, window and table in memory has one. What exceeds a bound waits in the database
// or is answered 429 `overloaded` before memory grows; results of work already done are accepted up to four times the
// bound.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>

namespace pawl::engine::limits {

// A batch closes at either (engine-protocol.md section 2).
inline constexpr std::size_t batch_rows = 1'000;
inline constexpr std::size_t batch_bytes = 1 << 20;
inline constexpr std::size_t batches_in_flight = 2;

// Stimuli that wait for their answer, per loop; one tenant may hold half of them.
inline constexpr std::size_t retained_stimuli = 20'000;
inline constexpr std::size_t retained_bytes = 128 << 20;
inline constexpr std::size_t results_factor = 4;

// Runs in memory, per loop, by core::RunState::size_bytes. Runs with something in flight are never evicted.
inline constexpr std::size_t run_bytes = 64 << 20;
inline constexpr std::size_t runs_loading = 256;  // loads at once, per loop

// Compiled programs, per process: by the bytes of their sources, and by number.
inline constexpr std::size_t program_source_bytes = 32 << 20;
inline constexpr std::size_t programs = 10'000;

// Ready invocations in memory per (loop, tenant, queue), and all ready ones and all leased ones of a loop, of which
// each tenant has its share (engine/shares.h); the others are in the table alone until there is room. What is claimed,
// called or decided at the moment comes on top: it is bounded by what is retained.
inline constexpr std::size_t queue_window = 10'000;
inline constexpr std::size_t invocations = 100'000;

// Of the inputs that are in memory with them, per loop. Three quarters of it are for those that are kept in case that
// somebody wants them, the rest is for those that are read because somebody does: how large one is shows only then, so
// that for each that is being read as much is set aside as a large one has.
inline constexpr std::size_t input_bytes = 64 << 20;
inline constexpr std::size_t input_bytes_read = 1 << 20;
inline constexpr std::uint32_t input_reads = 3;  // that fail: then it is put off, and others are read

inline constexpr std::size_t timers = 100'000;              // per loop: beyond it the horizon comes nearer
inline constexpr std::size_t calls_at_once = 256;           // HTTP calls of the engine, of all loops of a node
inline constexpr std::size_t calls_of_tenant_at_once = 64;  // of them, at most (engine/call_queue.h)
inline constexpr std::size_t call_window = 1'000;           // those that wait in memory, per (loop, tenant)
inline constexpr std::size_t quarantined_runs = 10'000;     // remembered, per loop
inline constexpr std::size_t reason_bytes = 1'000;          // of a suspension

inline constexpr std::size_t polls_per_tenant = 1'000;  // waiting
inline constexpr std::size_t polls = 10'000;
inline constexpr std::size_t poll_bytes = 8 << 20;     // of inputs for one poll: the task that reaches it is its last
inline constexpr std::size_t watches = 50'000;         // calls that wait for a run's end, per loop
inline constexpr std::size_t spilled_queues = 10'000;  // per loop: noted as having more in the table than in memory
inline constexpr std::size_t asked_actions = 1'000;    // of a queue: remembered, with when they were asked for
inline constexpr std::size_t idle_channels = 1'024;    // (tenant, queue) pairs kept though nothing is in them

inline constexpr std::uint32_t deaths = 5;  // claims without progress, then the work is quarantined
// Claims of one piece of work that its worker may disown before they count as deaths all the same: answers are not lost
// so often, but a worker that comes back under its name after each death disowns them, too.
inline constexpr std::uint32_t lost_answers = 20;
inline constexpr std::uint32_t page_rows = 1'000;  // of one read of a recovery

inline constexpr std::uint32_t inbox_page_rows = 100;  // of one read; each may have 1 MiB
inline constexpr std::size_t inbox_rows = 1'000;       // that a loop does at a time, at most
// So long a row waits for its run to appear, from when it is first read: one that cancels may come before the start.
inline constexpr std::chrono::seconds inbox_waits_for_run{60};

// Deficit round robin between tenants: what a turn adds, in the unit of one row or 1 KiB.
inline constexpr std::int64_t turn_credit = 64;

}  // namespace pawl::engine::limits
