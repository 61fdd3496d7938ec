// What the engine counts, for all loops of a process together.
#pragma once

#include "base/metrics.h"

namespace pawl::engine {

struct LoopMetrics {
  explicit LoopMetrics(Metrics& metrics)
      : batches(metrics.counter("pawl_batches_total", "Batches that were committed.")),
        rows(metrics.counter("pawl_batch_rows_total", "Rows that committed batches have written.")),
        commit_seconds(
            metrics.histogram("pawl_commit_seconds", "From sending a batch to its answer.", latency_bounds())),
        failures(metrics.counter("pawl_batch_failures_total", "Batches that were answered with an error.")),
        unknown(metrics.counter("pawl_batch_outcome_unknown_total", "Batches that were not answered.")),
        recoveries(metrics.counter("pawl_loop_recoveries_total", "How often a loop fenced itself and began anew.")),
        lanes_taken(metrics.counter("pawl_lanes_taken_total", "Lanes that loops of this process took over.")),
        decisions(metrics.counter("pawl_decisions_total", "Decisions of runs.")),
        runs_started(metrics.counter("pawl_runs_started_total", "Runs that were started.")),
        runs_ended(metrics.counter("pawl_runs_ended_total", "Runs that have ended.")),
        runs_loaded(metrics.counter("pawl_runs_loaded_total", "Runs that were folded from the log.")),
        quarantined(metrics.counter("pawl_runs_quarantined_total", "Runs whose history could not be folded.")),
        poisoned(metrics.counter("pawl_runs_poisoned_total", "Stimuli that the database could not store.")),
        claims(metrics.counter("pawl_claims_total", "Tasks that were given to workers.")),
        claims_refused(metrics.counter("pawl_claims_refused_total", "Claims that the database refused.")),
        lapses(metrics.counter("pawl_lease_lapses_total", "Leases that ran out without a result.")),
        work_quarantined(metrics.counter("pawl_work_quarantined_total", "Tasks that killed their workers too often.")),
        timers_fired(metrics.counter("pawl_timers_fired_total", "Timers that became due.")),
        calls(metrics.counter("pawl_calls_total", "HTTP calls that runs made.")),
        asked(metrics.counter("pawl_inbox_total", "What applications have asked for in their own transactions.")),
        refused(metrics.counter("pawl_overloaded_total", "Calls that were refused because too much was waiting.")),
        retained(metrics.gauge("pawl_retained", "Stimuli that wait for their batch.")),
        in_flight(metrics.gauge("pawl_batches_in_flight", "Batches that are being committed.")),
        tasks_ready(metrics.gauge("pawl_tasks_ready", "Tasks in memory that wait for a worker.")),
        tasks_open(metrics.gauge("pawl_tasks_open", "Tasks and calls in memory that have no result yet.")),
        timers(metrics.gauge("pawl_timers", "Timers in memory: those due soon.")),
        runs_in_memory(metrics.gauge("pawl_runs_in_memory", "Runs whose state is in memory.")),
        in_quarantine(
            metrics.gauge("pawl_runs_in_quarantine", "Runs for which nothing is decided: somebody must look.")),
        run_bytes(metrics.gauge("pawl_run_bytes", "What these states take, as estimated.")) {}

  Counter &batches, &rows;
  Histogram& commit_seconds;
  Counter &failures, &unknown, &recoveries, &lanes_taken, &decisions, &runs_started, &runs_ended, &runs_loaded,
      &quarantined, &poisoned, &claims, &claims_refused, &lapses, &work_quarantined, &timers_fired, &calls, &asked,
      &refused;
  Gauge &retained, &in_flight, &tasks_ready, &tasks_open, &timers, &runs_in_memory, &in_quarantine, &run_bytes;
};

}  // namespace pawl::engine
