#include "db/private_server.h"

#include <unistd.h>

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <csignal>
#include <optional>
#include <utility>

#include "base/log.h"
#include "base/random.h"
#include "db/postgres_cluster.h"
#include "db/postgres_programs.h"
#include "db/server_login.h"
#include "pg/backoff.h"
#include "pg/connection.h"

namespace pawl::db {

namespace {

constexpr char database[] = "pawl";
constexpr Microseconds look_again_first =
    std::chrono::milliseconds(10);  // each refused attempt is a line in PostgreSQL's log
constexpr Microseconds look_again_longest = std::chrono::milliseconds(500);
constexpr Microseconds stop_timeout = std::chrono::minutes(1);
constexpr Microseconds stop_hard_timeout = std::chrono::seconds(10);
constexpr Microseconds stayed_up = std::chrono::minutes(1);  // after that a failure is a new one: no longer waits

}  // namespace

class PrivateServer::Machine {
 public:
  Machine(PrivateServerOptions options, DirectoryLock lock, PostgresCluster cluster)
      : options_(std::move(options)),
        lock_(std::move(lock)),
        cluster_(std::move(cluster)),
        backoff_(options_.restart_first, options_.restart_longest, secret_seed()) {}
  ~Machine() { stop(); }

  Result<void> start() {
    const auto deadline = Clock::now() + options_.ready_timeout;
    if (auto created = cluster_.create(); !created) return created;
    if (auto adopted = adopt(deadline); !adopted) return adopted;
    if (!adopted_) {
      auto launched = cluster_.launch();
      if (!launched) return fail(std::move(launched.error()));
      process_ = std::move(*launched);
      if (auto ready = wait_until_ready(deadline); !ready) return ready;
    }
    return cluster_.create_database(database);
  }

  void supervise(boost::asio::io_context& io) {
    watched_.emplace(io);
    timer_.emplace(io);
    started_at_ = Clock::now();
    watch();
  }

  void stop() {
    timer_.reset();
    watched_.reset();
    process_.signal(SIGINT);
    if (process_.wait(stop_timeout)) return;
    log_warning("PostgreSQL does not stop: ending it without a checkpoint", {{"pid", std::int64_t{process_.pid()}}});
    process_.signal(SIGQUIT);
    process_.wait(stop_hard_timeout);
  }

  const PostgresCluster& cluster() const { return cluster_; }
  bool adopted() const { return adopted_; }
  int pid() const { return down_ ? 0 : process_.pid(); }

 private:
  using Clock = std::chrono::steady_clock;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, pg::Executor>;
  using Descriptor = boost::asio::posix::basic_stream_descriptor<pg::Executor>;

  // A PostgreSQL that outlived its pawl is either used, or waited for when it is on its way down.
  Result<void> adopt(Clock::time_point deadline) {
    pg::Backoff look_again(look_again_first, look_again_longest, secret_seed());
    while (const auto pid = cluster_.running_pid()) {
      auto process = ChildProcess::adopt(*pid);
      if (!process) continue;  // ended just now
      if (cluster_.why_not_ready().empty()) {
        log_info("adopted the PostgreSQL that still runs in the data directory", {{"pid", std::int64_t{*pid}}});
        process_ = std::move(*process);
        adopted_ = true;
        return {};
      }
      if (Clock::now() > deadline)
        return fail(not_ready("A PostgreSQL that runs in the data directory neither answers nor ends"));
      process->wait(look_again.next());
    }
    return {};
  }

  Result<void> wait_until_ready(Clock::time_point deadline) {
    pg::Backoff look_again(look_again_first, look_again_longest, secret_seed());
    while (!cluster_.why_not_ready().empty()) {
      if (process_.wait(look_again.next())) return fail(not_ready("PostgreSQL ended while it started"));
      if (Clock::now() > deadline) return fail(not_ready("PostgreSQL does not answer"));
    }
    return {};
  }

  Problem not_ready(std::string title) const {
    return {.status = 500,
            .code = "postgres-failed",
            .title = std::move(title),
            .detail = cluster_.log_tail(),
            .instance = cluster_.directory().root.string(),
            .hint = "The file postgres.log in the data directory has the whole story."};
  }

  void watch() {
    watched_->assign(dup(process_.descriptor()));
    watched_->async_wait(Descriptor::wait_read, [this](boost::system::error_code error) {
      if (error) return;
      watched_->close();
      process_.wait(Microseconds(0));
      down_ = true;
      log_error("PostgreSQL has ended; starting it again", {{"pid", std::int64_t{process_.pid()}},
                                                            {"exit_code", std::int64_t{process_.exit_code()}},
                                                            {"log", cluster_.log_tail()}});
      if (Clock::now() - started_at_ > stayed_up) backoff_.reset();
      restart_later();
    });
  }

  void restart_later() {
    timer_->expires_after(backoff_.next());
    timer_->async_wait([this](boost::system::error_code error) {
      if (error) return;
      auto launched = cluster_.launch();
      if (!launched) {
        log_error("PostgreSQL cannot be started", {{"why", launched.error().detail}});
        return restart_later();
      }
      process_ = std::move(*launched);
      adopted_ = down_ = false;
      started_at_ = Clock::now();
      watch();
    });
  }

  PrivateServerOptions options_;
  DirectoryLock lock_;
  PostgresCluster cluster_;
  ChildProcess process_;
  pg::Backoff backoff_;
  Clock::time_point started_at_{};
  bool adopted_ = false, down_ = false;
  std::optional<Descriptor> watched_;
  std::optional<Timer> timer_;
};

Result<std::unique_ptr<PrivateServer>> PrivateServer::start(PrivateServerOptions options) {
  auto directory = prepare_data_directory(options.data_dir, options.free_bytes);
  if (!directory) return fail(std::move(directory.error()));
  auto lock = DirectoryLock::take(directory->root / "lock");
  if (!lock) return fail(std::move(lock.error()));
  auto programs = find_postgres(directory->postgres, postgres_folders());
  if (!programs) return fail(std::move(programs.error()));
  auto machine = std::make_unique<Machine>(std::move(options), std::move(*lock),
                                           PostgresCluster(std::move(*directory), std::move(*programs)));
  if (auto started = machine->start(); !started) return fail(std::move(started.error()));
  return std::unique_ptr<PrivateServer>(new PrivateServer(std::move(machine)));
}

PrivateServer::PrivateServer(std::unique_ptr<Machine> machine) : machine_(std::move(machine)) {}

PrivateServer::~PrivateServer() = default;

std::string PrivateServer::owner_conninfo() const { return machine_->cluster().conninfo("postgres", database); }

std::string PrivateServer::server_conninfo() const { return machine_->cluster().conninfo(server_login, database); }

const DataDirectory& PrivateServer::directory() const { return machine_->cluster().directory(); }

int PrivateServer::pid() const { return machine_->pid(); }

bool PrivateServer::adopted() const { return machine_->adopted(); }

void PrivateServer::supervise(boost::asio::io_context& io) { machine_->supervise(io); }

void PrivateServer::stop() { machine_->stop(); }

}  // namespace pawl::db
