#include <algorithm>

#include "store/postgres/read_rows.h"
#include "store/reads/fold_steps.h"
#include "store/reads/pipeline.h"

namespace pawl::store {

namespace {

using core::RunStatus;

// Which index can answer: see read_runs.sql.
std::string_view kind_of(const std::optional<RunStatus>& status) {
  if (!status) return "any";
  if (!core::has_ended(*status)) return "open";
  return *status == RunStatus::completed ? "ended" : "trouble";
}

RunRow run_row(const pg::Rows& rows, std::size_t row) {
  return {.id = rows.get<Uuid>(row, 0),
          .definition_id = rows.get<Uuid>(row, 1),
          .version_id = rows.get<Uuid>(row, 2),
          .namespace_ = std::string(rows.text(row, 3)),
          .name = std::string(rows.text(row, 4)),
          .version = std::string(rows.text(row, 5)),
          .status = core::parse_run_status(rows.text(row, 6)).value_or(RunStatus::suspended),
          .trigger_kind = std::string(rows.text(row, 7)),
          .queue = rows.maybe_text(row, 8),
          .idempotency_key = rows.maybe_text(row, 10),
          .correlation_id = rows.maybe_text(row, 11),
          .priority = static_cast<std::uint8_t>(rows.get<std::int16_t>(row, 9)),
          .parent_run_id = rows.maybe<Uuid>(row, 12),
          .root_run_id = rows.get<Uuid>(row, 13),
          .started_at = rows.get<Time>(row, 14),
          .updated_at = rows.get<Time>(row, 15),
          .ended_at = rows.maybe<Time>(row, 16),
          .revision = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 17))};
}

pg::Params run_params(Uuid tenant, Uuid run) {
  pg::Params params;
  params.add(tenant).add(run);
  return params;
}

pg::Params event_params(Uuid tenant, Uuid run, std::uint32_t after, std::int64_t rows) {
  pg::Params params = run_params(tenant, run);
  params.add(static_cast<std::int32_t>(std::min<std::uint32_t>(after, INT32_MAX))).add(rows);
  return params;
}

// The members of a first and a last event's payload.
Result<void> add_ends(RunDetail& detail, const pg::Rows& first_event, const pg::Rows& last_event) {
  if (!first_event.empty()) {
    Result<json::Value> payload = read_json(first_event.text(0, 0));
    if (!payload) return fail(std::move(payload.error()));
    if (const json::Value* input = payload->find("input")) detail.input = *input;
  }
  if (!last_event.empty()) {
    Result<json::Value> payload = read_json(last_event.text(0, 0));
    if (!payload) return fail(std::move(payload.error()));
    if (const json::Value* output = payload->find("output")) detail.output = *output;
    if (const json::Value* error = payload->find("error")) detail.error = *error;
  }
  return {};
}

Result<std::vector<core::Event>> read_events(const pg::Rows& rows, std::size_t most) {
  std::vector<core::Event> events;
  events.reserve(std::min(rows.size(), most));
  for (std::size_t i = 0; i < rows.size() && i < most; ++i) {
    Result<core::Event> event = read_event(rows, i);
    if (!event) return fail(std::move(event.error()));
    events.push_back(std::move(*event));
  }
  return events;
}

Result<std::optional<EventPage>> event_page(const pg::Rows& run, const pg::Rows& rows, std::uint32_t limit) {
  if (run.empty()) return std::nullopt;
  Result<std::vector<core::Event>> events = read_events(rows, limit);
  if (!events) return fail(std::move(events.error()));
  EventPage page{.events = std::move(*events), .next_after = std::nullopt};
  if (rows.size() > limit) page.next_after = page.events.back().seq;
  return page;
}

Result<std::optional<Steps>> folded(const pg::Rows& run, const pg::Rows& rows, const pg::Rows& workers) {
  if (run.empty()) return std::nullopt;
  Result<std::vector<core::Event>> events = read_events(rows, steps_events_most);
  if (!events) return fail(std::move(events.error()));
  Steps steps{.steps = fold_steps(*events), .cut = rows.size() > steps_events_most};
  for (std::size_t i = 0; i < workers.size(); ++i) {
    for (Step& step : steps.steps) {
      if (step.invocation_id == workers.get<Uuid>(i, 0)) step.worker = workers.text(i, 1);
    }
  }
  return steps;
}

}  // namespace

void Reads::runs(Uuid tenant, RunFilter filter, PageOptions page, Done<Page<RunRow>> then) {
  const std::uint32_t limit = bounded(page.limit);
  pg::Params params;
  params.add(tenant)
      .add(page.after ? std::optional(page.after->time) : std::nullopt)
      .add(page.after ? std::optional(page.after->id) : std::nullopt)
      .add(kind_of(filter.status))
      .add(filter.status ? std::optional(core::name(*filter.status)) : std::nullopt)
      .add(filter.definition ? std::optional(filter.definition->first) : std::nullopt)
      .add(filter.definition ? std::optional(filter.definition->second) : std::nullopt)
      .add(filter.started_from)
      .add(filter.started_before)
      .add(one_more(limit));
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_runs.sql"), std::move(params));
  ask<Page<RunRow>>(
      std::move(pipeline),
      [limit](const pg::Results& results) -> Result<Page<RunRow>> {
        return page_of<RunRow>(results[first], limit, run_row,
                               [](const RunRow& last) { return ListPlace{last.started_at, last.id}; });
      },
      std::move(then));
}

void Reads::run(Uuid tenant, Uuid run, Done<std::optional<RunDetail>> then) {
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run.sql"), run_params(tenant, run))
      .add(statement("read_run_input.sql"), run_params(tenant, run))
      .add(statement("read_run_end.sql"), run_params(tenant, run));
  ask<std::optional<RunDetail>>(
      std::move(pipeline),
      [](const pg::Results& results) -> Result<std::optional<RunDetail>> {
        if (results[first].empty()) return std::nullopt;
        RunDetail detail{.row = run_row(results[first], 0), .input = {}, .output = std::nullopt, .error = std::nullopt};
        if (Result<void> added = add_ends(detail, results[first + 1], results[first + 2]); !added) {
          return fail(std::move(added.error()));
        }
        return detail;
      },
      std::move(then));
}

void Reads::events(Uuid tenant, Uuid run, std::uint32_t after, std::uint32_t limit,
                   Done<std::optional<EventPage>> then) {
  const std::uint32_t most = bounded(limit);
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run_exists.sql"), run_params(tenant, run))
      .add(statement("read_events.sql"), event_params(tenant, run, after, one_more(most)));
  ask<std::optional<EventPage>>(
      std::move(pipeline),
      [most](const pg::Results& results) { return event_page(results[first], results[first + 1], most); },
      std::move(then));
}

void Reads::steps(Uuid tenant, Uuid run, Done<std::optional<Steps>> then) {
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run_exists.sql"), run_params(tenant, run))
      .add(statement("read_events.sql"), event_params(tenant, run, 0, one_more(steps_events_most)))
      .add(statement("read_run_workers.sql"), run_params(tenant, run));
  ask<std::optional<Steps>>(
      std::move(pipeline),
      [](const pg::Results& results) { return folded(results[first], results[first + 1], results[first + 2]); },
      std::move(then));
}

}  // namespace pawl::store
