#include <chrono>

#include "bench/workload.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/progress.h"
#include "cli/server_address.h"

namespace pawl::cli {
namespace {

// Of a server that is named, no other one's database: the figures would be about something else.
bool is_of_dev(const FoundServer& server) { return server.url.source.starts_with("pawl dev"); }

Result<void> add_tenants(const Bench& options, bench::Spec& spec) {
  const bool is_about_tenants = options.workload == "tenants";
  if (!options.tenants && !is_about_tenants) return {};
  if (spec.database.empty()) {
    const auto database = find_database(options.database, options.server);
    if (!database) return fail(database.error());
    spec.database = *database;
  }
  auto tokens = is_about_tenants
                    ? bench::make_tenants(spec.database, options.tenants.value_or(bench::quiet_tenants) + 1)
                    : bench::make_tenants(spec.database, *options.tenants);
  if (!tokens) return fail(tokens.error());
  spec.tokens = std::move(*tokens);
  return {};
}

Result<bench::Report> measure(const Bench& options) {
  bench::Spec spec;
  spec.in_flight = options.in_flight;
  spec.seconds = options.seconds;
  spec.count = options.count;
  spec.rate = options.rate;
  spec.workers = options.workers;
  spec.batch = options.batch;
  if (options.workload == "floor") {
    auto database = find_database(options.database, options.server);
    if (!database) return fail(database.error());
    spec.database = std::move(*database);
    return bench::measure(options.workload, spec);
  }
  auto server = find_server(options.server);
  if (!server) return fail(server.error());
  const auto database = find_database_setting(options.database, options.server);
  if (database && (is_of_dev(*server) || !database->source.starts_with("pawl dev"))) spec.database = database->value;
  spec.url = std::move(server->url.value);
  spec.tokens = {std::move(server->token.value)};
  if (const auto added = add_tenants(options, spec); !added) return fail(added.error());
  return bench::measure(options.workload, spec);
}

std::chrono::milliseconds time_of(const Bench& options) {
  const std::chrono::milliseconds measured = std::chrono::seconds(options.seconds);
  const std::chrono::milliseconds once = bench::warm_up(measured) + measured;
  return options.workload == "tenants" ? 2 * once : once;
}

}  // namespace

int run(const Bench& options, const Terminal& terminal) {
  Progress progress(terminal.surroundings(), "measuring " + options.workload);
  if (!options.count) progress.fill_in(time_of(options));
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
