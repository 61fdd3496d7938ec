// ports::Storage over PostgreSQL, for one loop: a commit connection of its own, and a few side connections for all the
// rest.
//
// One thread, that of the io_context. The commit connection is in pipeline mode: a batch is one explicit transaction
// and one Sync, and a second batch may be sent before the first is answered.
#pragma once

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <memory>
#include <string>

#include "pg/connection.h"
#include "pg/pool.h"
#include "ports/storage.h"
#include "store/postgres/doorbell.h"
#include "store/postgres/plan_age.h"
#include "store/postgres/session_settings.h"

namespace pawl::store {

struct PostgresSettings {
  std::string conninfo;  // of a login that may become pawl_engine
  Microseconds connect_timeout = std::chrono::seconds(5);
  // Beyond it the outcome is unknown. Longer than lock_timeout and statement_timeout, so that the server answers first.
  Microseconds commit_timeout = std::chrono::seconds(20);
  Microseconds load_timeout = std::chrono::seconds(30);
  std::size_t side_connections = 2;
  bool allow_fsync_off = false;  // for tests: a commit may then be lost with the machine
};

class PostgresStorage final : public ports::Storage {
 public:
  PostgresStorage(boost::asio::io_context& io, PostgresSettings settings);
  ~PostgresStorage() override;

  void commit(Uuid loop, ports::Batch batch,
              std::move_only_function<void(std::expected<ports::Committed, ports::CommitFailure>)> then) override;
  void rollback(Done<void> then) override;
  // Also the first connection: before it, commits are answered `unknown`. Problems: `database-unavailable`, and
  // `fsync-off`.
  void reconnect(Done<void> then) override;

  void load_run(ports::RunKey key, Done<std::optional<ports::StoredRun>> then) override;
  void load_invocation(ports::InvocationKey key, Done<std::optional<ports::StoredInvocation>> then) override;
  void resolve_version(Uuid tenant, std::string namespace_, std::string name, std::string version,
                       Done<std::optional<ports::StoredVersion>> then) override;
  void load_version(Uuid tenant, Uuid version, Done<std::optional<ports::StoredVersion>> then) override;
  void load_pending(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from, std::uint32_t limit,
                    Done<ports::PendingPage> then) override;

  void load_inbox(std::vector<ports::Lane> lanes, std::optional<Uuid> after, std::uint32_t limit,
                  Done<ports::InboxPage> then) override;
  void listen(Uuid loop, std::move_only_function<void()> rung) override;
  void arm_doorbell(Uuid loop, bool armed, Done<void> then) override;

  void register_node(ports::NodeInfo node, Done<Time> then) override;
  void register_loop(Uuid loop, Uuid node, Done<void> then) override;  // connects first when there is no connection
  void fence_loop(Uuid loop, Done<void> then) override;
  void take_lanes(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                  Done<std::vector<ports::OwnedLane>> then) override;
  void forget_node(Uuid node, Done<void> then) override;
  void renew(Uuid node, Done<ports::Renewal> then) override;

  int commit_backend_pid() const { return commits_->backend_pid(); }  // 0: not connected

 private:
  pg::ConnectOptions connect_options(std::string application_name, SessionUse use) const;
  void prepare_session(Done<void> then);
  void insert_loop(Uuid loop, Uuid node, Time backend_start, Done<void> then);
  void try_fence(Uuid loop, int attempt, Done<void> then);
  void end_backend_of(Uuid loop, Done<void> then);
  // A pipeline on a side connection; `read` makes the answer of its results.
  template <class T, class Read>
  void ask(pg::Pipeline pipeline, Read read, Done<T> then);
  void tell(pg::Pipeline pipeline, Done<void> then);

  boost::asio::io_context& io_;
  PostgresSettings settings_;
  std::unique_ptr<pg::Connection> commits_;
  PlanAge plan_age_;
  pg::Pool side_;
  std::unique_ptr<Doorbell> doorbell_;
  ports::NodeInfo node_;  // as register_node() said
};

}  // namespace pawl::store
