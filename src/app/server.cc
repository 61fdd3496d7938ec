#include "app/server.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/steady_timer.hpp>
#include <optional>
#include <utility>

#include "access/authenticator.h"
#include "actions/transport_curl.h"
#include "app/descriptors.h"
#include "app/real_clock.h"
#include "base/log.h"
#include "base/metrics.h"
#include "base/random.h"
#include "base/uuid.h"
#include "db/dead_loops.h"
#include "db/partitions.h"
#include "db/server_login.h"
#include "engine/node.h"
#include "engine/program_cache.h"
#include "http/router.h"
#include "http/routes.h"
#include "http/server.h"
#include "store/definitions.h"
#include "store/postgres/storage.h"
#include "store/reads.h"
#include "store/task_logs.h"

namespace pawl::app {
namespace {

constexpr std::size_t metrics_connections = 100;
constexpr Microseconds node_lease = std::chrono::seconds(10);  // engine-protocol.md section 5

Time machine_time() { return std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now()); }

std::string host_name() {
  char name[256] = "node";
  gethostname(name, sizeof name - 1);
  return name;
}

engine::NodeConfig node_config(const ServerSettings& settings) {
  Random random(secret_seed());
  engine::NodeConfig config;
  config.info.node = Uuid::version7(machine_time(), random.next(), random.next());
  config.info.name = settings.node_name.empty() ? host_name() : settings.node_name;
  config.info.lease = node_lease;
  config.seed = secret_seed();
  return config;
}

store::PostgresSettings storage_settings(const ServerSettings& settings) {
  store::PostgresSettings storage;
  storage.conninfo = settings.database;
  storage.allow_fsync_off = settings.allow_fsync_off;
  return storage;
}

Result<actions::TransportOptions> transport_options(const ServerSettings& settings) {
  actions::TransportOptions options;
  std::vector<actions::AddressRange> allowed;
  if (settings.allow_loopback) allowed = actions::loopback_ranges();
  for (const std::string& text : settings.allow_addresses) {
    const auto range = actions::AddressRange::parse(text);
    if (!range) return fail(range.error());
    allowed.push_back(*range);
  }
  options.http.guard = actions::AddressGuard(std::move(allowed));
  return options;
}

}  // namespace

// In the order of their making: whoever uses another comes after it, so that it is destroyed before.
struct Server::Rooms {
  Rooms(boost::asio::io_context& context, const ServerSettings& settings, actions::TransportOptions calls)
      : io(context),
        clock(context),
        control(context, storage_settings(settings)),
        transport(context, std::move(calls), metrics),
        node(node_config(settings), clock, control, make_loops(settings), transport, programs, metrics),
        reads(context, {.conninfo = settings.database}),
        definitions(context, {.conninfo = settings.database}),
        logs(context, {.conninfo = settings.database}),
        authenticator(context, {.conninfo = settings.database}),
        upkeep(context, upkeep_options(settings)),
        upkeep_timer(context),
        parts{node, programs, reads, definitions, logs, authenticator, metrics, clock},
        http(context, http_options(settings), handler(), metrics) {
    if (!settings.metrics_host.empty()) {
      http::add_metrics_routes(metrics_router, metrics);
      metrics_http.emplace(context, metrics_options(settings), handler_of(metrics_router), metrics);
    }
  }

  std::vector<ports::Storage*> make_loops(const ServerSettings& settings) {
    std::vector<ports::Storage*> all;
    for (std::uint32_t i = 0; i < settings.loops; ++i) {
      loops.push_back(std::make_unique<store::PostgresStorage>(io, storage_settings(settings)));
      all.push_back(loops.back().get());
    }
    return all;
  }

  static pg::PoolOptions upkeep_options(const ServerSettings& settings) {
    pg::PoolOptions options;
    options.connect.conninfo = settings.database;
    options.connect.role = db::engine_role;
    options.connect.application_name = "pawl upkeep";
    options.connections = 1;
    return options;
  }

  static http::ServerOptions http_options(const ServerSettings& settings) {
    http::ServerOptions options;
    options.host = settings.host;
    options.port = settings.port;
    options.limits.connections = client_connections(raise_descriptor_limit(), options.limits.connections);
    return options;
  }

