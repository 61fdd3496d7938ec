#include "storage/memory_server.h"

namespace pawl::storage_suite {

namespace {

struct HeldRow : Server::Held {
  explicit HeldRow(store::memory::MemoryDatabase& database) : transaction(database) {}
  store::memory::MemoryDatabase::UserTransaction transaction;
};

template <class Key>
std::unique_ptr<Server::Held> hold(store::memory::MemoryDatabase& database, const Key& key) {
  auto held = std::make_unique<HeldRow>(database);
  EXPECT_TRUE(held->transaction.lock(key));
  return held;
}

}  // namespace

std::unique_ptr<ports::Storage> MemoryServer::connect() {
  return std::make_unique<store::memory::MemoryStorage>(database);
}

bool MemoryServer::run_until(const std::function<bool()>& condition) {
  return scheduler.run_until(condition, std::chrono::minutes{1});
}

Uuid MemoryServer::make_tenant() { return Uuid::version7(scheduler.now(), ++tenants_, 1); }

ports::StoredVersion MemoryServer::deploy(Uuid tenant, const std::string& namespace_, const std::string& name,
                                          const std::string& version, const std::string& source) {
  return database.deploy(tenant, namespace_, name, version, source);
}

void MemoryServer::cancel(const ports::RunKey& run, const std::string& reason) {
  store::memory::MemoryDatabase::UserTransaction user(database);
  user.put(run, ports::InboxKind::cancel, json::Value::object({{"reason", json::Value(reason)}}));
  user.commit();
}

bool MemoryServer::complete(const ports::InvocationKey& key, std::uint32_t attempt, std::uint32_t lease) {
  store::memory::MemoryDatabase::UserTransaction user(database);
  const bool accepted = user.end_task(key, attempt, lease, ports::InboxKind::complete, json::Value("done"));
  if (accepted) user.commit();
  return accepted;
}

std::unique_ptr<Server::Held> MemoryServer::lock(const ports::InvocationKey& key) { return hold(database, key); }
std::unique_ptr<Server::Held> MemoryServer::lock(const ports::RunKey& key) { return hold(database, key); }

namespace {

const auto memory = testing::Values(Factory{"memory", [] { return std::make_unique<MemoryServer>(); }});
std::string name_of(const testing::TestParamInfo<Factory>& factory) { return factory.param.name; }

}  // namespace

INSTANTIATE_TEST_SUITE_P(Memory, StorageTest, memory, name_of);
INSTANTIATE_TEST_SUITE_P(Memory, InvocationTest, memory, name_of);
INSTANTIATE_TEST_SUITE_P(Memory, InboxTest, memory, name_of);

}  // namespace pawl::storage_suite
