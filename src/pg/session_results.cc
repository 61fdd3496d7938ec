// The half of Session that sends pipelines and takes their answers apart.
#include <libpq-fe.h>

#include <boost/asio/post.hpp>

#include "pg/session.h"

namespace pawl::pg {

namespace {

constexpr int binary = 1;

}  // namespace

void Session::refuse(Connection::Answer then, std::string why) {
  boost::asio::post(io_, [then = std::move(then), why = std::move(why)]() mutable {
    then(std::unexpected(Error{
        .kind = Error::Kind::not_sent, .sqlstate = {}, .message = std::move(why), .constraint = {}, .table = {}}));
  });
}

void Session::send(Pipeline pipeline, Microseconds timeout, Connection::Answer then) {
  if (state_ != State::open)
    return refuse(std::move(then), state_ == State::script ? "a script is running" : "not connected");
  if (in_flight_.size() >= pipelines_in_flight) return refuse(std::move(then), "too many pipelines in flight");
  if (pipeline.empty()) return refuse(std::move(then), "an empty pipeline");
  const auto deadline = Clock::now() + timeout;
  prepare_missing(pipeline, deadline);
  in_flight_.push_back({.statements = pipeline.size(),
                        .results = {},
                        .error = {},
                        .must_commit = pipeline.must_commit_,
                        .deadline = deadline,
                        .then = std::move(then),
                        .prepares = {}});
  in_flight_.back().results.reserve(pipeline.size());
  bool queued = true;
  for (const Pipeline::Item& item : pipeline.items_) queued = queued && queue(item);
  // One Sync for all: libpq 15 sends at each.
  queued = queued && PQpipelineSync(pg_) == 1;
  if (!queued) fail_soon("cannot send");
  flush();
  if (!timer_at_ || deadline < *timer_at_) {
    timer_at_ = deadline;
    arm_deadline();
  }
}

void Session::prepare_missing(const Pipeline& pipeline, Clock::time_point deadline) {
  Sent preparation;
  for (const Pipeline::Item& item : pipeline.items_) {
    const auto& [name, sql] = item.prepared;
    if (name.empty() || !prepared_.insert(name).second) continue;
    std::vector<Oid> types;
    for (const auto& param : item.params.items_) types.push_back(param.type);
    // Neither view need end with a zero.
    if (PQsendPrepare(pg_, std::string(name).c_str(), std::string(sql).c_str(), static_cast<int>(types.size()),
                      types.data()) != 1)
      break;
    preparation.prepares.push_back(name);
  }
  if (preparation.prepares.empty()) return;
  preparation.statements = preparation.prepares.size();
  preparation.deadline = deadline;
  PQpipelineSync(pg_);
  in_flight_.push_back(std::move(preparation));
}

bool Session::queue(const Pipeline::Item& item) {
  const auto& params = item.params.items_;
  std::vector<const char*> values(params.size());
  std::vector<int> lengths(params.size()), formats(params.size(), binary);
  std::vector<Oid> types(params.size());
  for (std::size_t i = 0; i < params.size(); ++i) {
    const bool null = params[i].length < 0;
    values[i] = null ? nullptr : item.params.buffer_.data() + params[i].begin;
    lengths[i] = null ? 0 : params[i].length;
    types[i] = params[i].type;
  }
  const int count = static_cast<int>(params.size());
  if (item.prepared.name.empty()) {
    return PQsendQueryParams(pg_, item.sql.c_str(), count, types.data(), values.data(), lengths.data(), formats.data(),
                             binary) == 1;
  }
  return PQsendQueryPrepared(pg_, std::string(item.prepared.name).c_str(), count, values.data(), lengths.data(),
                             formats.data(), binary) == 1;
}

// PQgetResult waits for its socket while output is pending, whatever PQisBusy says: nothing is taken before the flush.
// libpq gives each statement's result, then a null; a Sync's result has none after it.
void Session::take_results() {
  const auto self = shared_from_this();
  int nulls = 0;
  while (is_open() && flushed_ && !in_flight_.empty() && PQisBusy(pg_) == 0) {
    pg_result* result = PQgetResult(pg_);
    if (result != nullptr) {
      nulls = 0;
      take_result(result);
    } else if (state_ == State::script) {
      finish_script();
    } else if (++nulls > 2) {
      break;  // the connection broke: read() says so
    }
  }
}

void Session::take_result(pg_result* result) {
  Sent& front = in_flight_.front();
  switch (PQresultStatus(result)) {
    case PGRES_PIPELINE_SYNC:
      PQclear(result);
      return finish_front();
    case PGRES_COMMAND_OK:
    case PGRES_TUPLES_OK:
    case PGRES_EMPTY_QUERY:
      front.results.emplace_back(result);
      return;
    case PGRES_FATAL_ERROR: {
      Error error = error_of(*result, front.results.size());
      PQclear(result);
      if (error.outcome_is_unknown()) return fail(std::move(error));
      if (!front.error) front.error = std::move(error);
      return;
    }
    default:  // PGRES_PIPELINE_ABORTED: a statement after the failed one
      PQclear(result);
      return;
  }
}

void Session::finish_front() {
  Sent front = std::move(in_flight_.front());
  in_flight_.pop_front();
  if (!front.prepares.empty()) {
    preparation_error_.reset();
    if (!front.error) return;
    for (std::size_t i = front.results.size(); i < front.prepares.size(); ++i) prepared_.erase(front.prepares[i]);
    preparation_error_ = std::move(front.error);
    return;
  }
  // "prepared statement does not exist" says less than why it does not.
  if (front.error && front.error->sqlstate == "26000" && preparation_error_) {
    const std::size_t statement = front.error->statement;
    front.error = std::move(preparation_error_);
    front.error->statement = statement;
  }
  preparation_error_.reset();
  if (!front.error && front.must_commit && front.results.back().tag() != "COMMIT") {
    front.error = Error{.kind = Error::Kind::server_answered,
                        .sqlstate = "40000",
                        .message = "COMMIT was answered by " + std::string(front.results.back().tag()),
                        .constraint = {},
                        .table = {},
                        .statement = front.statements - 1};
  }
  if (front.error) return front.then(std::unexpected(std::move(*front.error)));
  front.then(std::move(front.results));
}

void Session::send_script(std::string sql, Microseconds timeout, Connection::Answer then) {
  if (state_ != State::open)
    return refuse(std::move(then), state_ == State::script ? "a script is running" : "not connected");
  if (!in_flight_.empty()) return refuse(std::move(then), "a script is sent while nothing else is in flight");
  if (PQexitPipelineMode(pg_) != 1) return refuse(std::move(then), "cannot leave pipeline mode");
  if (PQsendQuery(pg_, sql.c_str()) != 1) {
    PQenterPipelineMode(pg_);
    return refuse(std::move(then), "the script could not be sent");
  }
  state_ = State::script;
  in_flight_.push_back({.statements = 0,
                        .results = {},
                        .error = {},
                        .must_commit = false,
                        .deadline = Clock::now() + timeout,
                        .then = std::move(then),
                        .prepares = {}});
  flush();
  if (!timer_at_ || in_flight_.back().deadline < *timer_at_) {
    timer_at_ = in_flight_.back().deadline;
    arm_deadline();
  }
}

void Session::finish_script() {
  Sent front = std::move(in_flight_.front());
  in_flight_.pop_front();
  state_ = State::open;
  if (PQenterPipelineMode(pg_) != 1) {
    in_flight_.push_front(std::move(front));
    return fail(lost("cannot enter pipeline mode"));
  }
  if (front.error) return front.then(std::unexpected(std::move(*front.error)));
  front.then(std::move(front.results));
}

}  // namespace pawl::pg
