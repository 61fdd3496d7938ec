#include <algorithm>
#include <chrono>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/following.h"
#include "cli/history.h"
#include "cli/waiting.h"
#include "http/message.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

// All pages of a list that belongs to one run.
Result<json::Value> all_items(Api& api, const std::string& target) {
  json::ArrayBuilder items;
  std::string cursor;
  do {
    const auto page =
        api.get(target + "?limit=200" + (cursor.empty() ? "" : "&cursor=" + http::percent_encode(cursor)));
    if (!page) return page;
    for (const json::Value& item : page->find("items")->items()) items.add(item);
    cursor = text_of(*page, "nextCursor");
  } while (!cursor.empty());
  return items.finish();
}

void show_each(const Terminal& terminal, const json::Value& items) {
  for (const json::Value& item : items.items()) terminal.line(json::to_text(item));
}

}  // namespace

int run(const RunsList& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  std::string target = "/v1/runs?limit=" + std::to_string(options.limit);
  if (!options.status.empty()) target += "&status=" + http::percent_encode(options.status);
  if (!options.definition.empty()) target += "&definition=" + http::percent_encode(options.definition);
  if (!options.cursor.empty()) target += "&cursor=" + http::percent_encode(options.cursor);
  const auto page = api->get(target);
  if (!page) return terminal.problem(page.error());
  if (terminal.json()) {
    terminal.value(*page);
    return Exit::done;
  }
  std::vector<Row> rows;
  for (const json::Value& run : page->find("items")->items()) {
    rows.push_back({text_of(run, "id"), text_of(run, "definition"), text_of(run, "version"), text_of(run, "status"),
                    moment(run, "startedAt"), moment(run, "endedAt")});
  }
  terminal.table({"RUN", "DEFINITION", "VERSION", "STATUS", "STARTED", "ENDED"}, rows, "no runs");
  if (const std::string next = text_of(*page, "nextCursor"); !next.empty()) terminal.note("more: --cursor " + next);
  return Exit::done;
}

int run(const RunsShow& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const auto run = api->get(run_target(options.id));
  if (!run) return terminal.problem(about(run.error(), options.id));
  if (terminal.ids()) {
    terminal.line(text_of(*run, "id"));
  } else {
    terminal.value(*run);
  }
  return Exit::done;
}

int run(const RunsWait& options, const Terminal& terminal) {
  const auto at_most = read_patience("--at-most", options.at_most);
  if (!at_most) return terminal.problem(at_most.error());
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const auto until = std::chrono::steady_clock::now() + *at_most;
  int exit = Exit::done;
  for (const std::string& id : options.ids) {
    auto run = api->get(run_target(id));
    if (run) {
      const auto left = std::chrono::duration_cast<Microseconds>(until - std::chrono::steady_clock::now());
      run = wait_until_ended(*api, terminal, *run, left);
    }
    if (!run) {
      exit = std::max(exit, terminal.problem(about(run.error(), id)));
      continue;
    }
    show_outcome(terminal, *run);
    exit = std::max(exit, exit_of_waiting(terminal, *run));
  }
  return exit;
}

int run(const RunsEvents& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const auto events = all_items(*api, run_target(options.id) + "/events");
  if (!events) return terminal.problem(about(events.error(), options.id));
  if (terminal.json()) {
    show_each(terminal, *events);
    return Exit::done;
  }
  std::vector<Row> rows;
  for (const json::Value& event : events->items()) { rows.push_back(event_row(terminal, event)); }
  terminal.table(event_headings, rows, "no events");
  return Exit::done;
}

int run(const RunsFollow& options, const Terminal& terminal) {
  const auto at_most = read_patience("--at-most", options.at_most);
  if (!at_most) return terminal.problem(at_most.error());
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  return follow_run(*api, terminal, options.id, options.after, *at_most);
}

int run(const RunsSteps& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const auto steps = all_items(*api, run_target(options.id) + "/steps");
  if (!steps) return terminal.problem(about(steps.error(), options.id));
  if (terminal.json()) {
    show_each(terminal, *steps);
    return Exit::done;
  }
  std::vector<Row> rows;
  for (const json::Value& step : steps->items()) {
    rows.push_back({text_of(step, "path"), text_of(step, "status"), text_of(step, "attempt"), moment(step, "startedAt"),
                    moment(step, "endedAt")});
  }
  terminal.table({"PATH", "STATUS", "ATTEMPT", "STARTED", "ENDED"}, rows, "no steps");
  return Exit::done;
}

int run(const RunsCancel& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const json::Value body =
      options.reason.empty() ? json::Value::object() : json::Value::object({{"reason", options.reason}});
  const auto run = api->post(run_target(options.id) + ":cancel", body);
  if (!run) return terminal.problem(about(run.error(), options.id));
  if (terminal.json()) {
    terminal.value(*run);
  } else if (terminal.ids()) {
    terminal.line(text_of(*run, "id"));
  } else {
    terminal.cells({text_of(*run, "id"), terminal.status(text_of(*run, "status"))});
  }
  return Exit::done;
}

}  // namespace pawl::cli
