#include "db/migrate.h"

#include <gtest/gtest.h>

#include <thread>

#include "db/partitions.h"
#include "db/server_login.h"
#include "pg/test_server.h"

namespace pawl::db {
namespace {

using pg::test::execute;
using pg::test::value;

constexpr std::size_t base_files = 8;  // in schema/base

Migration file(std::string name, std::uint8_t digest) {
  Migration migration;
  migration.name = std::move(name);
  migration.sha256[0] = digest;
  return migration;
}

TEST(Migrations, AreEmbeddedInOrder) {
  const auto all = embedded_migrations();
  ASSERT_EQ(all.size(), base_files);
  EXPECT_EQ(all[0].name, "01_foundation.sql");
  EXPECT_EQ(all[4].name, "05_engine.sql");
  EXPECT_EQ(all[base_files - 1].name, "08_explain.sql");
  EXPECT_NE(all[4].sql.find("CREATE FUNCTION fence"), std::string::npos);
}

TEST(Migrations, AreComparedWithWhatTheDatabaseHas) {
  Migration applied = file("01.sql", 1);
  applied.applied_by = "0.1.0";
  applied.applied_at = Time();
  const auto compared = compare_migrations({file("01.sql", 1), file("02.sql", 2)}, {applied});
  ASSERT_TRUE(compared);
  EXPECT_TRUE((*compared)[0].applied_at);
  EXPECT_EQ((*compared)[0].applied_by, "0.1.0");
  EXPECT_FALSE((*compared)[1].applied_at);

  const auto changed = compare_migrations({file("01.sql", 9)}, {applied});
  ASSERT_FALSE(changed);
  EXPECT_EQ(changed.error().code, "migration-changed");
  EXPECT_EQ(changed.error().instance, "01.sql");

  const auto newer = compare_migrations({file("00.sql", 1)}, {applied});
  ASSERT_FALSE(newer);
  EXPECT_EQ(newer.error().code, "database-newer");
  EXPECT_EQ(newer.error().hint, "Use pawl 0.1.0 or later.");
}

class PgMigrate : public ::testing::Test {
 protected:
  pg::test::Database database;
  MigrateOptions options{.pawl_version = "0.1.0"};
};

TEST_F(PgMigrate, MakesTheSchemaOnceAndSaysWhatItDid) {
  const auto before = migration_status(database.conninfo());
  ASSERT_TRUE(before) << before.error().detail;
  EXPECT_FALSE(before->front().applied_at);

  const auto first = migrate(database.conninfo(), options);
  ASSERT_TRUE(first) << first.error().detail;
  EXPECT_EQ(first->size(), base_files);
  EXPECT_EQ(value(database.conninfo(), "SELECT count(*) FROM pawl.engine_lanes"), "4096");
  EXPECT_EQ(value(database.conninfo(),
                  "SELECT count(*) FROM pg_class WHERE relnamespace = 'pawl'::regnamespace AND relkind IN ('r', 'p') "
                  "AND pg_get_userbyid(relowner) <> 'pawl_owner'"),
            "0");

  const auto second = migrate(database.conninfo(), options);
  ASSERT_TRUE(second) << second.error().detail;
  EXPECT_TRUE(second->empty());
  const auto after = migration_status(database.conninfo());
  ASSERT_TRUE(after);
  for (const Migration& each : *after) {
    EXPECT_TRUE(each.applied_at) << each.name;
    EXPECT_EQ(each.applied_by, "0.1.0");
  }
}

TEST_F(PgMigrate, TwoAtOnceDoItOnce) {
  std::vector<Result<std::vector<Migration>>> results(4);
  {
    std::vector<std::jthread> threads;
    for (auto& result : results) threads.emplace_back([&] { result = migrate(database.conninfo(), options); });
  }
  std::size_t applied = 0;
  for (const auto& result : results) {
    ASSERT_TRUE(result) << result.error().detail;
    applied += result->size();
  }
  EXPECT_EQ(applied, base_files);
}

TEST_F(PgMigrate, RefusesWhatANewerVersionMigrated) {
  ASSERT_TRUE(migrate(database.conninfo(), options));
  execute(database.conninfo(),
          "INSERT INTO pawl.schema_migrations VALUES ('99_later.sql', decode(repeat('00', 32), 'hex'), '9.0.0')");
  const auto refused = migrate(database.conninfo(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "database-newer");
  EXPECT_EQ(migration_status(database.conninfo()).error().code, "database-newer");
}

TEST_F(PgMigrate, RefusesAChangedFile) {
  ASSERT_TRUE(migrate(database.conninfo(), options));
  execute(database.conninfo(),
          "UPDATE pawl.schema_migrations SET sha256 = decode(repeat('00', 32), 'hex') WHERE name = '02_access.sql'");
  const auto refused = migrate(database.conninfo(), options);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "migration-changed");
  EXPECT_EQ(refused.error().instance, "02_access.sql");
}

TEST_F(PgMigrate, AFailureLeavesNothingBehind) {
  execute(database.conninfo(), "CREATE SCHEMA pawl; CREATE TABLE pawl.workflow_runs (id int)");
  execute(database.conninfo(), "GRANT ALL ON SCHEMA pawl TO pawl_owner");
  const auto failed = migrate(database.conninfo(), options);
  ASSERT_FALSE(failed);
  EXPECT_EQ(failed.error().code, "migration-failed");
  EXPECT_EQ(failed.error().instance, "04_runs.sql");
  EXPECT_EQ(value(database.conninfo(), "SELECT to_regclass('pawl.tenants') IS NULL"), "t");
}

TEST_F(PgMigrate, NeedsALoginThatMayAndSaysSo) {
  execute(pg::test::server(),
          "DO $$ BEGIN CREATE ROLE pawl_test_stranger LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN "
          "NULL; END $$");
  ASSERT_TRUE(migrate(database.conninfo(), options));
  const auto denied = migrate(pg::test::with(database.conninfo(), "user=pawl_test_stranger"), options);
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, "database-denied");

