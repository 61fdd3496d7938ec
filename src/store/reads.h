// What the HTTP API lists and pages, as typed values. Every read runs as pawl_reader and as the tenant (law 6), in one
// transaction and one round trip: a forgotten WHERE shows nothing. What is not there, or another tenant's, is nullopt.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/limits.h"
#include "base/problem.h"
#include "base/time.h"
#include "base/uuid.h"
#include "core/event.h"
#include "core/status.h"
#include "json/value.h"
#include "pg/pool.h"
#include "store/reads/probe.h"

namespace pawl::store {

// The last item of the page before: lists go by time, newest first, and by id among equals.
struct ListPlace {
  Time time;
  Uuid id;
};

struct PageOptions {
  std::optional<ListPlace> after;                    // none: the first page
  std::uint32_t limit = limits::page_items_default;  // 1 … limits::page_items; more is cut to that
};

template <class T>
struct Page {
  std::vector<T> items;
  std::optional<ListPlace> next;  // none: the last page
};

struct DefinitionRow {
  Uuid id;
  std::string namespace_, name, active_version;  // empty: none is active
  Time created_at{}, updated_at{};
};

struct VersionRow {
  Uuid id;
  std::string version;
  bool active = false;
  Time created_at{};
};

struct VersionDetail {
  Uuid definition_id, version_id;
  std::string namespace_, name, version;
  bool active = false;
  Time created_at{};
  std::string source, source_type;  // as it was sent, byte for byte
  json::Value document;
};

struct RunRow {
  Uuid id, definition_id, version_id;
  std::string namespace_, name, version;
  core::RunStatus status = core::RunStatus::pending;
  std::string trigger_kind, queue, idempotency_key, correlation_id;  // the last three may be empty
  std::uint8_t priority = 5;
  std::optional<Uuid> parent_run_id;
  Uuid root_run_id;
  Time started_at{}, updated_at{};
  std::optional<Time> ended_at;
  std::uint32_t revision = 0;
  std::string suspended_reason;  // may be empty
};

struct RunDetail {
  RunRow row;
  json::Value input;
  std::optional<json::Value> output, error;  // of a completed, of a faulted run
};

struct RunFilter {
  std::optional<core::RunStatus> status;
  std::optional<std::pair<std::string, std::string>> definition;  // namespace and name
  std::optional<Time> started_from, started_before;
};

// A page ends with the event or step that brings it beyond this, before the limit that was asked for: payloads may be
// large.
inline constexpr std::size_t page_bytes = 4 << 20;

struct EventPage {
  std::vector<core::Event> events;                    // by seq
  std::optional<std::uint32_t> next_after;            // none: the last page so far
  core::RunStatus status = core::RunStatus::pending;  // the run's, of the same moment
};

// The states of a task's execution (language-semantics.md section 8).
enum class StepStatus : std::uint8_t { running, waiting, completed, skipped, faulted, cancelled };
std::string_view name(StepStatus status);

// One execution of a task: the fold of its events. Members that do not apply are empty.
struct Step {
  std::string path, task, reference;  // the execution id, the task's name and its pointer in the document
  StepStatus status = StepStatus::running;
  std::uint32_t attempt = 1;
  Time started_at{};
  std::optional<Time> ended_at;
  std::optional<json::Value> input, output, error;  // input: only where it differs from the output before
  std::optional<Uuid> invocation_id;
  std::string worker;  // the last one that had it
};

struct Steps {
  std::vector<Step> steps;  // in the order in which they began
  bool cut = false;         // the run has more events than are read: steps are missing
};
inline constexpr std::uint32_t steps_events_most = 20'000, steps_events_at_once = 1'000;
inline constexpr std::size_t steps_bytes_most = 32 << 20;  // of the payloads of these events

// What is open of a run, and who decides it.
struct OpenWork {
  Uuid invocation;
  std::string path, queue, action, status, worker;  // status: ready, leased or completing; worker: its last
  std::uint32_t attempt = 1, deaths = 0;
  std::optional<Time> leased_until;
  Time available_at{};
};
struct OpenWait {
  std::string path, kind, attempt;  // attempt: which retry it is, where that is known
  std::optional<Time> due_at;
};
struct RunHolds {
  RunRow run;
  std::vector<OpenWork> work;   // the oldest first
  std::vector<OpenWait> waits;  // likewise
  std::string owner;            // the node that owned the run's lane last; empty: none ever did
  bool owner_is_live = false;   // its lease holds
  bool cut = false;             // more is open than holds_most of a kind
};
inline constexpr std::uint32_t holds_most = 200;

// What a worker logged for a task.
struct LogLine {
  std::uint32_t line = 0, attempt = 1;
  Time ts{};
  std::string level, path, message;
  bool cut = false;  // the message was longer
};
struct LogPage {
  std::vector<LogLine> lines;               // by number
  std::optional<std::uint32_t> next_after;  // none: the last page so far
  std::uint64_t dropped = 0;                // of the run, beyond the limits
};

struct ReadSettings {
  std::string conninfo;  // of a login that may become pawl_reader
  std::size_t connections = 4;
  Microseconds timeout = std::chrono::seconds(10);  // of one read, the wait for a connection included
};

// One thread, that of the io_context; destroying it drops what is unanswered without a call.
class Reads {
 public:
  Reads(boost::asio::io_context& io, ReadSettings settings);

  void definitions(Uuid tenant, PageOptions page, Done<Page<DefinitionRow>> then);
  // `version` empty: the active one.
  void definition(Uuid tenant, std::string namespace_, std::string name, std::string version,
                  Done<std::optional<VersionDetail>> then);
  void versions(Uuid tenant, std::string namespace_, std::string name, PageOptions page, Done<Page<VersionRow>> then);

  void runs(Uuid tenant, RunFilter filter, PageOptions page, Done<Page<RunRow>> then);
  void run(Uuid tenant, Uuid run, Done<std::optional<RunDetail>> then);
  // Those with seq > `after`; `bytes` as page_bytes is.
  void events(Uuid tenant, Uuid run, std::uint32_t after, std::uint32_t limit, Done<std::optional<EventPage>> then,
              std::size_t bytes = page_bytes);
  void steps(Uuid tenant, Uuid run, Done<std::optional<Steps>> then);

  void holds(Uuid tenant, Uuid run, Done<std::optional<RunHolds>> then);
  // Those with line > `after`.
  void logs(Uuid tenant, Uuid run, std::uint32_t after, std::uint32_t limit, Done<std::optional<LogPage>> then);

  // Whether a new connection can read, now or a moment ago. For readiness: cheap however often it is asked.
  void probe(Done<void> then) { probe_.ask(std::move(then)); }

 private:
  struct History;
  void read_on(std::shared_ptr<History> history);
  template <class T, class Read>
  void ask(pg::Pipeline pipeline, Read read, Done<T> then);

  ReadSettings settings_;
  pg::Pool pool_;
  Probe probe_;
};

}  // namespace pawl::store
