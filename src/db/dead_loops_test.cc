#include "db/dead_loops.h"

#include <gtest/gtest.h>

#include "db/migrate.h"
#include "db/server_login.h"
#include "pg/test_server.h"

namespace pawl::db {
namespace {

TEST(PgDeadLoops, AreForgottenByTheServersLogin) {
  pg::test::Database database;
  ASSERT_TRUE(migrate(database.conninfo(), {.pawl_version = "0.1.0", .create_server_login = true}));
  pg::test::execute(database.conninfo(),
                    "INSERT INTO pawl.engine_nodes VALUES (gen_random_uuid(), 'n', NULL, 1, '-infinity')");
  pg::test::execute(database.conninfo(),
                    "INSERT INTO pawl.engine_loops SELECT gen_random_uuid(), node_id, 1, now(), 'fenced' "
                    "FROM pawl.engine_nodes, generate_series(1, 3)");
  boost::asio::io_context io;
  pg::PoolOptions options;
  options.connect.conninfo = pg::test::with(database.conninfo(), std::string("user=") + server_login);
  options.connect.role = engine_role;
  pg::Pool pool(io, options);
  const auto forgotten = pg::run_to_end(io, forget_dead_loops(pool));
  ASSERT_TRUE(forgotten) << forgotten.error().detail;
  EXPECT_EQ(*forgotten, 3);
  EXPECT_EQ(pg::test::value(database.conninfo(), "SELECT count(*) FROM pawl.engine_nodes"), "0");
}

}  // namespace
}  // namespace pawl::db
