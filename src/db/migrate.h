// Brings a database to the schema of this binary: the files of schema/base, embedded, in one transaction, under an
// advisory lock, with the checksum of each kept in pawl.schema_migrations.
//
// The functions block, each on a connection of its own. The conninfo's login must be able to become pawl_owner; to make
// the roles and the schema the first time it also needs CREATEROLE and CREATE on the database (a superuser has all).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/hash.h"
#include "base/problem.h"
#include "base/time.h"

namespace pawl::db {

struct Migration {
  std::string name;
  std::string sql;  // empty when only the database knows it
  Sha256 sha256{};
  std::optional<Time> applied_at;  // none: pending
  std::string applied_by;          // the version of pawl that applied it
};

struct MigrateOptions {
  std::string pawl_version;
  // Makes the login pawl_server if it is not there: for the private server, which trusts its socket's folder. Elsewhere
  // the operator makes it (CREATE ROLE pawl_server LOGIN NOINHERIT PASSWORD …) and this only makes it a member.
  bool create_server_login = false;
};

// Returns what was applied now: nothing when the database was up to date. Codes: database-newer (a later pawl has
// migrated it), migration-changed (a file is not what was applied), database-unsupported (older than PostgreSQL 15, or
// not UTF-8), database-denied, migration-failed (with the file's name), database-unavailable.
Result<std::vector<Migration>> migrate(const std::string& conninfo, const MigrateOptions& options);

// All files that this binary or the database knows, in order. Changes nothing; the same codes but for the last two.
Result<std::vector<Migration>> migration_status(const std::string& conninfo);

// Whether a server may start on this database, asked with the server's own login: everything is applied, and nothing
// that this version does not know. Codes: database-not-migrated, database-newer, migration-changed, database-denied,
// database-unavailable.
Result<void> require_migrated(const std::string& conninfo);

// The embedded files. For tests.
std::vector<Migration> embedded_migrations();
// `wanted` against what the database has: the status of each, or database-newer, or migration-changed.
Result<std::vector<Migration>> compare_migrations(std::vector<Migration> wanted, const std::vector<Migration>& applied);

}  // namespace pawl::db
