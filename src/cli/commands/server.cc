#include "app/server.h"

#include <boost/asio/io_context.hpp>

#include "app/run_until_signal.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/listen.h"
#include "db/migrate.h"

namespace pawl::cli {

int run(const Server& options, const Terminal& terminal) {
  const auto database = find_database(options.database);
  if (!database) return terminal.problem(database.error());
  if (const auto migrated = db::require_migrated(*database); !migrated) return terminal.problem(migrated.error());
  const auto address = parse_listen(options.listen);
  if (!address) return terminal.problem(listen_problem(options.listen));
  boost::asio::io_context io(1);
  auto server = app::Server::start(io, {.database = *database,
                                        .host = address->host,
                                        .port = address->port,
                                        .node_name = options.node_name,
                                        .loops = options.loops,
                                        .allow_addresses = options.allow_addresses,
                                        .allow_loopback = false,
                                        .allow_fsync_off = options.unsafe_durability});
  if (!server) return terminal.problem(server.error());
  const std::string url = "http://" +
                          (address->host.find(':') == std::string::npos ? address->host : "[" + address->host + "]") +
                          ":" + std::to_string((*server)->port());
  app::run_until_signal(io, **server, [&] {
    if (terminal.json()) {
      terminal.value(json::Value::object({{"url", url}}));
    } else {
      terminal.line("Pawl " + std::string(version()) + " is ready at " + url);
    }
  });
  return Exit::done;
}

}  // namespace pawl::cli