  http::Handler handler() {
    http::add_definition_routes(router, parts);
    http::add_run_routes(router, parts);
    http::add_stream_routes(router, parts);
    http::add_log_routes(router, parts);
    http::add_explain_routes(router, parts);
    http::add_worker_routes(router, parts);
    http::add_operation_routes(router, parts);
    return handler_of(router);
  }

  static http::Handler handler_of(http::Router& router) {
    return
        [&router](http::Request request, http::Responder respond) { router(std::move(request), std::move(respond)); };
  }

  static http::ServerOptions metrics_options(const ServerSettings& settings) {
    http::ServerOptions options;
    options.host = settings.metrics_host;
    options.port = settings.metrics_port;
    options.limits.connections = metrics_connections;
    return options;
  }

  static pg::Awaitable<void> keep_up(pg::Pool& pool) {
    const auto made = co_await db::maintain_partitions(pool);
    if (!made) log_warning("partitions could not be maintained", {{"detail", made.error().detail}});
    const auto forgotten = co_await db::forget_dead_loops(pool);
    if (!forgotten) log_warning("dead loops could not be forgotten", {{"detail", forgotten.error().detail}});
  }

  // Partitions of the log are made ahead, and dead loops forgotten, for ever: a failure is tried again within the hour.
  void keep_up_for_ever() {
    boost::asio::co_spawn(io, keep_up(upkeep), boost::asio::detached);
    upkeep_timer.expires_after(db::upkeep_period);
    upkeep_timer.async_wait([this](const boost::system::error_code& cancelled) {
      if (!cancelled) keep_up_for_ever();
    });
  }

  boost::asio::io_context& io;
  Metrics metrics;
  RealClock clock;
  engine::ProgramCache programs;
  store::PostgresStorage control;
  std::vector<std::unique_ptr<store::PostgresStorage>> loops;
  actions::CurlTransport transport;
  engine::Node node;
  store::Reads reads;
  store::Definitions definitions;
  store::TaskLogs logs;
  access::Authenticator authenticator;
  pg::Pool upkeep;
  boost::asio::steady_timer upkeep_timer;
  http::Parts parts;
  http::Router router, metrics_router;
  http::Server http;
  std::optional<http::Server> metrics_http;
};

Server::Server(std::unique_ptr<Rooms> rooms) : rooms_(std::move(rooms)) {}
Server::~Server() = default;

Result<std::unique_ptr<Server>> Server::start(boost::asio::io_context& io, ServerSettings settings) {
  auto calls = transport_options(settings);
  if (!calls) return fail(calls.error());
  auto rooms = std::make_unique<Rooms>(io, settings, std::move(*calls));
  if (const auto bound = rooms->http.listen(); !bound) return fail(bound.error());
  if (rooms->metrics_http) {
    if (const auto bound = rooms->metrics_http->listen(); !bound) return fail(bound.error());
  }
  rooms->keep_up_for_ever();
  rooms->node.begin();
  return std::unique_ptr<Server>(new Server(std::move(rooms)));
}

std::uint16_t Server::port() const { return rooms_->http.port(); }
std::uint16_t Server::metrics_port() const { return rooms_->metrics_http ? rooms_->metrics_http->port() : 0; }
bool Server::ready() const { return rooms_->node.ready(); }

void Server::stop(std::move_only_function<void()> stopped) {
  // Polls and ?wait= are answered by the node's drain, so that requests in flight end soon; no new ones come meanwhile.
  rooms_->upkeep_timer.cancel();
  auto both = std::make_shared<std::pair<int, std::move_only_function<void()>>>(rooms_->metrics_http ? 3 : 2,
                                                                                std::move(stopped));
  const auto one_done = [both] {
    if (--both->first == 0) both->second();
  };
  rooms_->http.stop(stop_within, one_done);
  if (rooms_->metrics_http) rooms_->metrics_http->stop(stop_within, one_done);
  rooms_->node.drain([one_done](const Result<void>& drained) {
    if (!drained) log_warning("the engine did not drain", {{"detail", drained.error().detail}});
    one_done();
  });
}

}  // namespace pawl::app
