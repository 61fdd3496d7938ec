#include <algorithm>
#include <chrono>

#include "bench/workload.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/progress.h"
#include "cli/server_address.h"

namespace pawl::cli {
namespace {

Result<bench::Report> measure(const Bench& options) {
  bench::Spec spec;
  spec.in_flight = options.in_flight;
  spec.seconds = options.seconds;
  spec.count = options.count;
  spec.workers = options.workers;
  spec.batch = options.batch;
  if (options.workload == "floor") {
    auto database = find_database(options.database, options.server);
    if (!database) return fail(database.error());
    spec.database = std::move(*database);
    return bench::run_floor(spec);
  }
  auto server = find_server(options.server);
  if (!server) return fail(server.error());
  spec.url = std::move(server->url.value);
  spec.token = std::move(server->token.value);
  return options.workload == "start" ? bench::run_start(spec) : bench::run_task_1(spec);
}

}  // namespace

int run(const Bench& options, const Terminal& terminal) {
  Progress progress(terminal.surroundings(), "measuring " + options.workload);
  if (!options.count) {
    const std::chrono::milliseconds measured = std::chrono::seconds(options.seconds);
    progress.fill_in(bench::warm_up(measured) + measured);
  }
  const auto report = measure(options);
  progress.end();
  if (!report) return terminal.problem(report.error());
  if (terminal.json()) {
    terminal.value(report->value());
  } else {
    terminal.line(report->text());
  }
  return Exit::done;
}

}  // namespace pawl::cli
