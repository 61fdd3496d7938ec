#include "store/memory/storage.h"

#include "store/memory/load.h"
#include "store/memory/ownership_statements.h"
#include "store/sqlstate.h"

namespace pawl::store::memory {

namespace {

Problem unavailable(const SqlError& error) {
  Problem problem;
  problem.status = 503;
  problem.code = "store-unavailable";
  problem.title = "The store did not answer";
  problem.detail = error.state.empty() ? error.message : error.state + " " + error.message;
  return problem;
}

Result<void> result_of(Outcome outcome) {
  if (!outcome) return pawl::fail(unavailable(outcome.error()));
  return {};
}

Script script(std::string_view name, std::vector<Statement> statements) {
  return {Script::Kind::transaction, name, std::move(statements), true};
}

}  // namespace

MemoryStorage::MemoryStorage(MemoryDatabase& database)
    : database_(database), link_(std::make_shared<Link>(database.scheduler())), backend_(database.connect(link_)) {}

MemoryStorage::~MemoryStorage() {
  link_->close();
  database_.client_left(backend_);
  for (const auto& [backend, link] : asides_) {
    link->close();
    database_.client_left(backend);
  }
}

// ---- the commit session

void MemoryStorage::send(Script to_send, Link::Answer then) {
  if (!link_->usable()) {
    database_.scheduler().after(Microseconds{0}, [link = link_, then = std::move(then)]() mutable {
      if (!link->closed()) then(raise("", "connection lost"));
    });
    return;
  }
  link_->expect(std::move(then));
  database_.send(backend_, link_, std::move(to_send));
}

void MemoryStorage::commit(Uuid loop, ports::Batch batch,
                           std::move_only_function<void(std::expected<ports::Committed, ports::CommitFailure>)> then) {
  const auto shared = std::make_shared<const ports::Batch>(std::move(batch));
  const auto result = std::make_shared<ports::Committed>();
  Script to_send = script("commit", commit_statements(loop, shared, result, database_.safeguards()));
  to_send.explicit_transaction = database_.safeguards().explicit_transactions;
  const auto deadline = database_.scheduler().after(commit_deadline, [link = link_] { link->cut(); });
  send(std::move(to_send),
       [&scheduler = database_.scheduler(), deadline, result, then = std::move(then)](Outcome outcome) mutable {
         scheduler.cancel(deadline);
         if (outcome) return then(std::move(*result));
         SqlError& error = outcome.error();
         then(std::unexpected(ports::CommitFailure{classify(error.state), error.what, error.state, error.message}));
       });
}

void MemoryStorage::rollback(Done<void> then) {
  send({Script::Kind::rollback, "rollback", {}, false},
       [then = std::move(then)](Outcome outcome) mutable { then(result_of(std::move(outcome))); });
}

void MemoryStorage::reconnect(Done<void> then) {
  link_->cut();  // whatever is still unanswered is unknown
  database_.client_left(backend_);
  link_ = std::make_shared<Link>(database_.scheduler());
  backend_ = database_.connect(link_);
  send(script("connect", {}),
       [then = std::move(then)](Outcome outcome) mutable { then(result_of(std::move(outcome))); });
}

void MemoryStorage::register_loop(Uuid loop, Uuid node, Done<void> then) {
  send(script("register_loop", {insert_loop(loop, node, backend_)}),
       [then = std::move(then)](Outcome outcome) mutable { then(result_of(std::move(outcome))); });
}

// ---- everything else, each on a session of its own

void MemoryStorage::aside(Script to_send, std::move_only_function<void(Outcome)> then) {
  const auto link = std::make_shared<Link>(database_.scheduler());
  const BackendId backend = database_.connect(link);
  asides_.insert({backend, link});
  link->expect([this, backend, link_again = std::weak_ptr(link), then = std::move(then)](Outcome outcome) mutable {
    if (const auto used = link_again.lock()) {
      used->close();
      database_.client_left(backend);
      asides_.erase({backend, used});
    }
    then(std::move(outcome));
  });
  database_.send(backend, link, std::move(to_send));
}

template <class Row>
void MemoryStorage::query(std::string_view name, std::function<Row(const Tables&)> read, Done<Row> then) {
  const auto row = std::make_shared<Row>();
  const Statement statement{name, {}, [read = std::move(read), row](Scene& scene) -> Outcome {
                              *row = read(scene.transaction.committed());
                              return {};
                            }};
  aside(script(name, {statement}), [row, then = std::move(then)](Outcome outcome) mutable {
    if (!outcome) return then(pawl::fail(unavailable(outcome.error())));
    then(std::move(*row));
  });
}

void MemoryStorage::load_run(ports::RunKey key, Done<std::optional<ports::StoredRun>> then) {
  query<std::optional<ports::StoredRun>>(
      "load_run", [key](const Tables& tables) { return stored_run(tables, key); }, std::move(then));
}

void MemoryStorage::load_invocation(ports::InvocationKey key, Done<std::optional<ports::StoredInvocation>> then) {
  query<std::optional<ports::StoredInvocation>>(
      "load_invocation", [key](const Tables& tables) { return stored_invocation(tables, key); }, std::move(then));
}

void MemoryStorage::resolve_version(Uuid tenant, std::string namespace_, std::string name, std::string version,
                                    Done<std::optional<ports::StoredVersion>> then) {
  query<std::optional<ports::StoredVersion>>(
      "resolve_version",
      [=](const Tables& tables) { return stored_version(tables, tenant, namespace_, name, version); }, std::move(then));
}

void MemoryStorage::load_version(Uuid tenant, Uuid version, Done<std::optional<ports::StoredVersion>> then) {
  query<std::optional<ports::StoredVersion>>(
      "load_version", [=](const Tables& tables) { return stored_version(tables, tenant, version); }, std::move(then));
}

void MemoryStorage::load_pending(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from,
                                 std::uint32_t limit, Done<ports::PendingPage> then) {
  query<ports::PendingPage>(
      "load_pending",
      [=, window = PendingWindow(std::move(lanes), due_before, std::move(from), limit)](const Tables& tables) {
        return window.read(tables);
      },
      std::move(then));
}

void MemoryStorage::load_inbox(std::vector<ports::Lane> lanes, std::optional<Uuid> after, std::uint32_t limit,
                               Done<ports::InboxPage> then) {
  query<ports::InboxPage>(
      "load_inbox",
      [=, lanes = std::move(lanes)](const Tables& tables) { return stored_inbox(tables, lanes, after, limit); },
      std::move(then));
}

void MemoryStorage::listen(Uuid loop, std::move_only_function<void()> rung) {
  rung_ = std::make_shared<std::move_only_function<void()>>(std::move(rung));
  database_.listen(loop, rung_);
  database_.scheduler().after(network_most, [rung = std::weak_ptr(rung_)] {
    if (const auto listener = rung.lock()) (*listener)();
  });
}

void MemoryStorage::arm_doorbell(Uuid loop, bool armed, Done<void> then) {
  Statement arm{"arm_doorbell", {}, [loop, armed](Scene& scene) -> Outcome {
                  scene.transaction.doorbells.put(loop, armed);
                  return {};
                }};
  arm.locks = [loop](const Transaction&) -> std::vector<LockWish> {
    return {{{RowId::Table::doorbells, {}, loop, 0}}};
  };
  aside(script("arm_doorbell", {arm}),
        [then = std::move(then)](Outcome outcome) mutable { then(result_of(std::move(outcome))); });
}

void MemoryStorage::register_node(ports::NodeInfo node, Done<Time> then) {
  const auto registered = std::make_shared<Time>();
  aside(script("register_node", {upsert_node(std::move(node), registered)}),
        [registered, then = std::move(then)](Outcome outcome) mutable {
          if (!outcome) return then(pawl::fail(unavailable(outcome.error())));
          then(*registered);
        });
}

// 55P03: whoever holds the loop's row has stopped in the middle of a commit; its backend is ended, and it is tried
// again.
void MemoryStorage::fence_loop(Uuid loop, Done<void> then) {
  aside(script("fence_loop", {fence_update(loop)}), [this, loop, then = std::move(then)](Outcome outcome) mutable {
    if (outcome || outcome.error().state != "55P03") return then(result_of(std::move(outcome)));
    const auto row = database_.tables().loops.find(loop);
    if (row != database_.tables().loops.end()) database_.terminate(row->second.backend);
    fence_loop(loop, std::move(then));
  });
}

void MemoryStorage::take_lanes(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                               Done<std::vector<ports::OwnedLane>> then) {
  const auto taken = std::make_shared<std::vector<ports::OwnedLane>>();
  aside(script("take_lanes",
               {fence_statement(to, database_.safeguards()), lanes_update(to, from, std::move(lanes), taken)}),
        [taken, then = std::move(then)](Outcome outcome) mutable {
          if (!outcome) return then(pawl::fail(unavailable(outcome.error())));
          then(std::move(*taken));
        });
}

void MemoryStorage::forget_node(Uuid node, Done<void> then) {
  aside(script("forget_node", {end_lease(node), fence_loops_of(node)}),
        [then = std::move(then)](Outcome outcome) mutable { then(result_of(std::move(outcome))); });
}

void MemoryStorage::renew(Uuid node, Done<ports::Renewal> then) {
  const auto renewed = std::make_shared<ports::Renewal>();
  const auto exists = [&database = database_](BackendId backend) { return database.exists(backend); };
  aside(script("renew", {renew_lease(node, renewed), read_loops(renewed, exists)}),
        [renewed, then = std::move(then)](Outcome outcome) mutable {
          if (!outcome) return then(pawl::fail(unavailable(outcome.error())));
          then(std::move(*renewed));
        });
}

}  // namespace pawl::store::memory
