// The in-memory model as a server of the suite, and for tests of its own with faults.
#pragma once

#include "storage/suite.h"
#include "store/memory/storage.h"

namespace pawl::storage_suite {

class MemoryServer : public Server {
 public:
  explicit MemoryServer(std::uint64_t seed = 1, store::memory::Safeguards safeguards = {})
      : scheduler(seed), database(scheduler, safeguards) {}

  std::unique_ptr<ports::Storage> connect() override;
  bool run_until(const std::function<bool()>& condition) override;
  Uuid make_tenant() override;
  ports::StoredVersion deploy(Uuid tenant, const std::string& namespace_, const std::string& name,
                              const std::string& version, const std::string& source) override;
  void cancel(const ports::RunKey& run, const std::string& reason) override;
  bool complete(const ports::InvocationKey& key, std::uint32_t attempt, std::uint32_t lease) override;
  std::unique_ptr<Held> lock(const ports::InvocationKey& key) override;
  std::unique_ptr<Held> lock(const ports::RunKey& key) override;

  store::memory::Scheduler scheduler;
  store::memory::MemoryDatabase database;

 private:
  std::uint64_t tenants_ = 0;
};

}  // namespace pawl::storage_suite
