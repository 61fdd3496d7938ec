#include <algorithm>
#include <iterator>

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

pg::Params run_params(Uuid tenant, Uuid run) {
  pg::Params params;
  params.add(tenant).add(run);
  return params;
}

pg::Params event_params(Uuid tenant, Uuid run, std::uint32_t after, std::uint32_t most,
                        std::size_t bytes = page_bytes) {
  pg::Params params = run_params(tenant, run);
  params.add(static_cast<std::int32_t>(std::min<std::uint32_t>(after, INT32_MAX - 1)))
      .add(std::int64_t{most})
      .add(static_cast<std::int64_t>(bytes));
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

constexpr std::size_t payload_column = 4, more_column = 5;  // of read_events.sql

Result<EventPage> event_page(const pg::Rows& rows) {
  EventPage page;
  page.events.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    Result<core::Event> event = read_event(rows, i);
    if (!event) return fail(std::move(event.error()));
    page.events.push_back(std::move(*event));
  }
  if (!rows.empty() && rows.get<bool>(rows.size() - 1, more_column)) page.next_after = page.events.back().seq;
  return page;
}

std::size_t payload_bytes(const pg::Rows& rows) {
  std::size_t bytes = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) bytes += rows.text(i, payload_column).size();
  return bytes;
}

}  // namespace

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
          .revision = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 17)),
          .suspended_reason = rows.maybe_text(row, 18)};
}

// A history that is being read for its steps, page by page. The log only grows, so that pages of several moments fit.
struct Reads::History {
  Uuid tenant, run;
  Done<std::optional<Steps>> then;
  std::vector<core::Event> events;
  std::vector<std::pair<Uuid, std::string>> workers;  // by invocation
  std::size_t bytes = 0;

  Result<void> add(const pg::Results& results);
  Steps folded(bool cut) const;
  bool is_full() const { return events.size() >= steps_events_most || bytes >= steps_bytes_most; }
  std::uint32_t after() const { return events.empty() ? 0 : events.back().seq; }
};

Result<void> Reads::History::add(const pg::Results& results) {
  bytes += payload_bytes(results[first + 1]);
  Result<EventPage> page = event_page(results[first + 1]);
  if (!page) return fail(std::move(page.error()));
  std::ranges::move(page->events, std::back_inserter(events));
  const pg::Rows& named = results[first + 2];
  workers.clear();
  for (std::size_t i = 0; i < named.size(); ++i) workers.emplace_back(named.get<Uuid>(i, 0), named.text(i, 1));
  return {};
}

Steps Reads::History::folded(bool cut) const {
  Steps steps{.steps = fold_steps(events), .cut = cut};
  for (const auto& [invocation, worker] : workers) {
    for (Step& step : steps.steps) {
      if (step.invocation_id == invocation) step.worker = worker;
    }
  }
  return steps;
}

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

void Reads::events(Uuid tenant, Uuid run, std::uint32_t after, std::uint32_t limit, Done<std::optional<EventPage>> then,
                   std::size_t bytes) {
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run_exists.sql"), run_params(tenant, run))
      .add(statement("read_events.sql"), event_params(tenant, run, after, bounded(limit), bytes));
  ask<std::optional<EventPage>>(
      std::move(pipeline),
      [](const pg::Results& results) -> Result<std::optional<EventPage>> {
        if (results[first].empty()) return std::nullopt;
        Result<EventPage> page = event_page(results[first + 1]);
        if (!page) return fail(std::move(page.error()));
        page->status = core::parse_run_status(results[first].text(0, 0)).value_or(RunStatus::suspended);
        return std::move(*page);
      },
      std::move(then));
}

void Reads::steps(Uuid tenant, Uuid run, Done<std::optional<Steps>> then) {
  read_on(std::make_shared<History>(
      History{.tenant = tenant, .run = run, .then = std::move(then), .events = {}, .workers = {}}));
}

void Reads::read_on(std::shared_ptr<History> history) {
  const Uuid tenant = history->tenant, run = history->run;
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run_exists.sql"), run_params(tenant, run))
      .add(statement("read_events.sql"), event_params(tenant, run, history->after(), steps_events_at_once))
      .add(statement("read_run_workers.sql"), run_params(tenant, run));
  enum class Next : std::uint8_t { nothing, more, end };
  ask<Next>(
      std::move(pipeline),
      [history](const pg::Results& results) -> Result<Next> {
        if (results[first].empty()) return Next::nothing;
        if (Result<void> added = history->add(results); !added) return fail(std::move(added.error()));
        const pg::Rows& rows = results[first + 1];
        return !rows.empty() && rows.get<bool>(rows.size() - 1, more_column) ? Next::more : Next::end;
      },
      [this, history](Result<Next> next) {
        if (!next) return history->then(fail(std::move(next.error())));
        if (*next == Next::nothing) return history->then(std::optional<Steps>());
        if (*next == Next::more && !history->is_full()) return read_on(history);
        history->then(history->folded(*next == Next::more));
      });
}

}  // namespace pawl::store
