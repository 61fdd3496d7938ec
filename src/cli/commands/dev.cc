#include <unistd.h>

#include <boost/asio/io_context.hpp>

#include "access/tenants.h"
#include "access/tokens.h"
#include "app/dev_directory.h"
#include "app/run_until_signal.h"
#include "app/server.h"
#include "base/log.h"
#include "base/version.h"
#include "cli/commands.h"
#include "cli/listen.h"
#include "cli/progress.h"
#include "db/migrate.h"
#include "db/private_server.h"

namespace pawl::cli {
namespace {

constexpr const char* tenant_name = "default";

// Where a first `pawl dev` listens unless told; the next ones on the same directory come back to the same port.
constexpr std::uint16_t usual_port = 7295;

std::uint16_t last_port(const std::optional<app::DevClient>& last) {
  if (!last) return usual_port;
  const std::size_t colon = last->url.rfind(':');
  const auto address = colon == std::string::npos ? std::nullopt : parse_listen("127.0.0.1" + last->url.substr(colon));
  return address ? address->port : usual_port;
}

// The port that was asked for, or nothing; without an order, the last one or any that is free.
Result<std::unique_ptr<app::Server>> start_server(boost::asio::io_context& io, const Dev& options,
                                                  app::ServerSettings settings,
                                                  const std::optional<app::DevClient>& last) {
  if (options.listen_given) {
    const auto address = parse_listen(options.listen);
    if (!address) return fail(listen_problem("--listen", options.listen));
    settings.host = address->host;
    settings.port = address->port;
    return app::Server::start(io, settings);
  }
  settings.port = last_port(last);
  auto server = app::Server::start(io, settings);
  if (server || server.error().code != "port-in-use") return server;
  settings.port = 0;
  return app::Server::start(io, settings);
}

// The token of the last time, unless it has been revoked or the database is a new one.
Result<std::string> find_token(const std::string& conninfo, const std::optional<app::DevClient>& last) {
  const auto tenant = access::ensure_tenant(conninfo, tenant_name);
  if (!tenant) return fail(tenant.error());
  if (last) {
    const auto good = access::is_good_token(conninfo, last->token);
    if (!good) return fail(good.error());
    if (*good) return last->token;
  }
  const auto made = access::create_token(conninfo, tenant_name, "pawl dev", std::nullopt);
  if (!made) return fail(made.error());
  return made->text;
}

// What other commands have to be told, so that they find this server.
std::string way_to(const Dev& options) {
  if (!options.data_dir.empty()) return "with --data-dir " + options.data_dir;
  return options.name == default_dev_name ? "by themselves" : "with --name " + options.name;
}

void announce(const Terminal& terminal, const Dev& options, const app::DevClient& client,
              const std::filesystem::path& directory) {
  if (terminal.json()) {
    return terminal.value(json::Value::object({{"url", client.url},
                                               {"token", client.token},
                                               {"dataDir", directory.string()},
                                               {"database", client.database},
                                               {"pid", json::Value::integer(getpid())}}));
  }
  terminal.line("Pawl " + std::string(version()) + " is ready.");
  terminal.line("  URL        " + client.url);
  terminal.line("  token      " + client.token);
  terminal.line("  data       " + directory.string());
  terminal.line("  database   " + client.database);
  terminal.line("  process    " + std::to_string(getpid()));
  terminal.line("Other commands find it " + way_to(options) +
                ": try pawl deploy FILE, pawl run NAMESPACE/NAME --wait. Ctrl-C stops it.");
}

int told(Progress& progress, const Terminal& terminal, const Problem& problem) {
  progress.end();
  return terminal.problem(problem);
}

}  // namespace

int run(const Dev& options, const Terminal& terminal) {
  const auto directory = app::dev_directory(options.name, options.data_dir);
  if (!directory) return terminal.problem(directory.error());
  if (options.listen_given && !parse_listen(options.listen))
    return terminal.problem(listen_problem("--listen", options.listen));
  const auto last = app::read_dev_client(*directory);
  // From a drawing thread of its own: PostgreSQL ends with the thread that starts it, which is this one.
  Progress progress(terminal.surroundings(),
                    last ? "starting PostgreSQL" : "making a PostgreSQL of its own in " + directory->string());
  auto postgres = db::PrivateServer::start({.data_dir = *directory});
  if (!postgres) return told(progress, terminal, postgres.error());
  progress.say(last ? "looking after the schema" : "making the schema");
  const std::string owner = (*postgres)->owner_conninfo();
  const auto migrated = db::migrate(owner, {.pawl_version = std::string(version()), .create_server_login = true});
  if (!migrated) return told(progress, terminal, migrated.error());
  const auto token = find_token(owner, last);
  if (!token) return told(progress, terminal, token.error());
  progress.say("starting the server");

  boost::asio::io_context io(1);
  (*postgres)->supervise(io);
  auto server = start_server(io, options,
                             {.database = (*postgres)->server_conninfo(),
                              .node_name = "dev",
                              .loops = options.loops,
                              .allow_addresses = {},
                              .allow_loopback = true},
                             last);
  if (!server) return told(progress, terminal, server.error());
  const app::DevClient client{"http://127.0.0.1:" + std::to_string((*server)->port()), *token, owner};
  if (const auto written = app::write_dev_client(*directory, client); !written)
    return told(progress, terminal, written.error());
  app::run_until_signal(io, **server, [&] {
    progress.end();
    announce(terminal, options, client, *directory);
  });
  progress.end();  // if a signal came before it was ready
  server->reset();
  (*postgres)->stop();
  return Exit::done;
}

}  // namespace pawl::cli
