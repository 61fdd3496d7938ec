// The PostgreSQL that `pawl dev` starts for itself: a cluster in its data directory, reached by a socket there and by
// nothing else, tuned for one machine, durable (fsync and synchronous_commit on).
//
// It never runs as root. It stops with the thread that started it, also when that dies by SIGKILL, so start it on a
// thread that lives as long as the server. One that lives on nevertheless is adopted by the next start.
#pragma once

#include <boost/asio/io_context.hpp>
#include <filesystem>
#include <memory>
#include <string>

#include "base/problem.h"
#include "base/time.h"
#include "db/data_directory.h"

namespace pawl::db {

struct PrivateServerOptions {
  std::filesystem::path data_dir;
  std::uint64_t free_bytes = least_free_bytes;
  Microseconds ready_timeout = std::chrono::minutes(5);  // recovery after a crash may take long
  Microseconds restart_first = std::chrono::milliseconds(100);
  Microseconds restart_longest = std::chrono::seconds(10);
};

class PrivateServer {
 public:
  // Takes the directory, makes the cluster and the database `pawl` when they are not there, starts PostgreSQL and waits
  // until it answers. Blocks. Codes: those of data_directory.h and postgres_programs.h, and postgres-failed with the
  // end of PostgreSQL's log.
  static Result<std::unique_ptr<PrivateServer>> start(PrivateServerOptions options);

  ~PrivateServer();  // stops it, unless stop() has
  PrivateServer(const PrivateServer&) = delete;
  PrivateServer& operator=(const PrivateServer&) = delete;

  std::string owner_conninfo() const;   // as superuser: migrations, upkeep, `pawl verify`
  std::string server_conninfo() const;  // as pawl_server, the login of `db::server_login`
  const DataDirectory& directory() const;
  int pid() const;  // of PostgreSQL; 0 while it is down
  bool adopted() const;

  // From now on PostgreSQL's end is noticed, logged, and answered by starting it again, with back-off while it does not
  // stay up. On the thread that runs `io`, which must be the one that called start(); `io` outlives stop().
  void supervise(boost::asio::io_context& io);

  // Ends sessions, writes everything out, and returns when it is down (at the latest after a minute, the hard way).
  // Blocks. No supervision after it.
  void stop();

 private:
  class Machine;
  explicit PrivateServer(std::unique_ptr<Machine> machine);
  std::unique_ptr<Machine> machine_;
};

}  // namespace pawl::db
