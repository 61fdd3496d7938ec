// One cluster on disk and the process that serves it; the steps of which PrivateServer is made.
#pragma once

#include <filesystem>
#include <optional>
#include <string>

#include "base/problem.h"
#include "base/time.h"
#include "db/child_process.h"
#include "db/data_directory.h"

namespace pawl::db {

class PostgresCluster {
 public:
  PostgresCluster(DataDirectory directory, std::filesystem::path programs)
      : directory_(std::move(directory)), programs_(std::move(programs)) {}

  const DataDirectory& directory() const { return directory_; }
  std::string conninfo(const std::string& user, const std::string& database) const;

  Result<void> create();                // initdb, unless the cluster exists; all or nothing
  Result<ChildProcess> launch() const;  // returns before it answers
  // The pid in postmaster.pid, if that process lives and is a PostgreSQL of this cluster.
  std::optional<int> running_pid() const;
  Result<void> create_database(const std::string& name) const;
  // The server's answer to one attempt to connect; empty message: it is ready.
  std::string why_not_ready() const;
  std::string log_tail() const;  // the last lines of PostgreSQL's log

 private:
  DataDirectory directory_;
  std::filesystem::path programs_;
};

}  // namespace pawl::db