  const auto nobody = migrate(pg::test::with(database.conninfo(), "dbname=pawl_no_such_database"), options);
  ASSERT_FALSE(nobody);
  EXPECT_EQ(nobody.error().code, "database-unavailable");
}

TEST_F(PgMigrate, RefusesADatabaseThatIsNotUtf8) {
  execute(pg::test::server(),
          "CREATE DATABASE " + database.name() + "_latin TEMPLATE template0 ENCODING 'LATIN1' LOCALE 'C'");
  const auto refused = migrate(pg::test::with(database.conninfo(), "dbname=" + database.name() + "_latin"), options);
  execute(pg::test::server(), "DROP DATABASE " + database.name() + "_latin");
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "database-unsupported");
}

TEST_F(PgMigrate, TheServersLoginMayDoNothingWithoutARole) {
  options.create_server_login = true;
  ASSERT_TRUE(migrate(database.conninfo(), options));
  const std::string login = pg::test::with(database.conninfo(), std::string("user=") + server_login);
  EXPECT_THROW(value(login, "SELECT count(*) FROM pawl.engine_lanes"), std::runtime_error);
  EXPECT_EQ(value(pg::test::with(login, "options='-c role=pawl_engine'"), "SELECT count(*) FROM pawl.engine_lanes"),
            "4096");
  EXPECT_EQ(value(pg::test::with(login, "options='-c role=pawl_reader'"), "SELECT count(*) FROM pawl.workflow_runs"),
            "0");
  EXPECT_THROW(value(pg::test::with(login, "options='-c role=pawl_owner'"), "SELECT 1"), std::runtime_error);
}

TEST_F(PgMigrate, AServerStartsOnlyOnItsOwnSchema) {
  const auto fresh = require_migrated(database.conninfo());
  ASSERT_FALSE(fresh);
  EXPECT_EQ(fresh.error().code, "database-not-migrated");
  options.create_server_login = true;
  ASSERT_TRUE(migrate(database.conninfo(), options));
  const std::string login = pg::test::with(database.conninfo(), std::string("user=") + server_login);
  const auto ready = require_migrated(login);
  EXPECT_TRUE(ready) << ready.error().detail;

  execute(database.conninfo(), "DELETE FROM pawl.schema_migrations WHERE name = '05_engine.sql'");
  const auto older = require_migrated(login);
  ASSERT_FALSE(older);
  EXPECT_EQ(older.error().code, "database-not-migrated");
  EXPECT_EQ(older.error().instance, "05_engine.sql");
  execute(database.conninfo(),
          "UPDATE pawl.schema_migrations SET name = '99_later.sql', pawl_version = '9.0.0' WHERE name = '04_runs.sql'");
  EXPECT_EQ(require_migrated(login).error().code, "database-newer");
}

TEST_F(PgMigrate, PartitionsAreKeptByTheEngineRoleAndARowInDefaultStopsNobody) {
  options.create_server_login = true;
  ASSERT_TRUE(migrate(database.conninfo(), options));
  const std::string login = pg::test::with(database.conninfo(), std::string("user=") + server_login);
  const auto none = maintain_partitions(login, engine_role);
  ASSERT_TRUE(none) << none.error().detail;
  EXPECT_TRUE(none->empty());

  const std::string last =
      value(database.conninfo(), "SELECT max(partition::text) FROM pawl.workflow_events_partitions()");
  execute(database.conninfo(), "DROP TABLE " + last);
  const auto healed = maintain_partitions(login, engine_role);
  ASSERT_TRUE(healed) << healed.error().detail;
  ASSERT_EQ(healed->size(), 1u);
  EXPECT_EQ("pawl." + healed->front(), last);

  execute(database.conninfo(), "DROP TABLE " + last);
  execute(database.conninfo(),
          "INSERT INTO pawl.workflow_events VALUES (gen_random_uuid(), gen_random_uuid(), 1, date_trunc('month', "
          "now()) + interval '3 months 2 days', "
          "'run.started', NULL, 1, '{}')");
  const auto kept = maintain_partitions(login, engine_role);
  ASSERT_TRUE(kept) << kept.error().detail;
  EXPECT_TRUE(kept->empty()) << "reported, and the server's start goes on";
  EXPECT_EQ(value(database.conninfo(), "SELECT count(*) FROM pawl.workflow_events_default"), "1");
  EXPECT_FALSE(maintain_partitions(login, reader_role)) << "readers make no tables";
}

}  // namespace
}  // namespace pawl::db
