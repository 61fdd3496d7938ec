#include "store/postgres/storage.h"

#include <boost/asio/post.hpp>
#include <utility>

#include "store/postgres/ask.h"
#include "store/postgres/commit.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

constexpr const char* engine_role = "pawl_engine";

}  // namespace

PostgresStorage::PostgresStorage(boost::asio::io_context& io, PostgresSettings settings)
    : io_(io),
      settings_(std::move(settings)),
      commits_(std::make_unique<pg::Connection>(io)),
      side_(io, pg::PoolOptions{.connect = connect_options("pawl side", SessionUse::loads),
                                .connections = settings_.side_connections}) {}

PostgresStorage::~PostgresStorage() = default;

pg::ConnectOptions PostgresStorage::connect_options(std::string application_name, SessionUse use) const {
  return {.conninfo = settings_.conninfo,
          .role = engine_role,
          .settings = session_settings(use),
          .application_name = std::move(application_name),
          .timeout = settings_.connect_timeout};
}

void PostgresStorage::commit(
    Uuid loop, ports::Batch batch,
    std::move_only_function<void(std::expected<ports::Committed, ports::CommitFailure>)> then) {
  const bool discard_plans = plan_age_.too_old(std::chrono::steady_clock::now());
  EncodedCommit encoded = encode_commit(loop, batch, discard_plans);
  plan_age_.wrote(encoded.shape.rows);
  commits_->send(std::move(encoded.pipeline), settings_.commit_timeout,
                 [shape = std::move(encoded.shape), then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
                   if (!answer) return then(std::unexpected(failure_of(answer.error())));
                   then(decode_commit(shape, *answer));
                 });
}

void PostgresStorage::rollback(Done<void> then) {
  commits_->send(pg::Pipeline().add(statement("session_rollback.sql")), settings_.commit_timeout,
                 [then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
                   if (!answer) return then(fail(pg::problem_of(answer.error())));
                   then({});
                 });
}

void PostgresStorage::reconnect(Done<void> then) {
  commits_ = std::make_unique<pg::Connection>(io_);
  plan_age_ = PlanAge();
  commits_->open(connect_options("pawl loop", SessionUse::commits),
                 [this, then = std::move(then)](pg::Outcome<void> opened) mutable {
                   if (!opened) return then(fail(pg::problem_of(opened.error())));
                   prepare_session(std::move(then));
                 });
}

void PostgresStorage::prepare_session(Done<void> then) {
  commits_->send(pg::Pipeline().add(statement("session_prepare.sql")), settings_.commit_timeout,
                 [this, then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
                   if (!answer) return then(fail(pg::problem_of(answer.error())));
                   if (!answer->at(0).get<bool>(0, 0) && !settings_.allow_fsync_off) {
                     commits_->close();
                     return then(fail({.status = 503,
                                       .code = "fsync-off",
                                       .title = "The PostgreSQL server runs with fsync off",
                                       .detail = "What was committed there may be lost with the machine.",
                                       .instance = {},
                                       .hint = "Set fsync = on in its configuration and restart it."}));
                   }
                   then({});
                 });
}

void PostgresStorage::tell(pg::Pipeline pipeline, Done<void> then) {
  ask<void>(std::move(pipeline), [](const pg::Results&) { return Result<void>(); }, std::move(then));
}

}  // namespace pawl::store
