#include "store/memory/database.h"

#include <algorithm>

#include "base/hash.h"

namespace pawl::store::memory {

MemoryDatabase::MemoryDatabase(Scheduler& scheduler, Safeguards safeguards)
    : scheduler_(scheduler),
      safeguards_(safeguards),
      locks_([this](TransactionId transaction) { wake(transaction); }) {}

MemoryDatabase::~MemoryDatabase() = default;

ports::StoredVersion MemoryDatabase::deploy(Uuid tenant, std::string namespace_, std::string name, std::string version,
                                            std::string source) {
  ports::StoredVersion stored;
  stored.definition = Uuid::version8(sha256_parts({"definition", tenant.text(), namespace_, name}));
  stored.version = Uuid::version8(sha256_parts({"version", tenant.text(), namespace_, name, version}));
  stored.namespace_ = std::move(namespace_);
  stored.name = std::move(name);
  stored.version_name = std::move(version);
  stored.source = std::move(source);
  tables_.versions[{tenant, stored.version}] = stored;
  tables_.active_versions[{tenant, stored.definition}] = stored.version;
  return stored;
}

Backend* MemoryDatabase::find(BackendId backend) {
  const auto found = backends_.find(backend);
  return found == backends_.end() ? nullptr : found->second.get();
}

BackendId MemoryDatabase::connect(std::shared_ptr<Link> link) {
  const BackendId id = ++last_backend_;
  backends_.emplace(id, std::make_unique<Backend>(id, *this, std::move(link)));
  return id;
}

void MemoryDatabase::send(BackendId backend, const std::shared_ptr<Link>& link, Script script) {
  scheduler_.at(link->arrival(), [this, backend, link, script = std::move(script)]() mutable {
    if (Backend* found = find(backend))
      found->receive(std::move(script));
    else
      link->cut();
  });
}

void MemoryDatabase::terminate(BackendId backend) {
  const auto found = backends_.find(backend);
  if (found == backends_.end()) return;
  scheduler_.note("backend ends", backend);
  std::unique_ptr<Backend> ended = std::move(found->second);
  backends_.erase(found);
  ended->end();
  // It may be in the middle of one of its own functions: it goes when that has returned.
  scheduler_.after(Microseconds{0}, [gone = std::move(ended)] {});
}

void MemoryDatabase::crash() {
  while (!backends_.empty()) terminate(backends_.begin()->first);
}

void MemoryDatabase::client_left(BackendId backend) {
  scheduler_.after(scheduler_.between(network_least, network_most), [this, backend] {
    if (Backend* found = find(backend)) found->client_left();
  });
}

void MemoryDatabase::committing(const Transaction& transaction) {
  ++commits_;
  if (on_commit_) on_commit_(transaction);
}

void MemoryDatabase::wake(TransactionId transaction) {
  const auto found = std::ranges::find_if(
      backends_, [&](const auto& backend) { return backend.second->transaction() == transaction; });
  if (found != backends_.end()) found->second->wake();
}

MemoryDatabase::UserTransaction::UserTransaction(MemoryDatabase& database)
    : database_(database), id_(database.next_transaction()) {}

MemoryDatabase::UserTransaction::~UserTransaction() { database_.locks_.release_all(id_); }

bool MemoryDatabase::UserTransaction::lock(const ports::InvocationKey& key) {
  if (!database_.tables_.invocations.contains(key)) return false;
  return database_.locks_.acquire(id_, {RowId::Table::invocations, key.tenant, key.invocation, 0}, LockMode::exclusive);
}

bool MemoryDatabase::UserTransaction::lock(const ports::RunKey& key) {
  if (!database_.tables_.runs.contains(key)) return false;
  return database_.locks_.acquire(id_, {RowId::Table::runs, key.tenant, key.run, 0}, LockMode::exclusive);
}

}  // namespace pawl::store::memory
