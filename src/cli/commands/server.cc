#include "app/server.h"

#include <unistd.h>

#include <boost/asio/io_context.hpp>
#include <optional>

#include "app/run_until_signal.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/listen.h"
#include "db/migrate.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

std::string url_of(const std::string& host, std::uint16_t port) {
  return "http://" + (host.find(':') == std::string::npos ? host : "[" + host + "]") + ":" + std::to_string(port);
}

void announce(const Terminal& terminal, const std::string& url, const std::string& metrics) {
  if (terminal.json()) {
    json::ObjectBuilder ready;
    ready.add("url", url).add("pid", json::Value::integer(getpid()));
    if (!metrics.empty()) ready.add("metrics", metrics);
    return terminal.value(ready.finish());
  }
  terminal.line("Pawl " + std::string(version()) + " is ready at " + url + " (process " + std::to_string(getpid()) +
                (metrics.empty() ? "" : ", metrics at " + metrics) + "). Ctrl-C stops it.");
}

}  // namespace

int run(const Server& options, const Terminal& terminal) {
  const auto database = find_database(options.database);
  if (!database) return terminal.problem(database.error());
  if (const auto migrated = db::require_migrated(*database); !migrated) return terminal.problem(migrated.error());
  const auto address = parse_listen(options.listen);
  if (!address) return terminal.problem(listen_problem("--listen", options.listen));
  std::optional<Listen> metrics;
  if (!options.metrics_listen.empty()) {
    metrics = parse_listen(options.metrics_listen);
    if (!metrics) return terminal.problem(listen_problem("--metrics-listen", options.metrics_listen));
  }
  boost::asio::io_context io(1);
  auto server = app::Server::start(io, {.database = *database,
                                        .host = address->host,
                                        .port = address->port,
                                        .metrics_host = metrics ? metrics->host : "",
                                        .metrics_port = metrics ? metrics->port : std::uint16_t{0},
                                        .node_name = options.node_name,
                                        .loops = options.loops,
                                        .allow_addresses = options.allow_addresses,
                                        .allow_loopback = false,
                                        .allow_fsync_off = options.unsafe_durability});
  if (!server) return terminal.problem(server.error());
  app::run_until_signal(io, **server, [&] {
    announce(terminal, url_of(address->host, (*server)->port()),
             metrics ? url_of(metrics->host, (*server)->metrics_port()) + "/metrics" : "");
  });
  return Exit::done;
}

}  // namespace pawl::cli
