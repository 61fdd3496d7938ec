#include "store/memory/backend.h"

#include <algorithm>

#include "store/memory/database.h"

namespace pawl::store::memory {

bool Scene::has(const RowId& row) const { return !std::ranges::binary_search(skipped, row); }

Backend::Backend(BackendId id, MemoryDatabase& database, std::shared_ptr<Link> link)
    : id_(id), database_(database), link_(std::move(link)) {}

void Backend::after(Microseconds delay, void (Backend::*step)()) {
  database_.scheduler().after(delay, [&database = database_, id = id_, step] {
    if (Backend* self = database.find(id)) (self->*step)();
  });
}

bool Backend::survive(Point::When when, void (Backend::*again)()) {
  if (!stood_still_) {
    Point point{when, id_, script_->name, {}, link_->client_there()};
    if (statement_ < script_->statements.size()) point.statement = script_->statements[statement_].name;
    fault_ = database_.ask(point);
    if (fault_.cut) link_->cut();
    if (fault_.stop > Microseconds{0}) {
      stood_still_ = true;
      after(fault_.stop, again);
      return false;
    }
  }
  stood_still_ = false;
  if (fault_.die) database_.terminate(id_);
  return !fault_.die;
}

void Backend::receive(Script script) {
  queue_.push_back(std::move(script));
  if (!script_) take_next();
}

void Backend::client_left() {
  left_ = true;
  if (!script_ && queue_.empty()) database_.terminate(id_);
}

void Backend::take_next() {
  if (!script_) {
    if (queue_.empty()) {
      if (left_ || !link_->client_there()) database_.terminate(id_);
      return;
    }
    script_ = std::move(queue_.front());
    queue_.pop_front();
    statement_ = 0;
  }
  if (!survive(Point::When::arrive, &Backend::take_next)) return;
  if (script_->kind == Script::Kind::rollback) {
    aborted_ = false;
    return finish({});
  }
  if (aborted_)
    return finish(raise("25P02", "current transaction is aborted, commands ignored until end of transaction block"));
  transaction_ =
      std::make_unique<Transaction>(database_.next_transaction(), database_.mutable_tables(), database_.locks());
  after(database_.scheduler().between(statement_least, statement_most), &Backend::begin_statement);
}

void Backend::begin_statement() {
  if (statement_ == script_->statements.size()) return commit();
  if (!survive(Point::When::before_statement, &Backend::begin_statement)) return;
  if (!fault_.sqlstate.empty()) return fail({fault_.sqlstate, "injected", {}});
  const Statement& statement = script_->statements[statement_];
  wishes_ = statement.locks ? statement.locks(*transaction_) : std::vector<LockWish>{};
  skipped_.clear();
  granted_ = 0;
  lock_rows();
}

void Backend::lock_rows() {
  for (; granted_ < wishes_.size(); ++granted_) {
    const LockWish& wish = wishes_[granted_];
    if (database_.locks().acquire(transaction_->id(), wish.row, wish.mode)) {
      if (waiting_) stop_timers();
      continue;
    }
    if (!wish.skip) return wait_for(wish.row);
    skipped_.push_back(wish.row);
  }
  run_statement();
}

void Backend::wait_for(const RowId& row) {
  database_.locks().wait(transaction_->id(), row);
  if (waiting_) return;  // it was woken in vain: the time goes on
  waiting_ = true;
  const auto timer = [this](Microseconds delay, const char* state, const char* message, bool deadlock) {
    return database_.scheduler().after(delay, [&database = database_, id = id_, state, message, deadlock] {
      Backend* self = database.find(id);
      if (deadlock && !database.locks().deadlocked(self->transaction_->id())) return;
      self->fail({state, message, {}});
    });
  };
  lock_timer_ = timer(lock_timeout, "55P03", "canceling statement due to lock timeout", false);
  deadlock_timer_ = timer(deadlock_timeout, "40P01", "deadlock detected", true);
}

void Backend::wake() {
  if (!waiting_) return;
  after(database_.scheduler().between(statement_least, statement_most), &Backend::lock_again);
}

void Backend::lock_again() {
  if (waiting_) lock_rows();
}

void Backend::stop_timers() {
  if (!waiting_) return;
  waiting_ = false;
  database_.locks().stop_waiting(transaction_->id());
  database_.scheduler().cancel(lock_timer_);
  database_.scheduler().cancel(deadlock_timer_);
}

void Backend::run_statement() {
  std::ranges::sort(skipped_);
  Scene scene{*transaction_, database_.now(), skipped_};
  if (Outcome outcome = script_->statements[statement_].run(scene); !outcome) return fail(std::move(outcome.error()));
  end_statement();
}

void Backend::end_statement() {
  if (!survive(Point::When::after_statement, &Backend::end_statement)) return;
  if (!fault_.sqlstate.empty()) return fail({fault_.sqlstate, "injected", {}});
  ++statement_;
  after(database_.scheduler().between(statement_least, statement_most), &Backend::begin_statement);
}

void Backend::commit() {
  if (!survive(Point::When::before_commit, &Backend::commit)) return;
  if (!fault_.sqlstate.empty()) {  // as a deferred constraint: the transaction is over, the session idle
    transaction_.reset();
    return finish(raise(fault_.sqlstate, "injected at COMMIT"));
  }
  after(database_.scheduler().between(flush_least, flush_most), &Backend::flushed);
}

void Backend::flushed() {
  if (transaction_) {
    database_.committing(*transaction_);
    transaction_->commit();
    transaction_.reset();
    database_.scheduler().note(script_->name, id_);
  }
  if (!survive(Point::When::after_commit, &Backend::flushed)) return;
  finish({});
}

void Backend::fail(SqlError error) {
  stop_timers();
  database_.scheduler().note("failed", id_, statement_);
  transaction_.reset();
  aborted_ = script_->explicit_transaction;
  finish(std::unexpected(std::move(error)));
}

void Backend::finish(Outcome outcome) {
  script_.reset();
  link_->answer(std::move(outcome));
  take_next();
}

void Backend::end() {
  stop_timers();
  transaction_.reset();
  link_->cut();
}

}  // namespace pawl::store::memory
