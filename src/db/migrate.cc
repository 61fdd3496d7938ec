#include "db/migrate.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <cctype>

#include "db/embedded.h"
#include "db/server_login.h"
#include "pg/blocking_connection.h"

namespace pawl::db {

namespace {

// The same everywhere, so that two who migrate one database do it one after the other.
constexpr std::int64_t advisory_lock = 5058135470001;
constexpr Microseconds migrate_timeout = std::chrono::minutes(30);
constexpr Microseconds start_timeout = std::chrono::seconds(30);
constexpr int oldest_server = 150000;

Result<void> check_server(pg::BlockingConnection& connection) {
  auto answer =
      connection.run("SELECT current_setting('server_version_num')::int4, current_setting('server_encoding')");
  if (!answer) return fail(std::move(answer.error()));
  const pg::Rows& row = *answer;
  if (row.get<std::int32_t>(0, 0) >= oldest_server && row.text(0, 1) == "UTF8") return {};
  return fail({.status = 500,
               .code = "database-unsupported",
               .title = "This database cannot hold Pawl's schema",
               .detail = "server_version_num " + std::to_string(row.get<std::int32_t>(0, 0)) + ", encoding " +
                         std::string(row.text(0, 1)),
               .instance = {},
               .hint = "Use PostgreSQL 15 or later, and a database with the encoding UTF8."});
}

Result<std::vector<Migration>> applied_migrations(pg::BlockingConnection& connection) {
  auto exists = connection.run("SELECT to_regclass('pawl.schema_migrations') IS NOT NULL");
  if (!exists) return fail(std::move(exists.error()));
  std::vector<Migration> applied;
  if (!exists->get<bool>(0, 0)) return applied;
  auto rows = connection.run("SELECT name, sha256, pawl_version, applied_at FROM pawl.schema_migrations ORDER BY name");
  if (!rows) return fail(std::move(rows.error()));
  const pg::Rows& found = *rows;
  for (std::size_t i = 0; i < found.size(); ++i) {
    Migration migration;
    migration.name = found.text(i, 0);
    std::ranges::copy(found.get<pg::Bytea>(i, 1).bytes, migration.sha256.begin());
    migration.applied_by = found.text(i, 2);
    migration.applied_at = found.get<Time>(i, 3);
    applied.push_back(std::move(migration));
  }
  return applied;
}

Result<void> apply(pg::BlockingConnection& connection, Migration& migration, const std::string& pawl_version) {
  if (auto done = connection.script(migration.sql); !done) {
    Problem problem = std::move(done.error());
    if (problem.code == "database-error") problem.code = "migration-failed";
    problem.instance = migration.name;
    return fail(std::move(problem));
  }
  auto noted = connection.run(
      "INSERT INTO pawl.schema_migrations (name, sha256, pawl_version) VALUES ($1, $2, $3) RETURNING applied_at",
      std::move(pg::Params().add(migration.name).add(pg::Bytea{migration.sha256}).add(pawl_version)));
  if (!noted) return fail(std::move(noted.error()));
  migration.applied_by = pawl_version;
  migration.applied_at = noted->get<Time>(0, 0);
  return {};
}

Result<std::vector<Migration>> migrate_in_transaction(pg::BlockingConnection& connection,
                                                      const MigrateOptions& options) {
  if (auto begun = connection.script("BEGIN; SELECT pg_advisory_xact_lock(" + std::to_string(advisory_lock) + ")");
      !begun) {
    return fail(std::move(begun.error()));
  }
  auto applied = applied_migrations(connection);
  if (!applied) return fail(std::move(applied.error()));
  auto all = compare_migrations(embedded_migrations(), *applied);
  if (!all) return fail(std::move(all.error()));
  std::vector<Migration> done;
  for (Migration& migration : *all) {
    if (migration.applied_at) continue;
    if (auto applied_now = apply(connection, migration, options.pawl_version); !applied_now)
      return fail(std::move(applied_now.error()));
    done.push_back(migration);
  }
  std::string login = "SET LOCAL ROLE NONE;\n";
  if (options.create_server_login) login += embedded::file("server_login_create.sql");
  login += embedded::file("server_login_grant.sql");
  if (auto granted = connection.script(login); !granted) return fail(std::move(granted.error()));
  if (auto committed = connection.script("COMMIT"); !committed) return fail(std::move(committed.error()));
  return done;
}

}  // namespace

std::vector<Migration> embedded_migrations() {
  std::vector<Migration> all;
  for (const embedded::File& file : embedded::files()) {
    if (std::isdigit(static_cast<unsigned char>(file.name.front())) == 0)
      continue;  // the other statements of this room
    Migration migration;
    migration.name = file.name;
    migration.sql = file.text;
    migration.sha256 = sha256(file.text);
    all.push_back(std::move(migration));
  }
  return all;
}

Result<std::vector<Migration>> compare_migrations(std::vector<Migration> wanted,
                                                  const std::vector<Migration>& applied) {
  for (const Migration& each : applied) {
    const auto known = std::ranges::find(wanted, each.name, &Migration::name);
    if (known == wanted.end()) {
      return fail({.status = 409,
                   .code = "database-newer",
                   .title = "A newer version of Pawl has migrated this database",
                   .detail = "It has " + each.name + ", applied by pawl " + each.applied_by +
                             ", which this version does not know.",
                   .instance = each.name,
                   .hint = "Use pawl " + each.applied_by + " or later."});
    }
    if (known->sha256 != each.sha256) {
      return fail({.status = 409,
                   .code = "migration-changed",
                   .title = "A migration differs from what was applied",
                   .detail = each.name + " was applied by pawl " + each.applied_by + " with another content.",
                   .instance = each.name,
                   .hint = "Use a released version of pawl; nothing was changed."});
    }
    known->applied_at = each.applied_at;
    known->applied_by = each.applied_by;
  }
  return wanted;
}

Result<std::vector<Migration>> migrate(const std::string& conninfo, const MigrateOptions& options) {
  auto connection = pg::BlockingConnection::open(conninfo, "pawl migrate", migrate_timeout);
  if (!connection) return fail(std::move(connection.error()));
  if (auto fit = check_server(*connection); !fit) return fail(std::move(fit.error()));
  return migrate_in_transaction(*connection, options);  // an error ends the connection, and with it the transaction
}

Result<std::vector<Migration>> migration_status(const std::string& conninfo) {
  auto connection = pg::BlockingConnection::open(conninfo, "pawl migration status", migrate_timeout);
  if (!connection) return fail(std::move(connection.error()));
  auto applied = applied_migrations(*connection);
  if (!applied) return fail(std::move(applied.error()));
  return compare_migrations(embedded_migrations(), *applied);
}

Result<void> require_migrated(const std::string& conninfo) {
  // The login may do nothing without a role, and readers may see what was applied.
  auto connection = pg::BlockingConnection::open(conninfo, "pawl server start", start_timeout, reader_role);
  if (!connection) return fail(std::move(connection.error()));
  const auto applied = applied_migrations(*connection);
  if (!applied) return fail(applied.error());
  const auto all = compare_migrations(embedded_migrations(), *applied);
  if (!all) return fail(all.error());
  const auto pending = std::ranges::find_if(*all, [](const Migration& each) { return !each.applied_at; });
  if (pending == all->end()) return {};
  return fail({.status = 409,
               .code = "database-not-migrated",
               .title = "The database does not have this version's schema yet",
               .detail = pending->name + " is not applied.",
               .instance = pending->name,
               .hint = "Run pawl db migrate first."});
}

}  // namespace pawl::db
