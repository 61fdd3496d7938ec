#include "storage/postgres_server.h"

#include <cstdlib>

#include "base/encoding.h"

namespace pawl::storage_suite {

namespace {

std::string quoted(const std::string& text) {
  std::string out = "'";
  for (const char c : text) out += c == '\'' ? std::string("''") : std::string(1, c);
  return out + "'";
}

std::string quoted(const Uuid& id) { return "'" + id.text() + "'"; }

// Rolled back when it goes, and the answer awaited: a session that is merely closed keeps its locks for a moment more.
struct HeldRow : Server::Held {
  explicit HeldRow(boost::asio::io_context& loop) : io(loop), connection(loop) {}
  ~HeldRow() override {
    bool answered = !connection.is_open();
    if (!answered) {
      connection.send(pg::Pipeline().add("ROLLBACK"), pg::test::patience, [&](const auto&) { answered = true; });
    }
    pg::test::run_until(io, [&] { return answered; });
  }
  boost::asio::io_context& io;
  pg::Connection connection;
};

// Made by the first test that needs it, dropped with the program.
class SharedDatabase : public testing::Environment {
 public:
  const store::test::Database& get() {
    if (!database_) database_.emplace();
    return *database_;
  }
  void TearDown() override { database_.reset(); }

 private:
  std::optional<store::test::Database> database_;
};

SharedDatabase* shared() {
  static auto* const environment = static_cast<SharedDatabase*>(testing::AddGlobalTestEnvironment(new SharedDatabase));
  return environment;
}

std::vector<Factory> factories() {
  shared();
  return {{"postgres", [] { return std::make_unique<PostgresServer>(shared()->get()); }}};
}

}  // namespace

std::unique_ptr<ports::Storage> PostgresServer::connect() {
  return std::make_unique<store::PostgresStorage>(
      io_, store::PostgresSettings{.conninfo = database_.conninfo(), .allow_fsync_off = true});
}

bool PostgresServer::run_until(const std::function<bool()>& condition) {
  try {
    pg::test::run_until(io_, condition);
    return true;
  } catch (const std::exception&) { return false; }
}

Uuid PostgresServer::make_tenant() {
  const Uuid tenant = Uuid::version7(at(0), ++made_, 1);
  database_.execute("INSERT INTO pawl.tenants (tenant_id, name) VALUES (" + quoted(tenant) + ", 'tenant " +
                    std::to_string(made_) + "')");
  return tenant;
}

ports::StoredVersion PostgresServer::deploy(Uuid tenant, const std::string& namespace_, const std::string& name,
                                            const std::string& version, const std::string& source) {
  const std::string named =
      " WHERE tenant_id = " + quoted(tenant) + " AND namespace = " + quoted(namespace_) + " AND name = " + quoted(name);
  database_.execute("INSERT INTO pawl.workflow_definitions (tenant_id, definition_id, namespace, name) VALUES (" +
                    quoted(tenant) + ", gen_random_uuid(), " + quoted(namespace_) + ", " + quoted(name) +
                    ") ON CONFLICT DO NOTHING;");
  const std::string definition = database_.value("SELECT definition_id FROM pawl.workflow_definitions" + named);
  const std::string id = database_.value(
      "INSERT INTO pawl.workflow_definition_versions (tenant_id, version_id, definition_id, version, source, "
      "source_type, document, sha256)"
      " VALUES (" +
      quoted(tenant) + ", gen_random_uuid(), '" + definition + "', " + quoted(version) + ", convert_to(" +
      quoted(source) + ", 'UTF8'), 'application/yaml', '{}', sha256(convert_to(" + quoted(source) +
      ", 'UTF8'))) RETURNING version_id");
  database_.execute("UPDATE pawl.workflow_definitions SET active_version_id = '" + id + "'" + named);
  return {*Uuid::parse(definition), *Uuid::parse(id), namespace_, name, version, source};
}

std::unique_ptr<Server::Held> PostgresServer::hold(const std::string& query) {
  auto held = std::make_unique<HeldRow>(io_);
  std::size_t rows = 0;
  bool answered = false;
  held->connection.open({.conninfo = database_.conninfo()}, [&](pg::Outcome<void> opened) {
    if (!opened) return;
    held->connection.send(pg::Pipeline().begin().add(query), pg::test::patience, [&](pg::Outcome<pg::Results> answer) {
      if (answer) rows = answer->at(1).size();
      answered = true;
    });
  });
  EXPECT_TRUE(run_until([&] { return answered; }));
  EXPECT_EQ(rows, 1U) << query;
  return held;
}

void PostgresServer::cancel(const ports::RunKey& run, const std::string& reason) {
  database_.execute("BEGIN; SELECT pawl.as_tenant(" + quoted(run.tenant) + "); SELECT pawl.cancel_run(" +
                    quoted(run.run) + ", " + quoted(reason) + "); COMMIT");
}

// The token as the engine writes it (engine/token.cc).
bool PostgresServer::complete(const ports::InvocationKey& key, std::uint32_t attempt, std::uint32_t lease) {
  std::vector<std::uint8_t> token{1};
  token.insert(token.end(), key.tenant.bytes.begin(), key.tenant.bytes.end());
  token.insert(token.end(), key.invocation.bytes.begin(), key.invocation.bytes.end());
  for (const std::uint32_t number : {attempt, lease}) {
    for (int shift = 24; shift >= 0; shift -= 8) token.push_back(static_cast<std::uint8_t>(number >> shift));
  }
  try {
    database_.execute("BEGIN; SELECT pawl.as_tenant(" + quoted(key.tenant) + "); SELECT pawl.complete_task(" +
                      quoted(base64url(token)) + ", '\"done\"'); COMMIT");
    return true;
  } catch (const std::exception& refused) {
    const std::string why = refused.what();
    EXPECT_TRUE(why.starts_with("PW003") || why.starts_with("PW005")) << why;
    return false;
  }
}

std::unique_ptr<Server::Held> PostgresServer::lock(const ports::InvocationKey& key) {
  return hold("SELECT 1 FROM pawl.workflow_action_invocations WHERE tenant_id = " + quoted(key.tenant) +
              " AND invocation_id = " + quoted(key.invocation) + " FOR UPDATE");
}

std::unique_ptr<Server::Held> PostgresServer::lock(const ports::RunKey& key) {
  return hold("SELECT 1 FROM pawl.workflow_runs WHERE tenant_id = " + quoted(key.tenant) +
              " AND run_id = " + quoted(key.run) + " FOR UPDATE");
}

INSTANTIATE_TEST_SUITE_P(Pg, StorageTest, testing::ValuesIn(factories()),
                         [](const auto& factory) { return factory.param.name; });
INSTANTIATE_TEST_SUITE_P(Pg, InvocationTest, testing::ValuesIn(factories()),
                         [](const auto& factory) { return factory.param.name; });
INSTANTIATE_TEST_SUITE_P(Pg, InboxTest, testing::ValuesIn(factories()),
                         [](const auto& factory) { return factory.param.name; });

}  // namespace pawl::storage_suite
