// PostgreSQL as a server of the suite: the one that PAWL_TEST_PG names, with a database of this program's own.
#pragma once

#include <boost/asio/io_context.hpp>

#include "storage/suite.h"
#include "store/postgres/storage.h"
#include "store/test_database.h"

namespace pawl::storage_suite {

class PostgresServer : public Server {
 public:
  explicit PostgresServer(const store::test::Database& database) : database_(database) { database.reset(); }

  std::unique_ptr<ports::Storage> connect() override;
  bool run_until(const std::function<bool()>& condition) override;
  Uuid make_tenant() override;
  ports::StoredVersion deploy(Uuid tenant, const std::string& namespace_, const std::string& name,
                              const std::string& version, const std::string& source) override;
  void cancel(const ports::RunKey& run, const std::string& reason) override;
  bool complete(const ports::InvocationKey& key, std::uint32_t attempt, std::uint32_t lease) override;
  std::unique_ptr<Held> lock(const ports::InvocationKey& key) override;
  std::unique_ptr<Held> lock(const ports::RunKey& key) override;

 private:
  std::unique_ptr<Held> hold(const std::string& query);

  const store::test::Database& database_;
  boost::asio::io_context io_;
  std::uint64_t made_ = 0;
};

}  // namespace pawl::storage_suite
