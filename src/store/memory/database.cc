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

// As ring_doorbell() of the schema: what has just been committed wakes an owner that sleeps.
void MemoryDatabase::ring(ports::Lane lane) {
  const auto row = tables_.lanes.find(lane);
  if (deaf_ || row == tables_.lanes.end() || !row->second.loop) return;
  const auto armed = tables_.doorbells.find(*row->second.loop);
  if (armed == tables_.doorbells.end() || !armed->second) return;
  scheduler_.after(scheduler_.between(network_least, network_most), [bell = bells_[*row->second.loop]] {
    if (const auto rung = bell.lock()) (*rung)();
  });
}

MemoryDatabase::UserTransaction::UserTransaction(MemoryDatabase& database)
    : database_(database),
      transaction_(std::make_unique<Transaction>(database.next_transaction(), database.tables_, database.locks_)) {}

bool MemoryDatabase::UserTransaction::lock(const ports::InvocationKey& key) {
  if (!database_.tables_.invocations.contains(key)) return false;
  return database_.locks_.acquire(transaction_->id(), {RowId::Table::invocations, key.tenant, key.invocation, 0},
                                  LockMode::exclusive);
}

bool MemoryDatabase::UserTransaction::lock(const ports::RunKey& key) {
  if (!database_.tables_.runs.contains(key)) return false;
  return database_.locks_.acquire(transaction_->id(), {RowId::Table::runs, key.tenant, key.run, 0},
                                  LockMode::exclusive);
}

bool MemoryDatabase::UserTransaction::end_task(const ports::InvocationKey& key, std::uint32_t attempt,
                                               std::uint32_t lease, ports::InboxKind kind, json::Value content) {
  using Status = ports::InvocationStatus;
  using Resolution = ports::Resolution;
  if (!lock(key)) return false;
  InvocationRow row = *transaction_->invocations.find(key);
  const bool open = row.status == Status::ready || row.status == Status::leased;
  const bool same = row.attempt == attempt && row.lease == lease;
  if (database_.safeguards_.completion_compares && !(open && same)) {
    const bool ended = row.resolution == Resolution::completed || row.resolution == Resolution::failed;
    return same && (row.status == Status::completing || (row.status == Status::resolved && ended));
  }
  const Uuid run = row.run;
  row.status = Status::completing;
  transaction_->invocations.put(key, std::move(row));
  put({key.tenant, run}, kind,
      json::Value::object({{"invocation", json::Value(key.invocation.text())},
                           {"attempt", json::Value::integer(attempt)},
                           {"lease", json::Value::integer(lease)}}),
      std::move(content));
  return true;
}

void MemoryDatabase::UserTransaction::put(const ports::RunKey& run, ports::InboxKind kind, json::Value payload,
                                          std::optional<json::Value> content) {
  // Ids come in any order, and commit in any other.
  const Uuid id = Uuid::version8(sha256(std::to_string(++database_.last_inbox_)));
  transaction_->inbox.put({run.tenant, id}, {run.run, kind, std::move(payload), std::move(content)});
}

void MemoryDatabase::UserTransaction::commit() {
  std::vector<ports::Lane> lanes;
  for (const auto& [key, row] : transaction_->inbox.written()) lanes.push_back(row->run.lane());
  database_.committing(*transaction_);
  transaction_->commit();
  for (const ports::Lane lane : lanes) database_.ring(lane);
}

}  // namespace pawl::store::memory
