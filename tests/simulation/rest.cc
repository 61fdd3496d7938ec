#include "simulation/rest.h"

#include <algorithm>
#include <map>
#include <memory>

#include "core/laws.h"
#include "dsl/compile.h"
#include "simulation/workflows.h"

namespace pawl::simulation {

namespace {

// Compiled once: they are the same for every seed.
const dsl::Program& program_of(std::string_view source) {
  static std::map<std::string_view, std::shared_ptr<const dsl::Program>> programs;
  auto& program = programs[source];
  if (!program) program = dsl::compile(source).program;
  return *program;
}

core::RunRows rows_of(const store::memory::Tables& tables, const ports::RunKey& key, const store::memory::RunRow& run) {
  core::RunRows rows;
  rows.tenant = key.tenant;
  rows.run = key.run;
  rows.revision = run.revision;
  rows.status = run.status;
  rows.quarantined = !run.suspended_reason.empty();
  if (const auto log = tables.events.find(key); log != tables.events.end()) {
    for (const auto& row : log->second) {
      rows.events.push_back(row.event);
      rows.epochs.push_back(row.epoch);
    }
  }
  if (const auto lane = tables.lanes.find(key.run.lane()); lane != tables.lanes.end())
    rows.lane_epoch = lane->second.epoch;
  for (auto wait = tables.waits.lower_bound({key, 0}); wait != tables.waits.end() && wait->first.run == key; ++wait) {
    rows.waits.push_back(wait->second);
  }
  for (const auto& [id, row] : tables.invocations) {
    const bool open =
        row.status != ports::InvocationStatus::resolved && row.status != ports::InvocationStatus::quarantined;
    if (open && row.run == key.run && id.tenant == key.tenant) rows.invocations.push_back({id.invocation, row.attempt});
  }
  return rows;
}

// A run whose next wake-up is later than that is at rest; none of workflows.cc sleeps so long.
constexpr std::chrono::minutes soon{1};

bool waits_for_later(const core::RunRows& rows, Time now) {
  if (rows.waits.empty() || !rows.invocations.empty()) return false;
  return std::ranges::all_of(rows.waits, [&](const core::Wait& wait) { return wait.due_at > now + soon; });
}

}  // namespace

std::vector<std::string> violations_at_rest(const World& world) {
  std::vector<std::string> found;
  const auto& tables = world.database.tables();
  for (const auto& [key, run] : tables.runs) {
    const core::RunRows rows = rows_of(tables, key, run);
    const auto version = tables.versions.find({key.tenant, run.head.version});
    if (version == tables.versions.end()) {
      found.push_back("law 2: run " + key.run.text() + " has no version");
      continue;
    }
    for (const core::Violation& violation : core::check(program_of(source_of(version->second.name)), rows)) {
      found.push_back("law " + std::to_string(violation.law) + ": run " + key.run.text() + " of " +
                      version->second.name + ": " + violation.what);
    }
    if (!core::has_ended(run.status) && !waits_for_later(rows, world.scheduler.now())) {
      found.push_back("law 5: run " + key.run.text() + " of " + version->second.name +
                      " is stuck: " + std::string(core::name(run.status)) + ", revision " +
                      std::to_string(run.revision) + ", " + std::to_string(rows.waits.size()) + " waits, " +
                      std::to_string(rows.invocations.size()) + " invocations");
    }
  }
  for (const auto& [key, row] : tables.inbox) {
    found.push_back("law 5: what was asked of run " + row.run.text() + " is not done: kind " +
                    std::to_string(static_cast<int>(row.kind)));
  }
  return found;
}

std::string described(const World& world, const ports::RunKey& key) {
  const auto& tables = world.database.tables();
  const core::RunRows rows = rows_of(tables, key, tables.runs.at(key));
  std::string text = "run " + key.run.text() + ", " + std::string(core::name(rows.status)) + ", revision " +
                     std::to_string(rows.revision) + ", the lane's epoch " + std::to_string(rows.lane_epoch) + "\n";
  for (std::size_t i = 0; i < rows.events.size(); ++i) {
    const core::Event& event = rows.events[i];
    text += "  " + std::to_string(event.seq) + " " + format_time(event.ts) + " epoch " +
            std::to_string(rows.epochs[i]) + " " + std::string(core::name(event.type)) + " " + event.path + " " +
            json::to_text(event.payload) + "\n";
  }
  for (const core::Wait& wait : rows.waits) {
    text += "  wait " + std::to_string(wait.wait_no) + " " + std::string(core::name(wait.kind)) + " " + wait.path +
            " due " + format_time(wait.due_at) + "\n";
  }
  for (const auto& [id, row] : tables.invocations) {
    if (row.run != key.run) continue;
    text += "  invocation " + row.path + " attempt " + std::to_string(row.attempt) + " lease " +
            std::to_string(row.lease) + " deaths " + std::to_string(row.deaths) + " status " +
            std::to_string(static_cast<int>(row.status)) + " resolution " +
            std::to_string(static_cast<int>(row.resolution)) + " queue " + row.queue + "\n";
  }
  return text;
}

std::size_t stuck_runs(const World& world) {
  const auto& tables = world.database.tables();
  std::size_t stuck = 0;
  stuck += tables.inbox.size();
  for (const auto& [key, run] : tables.runs) {
    if (!core::has_ended(run.status) && !waits_for_later(rows_of(tables, key, run), world.scheduler.now())) ++stuck;
  }
  return stuck;
}

}  // namespace pawl::simulation
