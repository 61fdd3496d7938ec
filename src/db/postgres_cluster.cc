#include "db/postgres_cluster.h"

#include <boost/asio/io_context.hpp>
#include <csignal>
#include <fstream>
#include <system_error>
#include <vector>

#include "pg/connection.h"

namespace pawl::db {

namespace fs = std::filesystem;

namespace {

constexpr char superuser[] = "postgres";
constexpr char port[] = "5432";  // a part of the socket's name: nothing listens on a network
constexpr std::streamoff log_tail_bytes = 2'000;
constexpr Microseconds initdb_timeout = std::chrono::minutes(2);
constexpr Microseconds attempt_timeout = std::chrono::seconds(3);

// For one machine that is also used for other things. What keeps promises (fsync, full pages, synchronous commit) stays
// on; a larger WAL and slower checkpoints write fewer full pages.
constexpr const char* tuned[] = {
    "listen_addresses=",
    "unix_socket_permissions=0700",
    "fsync=on",
    "full_page_writes=on",
    "synchronous_commit=on",
    "max_connections=100",
    "shared_buffers=256MB",
    "effective_cache_size=1GB",
    "wal_buffers=16MB",
    "max_wal_size=2GB",
    "checkpoint_timeout=15min",
    "random_page_cost=1.1",
    "jit=off",
    "autovacuum_naptime=15s",
    "timezone=UTC",
    "log_timezone=UTC",
    "log_line_prefix=%m [%p] %a ",
    "log_checkpoints=off",
    "cluster_name=pawl",
};

Problem failed(std::string title, std::string detail) {
  return {.status = 500,
          .code = "postgres-failed",
          .title = std::move(title),
          .detail = std::move(detail),
          .instance = {},
          .hint = "The file postgres.log in the data directory has the whole story."};
}

}  // namespace

std::string PostgresCluster::conninfo(const std::string& user, const std::string& database) const {
  std::string folder;
  for (const char c : directory_.socket_folder.string())
    folder += c == '\'' || c == '\\' ? std::string("\\") + c : std::string(1, c);
  return "host='" + folder + "' port=" + port + " user=" + user + " dbname=" + database;
}

Result<void> PostgresCluster::create() {
  std::error_code error;
  if (fs::exists(directory_.postgres / "PG_VERSION", error)) return {};
  // Under another name first: a crash in the middle leaves nothing that looks like a cluster.
  const fs::path fresh = directory_.root / "postgres.new";
  fs::remove_all(fresh, error);
  if (!error) fs::create_directory(fresh, error);
  if (error) return fail(data_dir_problem(fresh, error));
  if (!directory_.user.empty()) {
    const auto given = run_command(
        {.command = {"chown", directory_.user + ":", fresh.string()}, .output = directory_.log}, initdb_timeout);
    if (!given) return fail(given.error());
  }
  const auto exit_code =
      run_command({.command = {programs_ / "initdb", "--pgdata", fresh.string(), "--username", superuser, "--auth",
                               "trust", "--encoding", "UTF8", "--locale", "C.UTF-8", "--data-checksums"},
                   .output = directory_.log,
                   .user = directory_.user},
                  initdb_timeout);
  if (!exit_code) return fail(exit_code.error());
  if (*exit_code != 0) return fail(failed("initdb could not make the database cluster", log_tail()));
  fs::remove(directory_.postgres, error);  // an empty folder may stand there
  fs::rename(fresh, directory_.postgres, error);
  if (error) return fail(data_dir_problem(directory_.postgres, error));
  return {};
}

Result<ChildProcess> PostgresCluster::launch() const {
  std::error_code ignored;
  if (fs::exists(directory_.log, ignored) && fs::file_size(directory_.log, ignored) > log_bytes) {
    fs::rename(directory_.log, directory_.log.string() + ".1", ignored);
  }
  std::vector<std::string> command = {programs_ / "postgres",  "-D", directory_.postgres, "-p", port, "-k",
                                      directory_.socket_folder};
  for (const char* setting : tuned) command.insert(command.end(), {"-c", setting});
  // SIGINT is PostgreSQL's fast shutdown: sessions end, everything is written out.
  return ChildProcess::start(
      {.command = std::move(command), .output = directory_.log, .user = directory_.user, .death_signal = SIGINT});
}

std::optional<int> PostgresCluster::running_pid() const {
  std::ifstream file(directory_.postgres / "postmaster.pid");
  int pid = 0;
  if (!(file >> pid) || pid <= 0) return std::nullopt;
  std::string program;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/comm"), program);
  if (program != "postgres") return std::nullopt;  // the number of a process that has ended, given to another one
  std::string arguments;
  std::getline(std::ifstream("/proc/" + std::to_string(pid) + "/cmdline"), arguments);
  return arguments.find(directory_.postgres.string()) == std::string::npos ? std::nullopt : std::optional(pid);
}

std::string PostgresCluster::why_not_ready() const {
  boost::asio::io_context io;
  pg::Connection connection(io);
  const auto opened =
      pg::run_to_end(io, connection.open({.conninfo = conninfo(superuser, "postgres"), .timeout = attempt_timeout}));
  return opened ? std::string() : opened.error().message;
}

Result<void> PostgresCluster::create_database(const std::string& name) const {
  boost::asio::io_context io;
  pg::Connection connection(io);
  auto opened = pg::run_to_end(io, connection.open({.conninfo = conninfo(superuser, "postgres")}));
  if (!opened) return fail(pg::problem_of(opened.error()));
  const auto created = pg::run_to_end(io, connection.run_script("CREATE DATABASE " + name, std::chrono::minutes(1)));
  if (!created && created.error().sqlstate != "42P04")
    return fail(pg::problem_of(created.error()));  // duplicate_database
  return {};
}

std::string PostgresCluster::log_tail() const {
  std::ifstream file(directory_.log, std::ios::binary | std::ios::ate);
  if (!file) return {};
  const std::streamoff size = file.tellg();
  file.seekg(std::max<std::streamoff>(0, size - log_tail_bytes));
  return {std::istreambuf_iterator<char>(file), {}};
}

}  // namespace pawl::db
