// How fast batches of starts commit, beside the same rows by plain statements: prints runs a second, asserts only that
// all rows are there. The figures mean something in a release build, on a server that flushes:
//   PAWL_COMMIT_RATE_BATCHES=400 PAWL_TEST_PG=… build/release/src/store/store_test --gtest_filter=PgCommitRate.*
#include <gtest/gtest.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <optional>

#include "base/random.h"
#include "store/postgres/columns.h"
#include "store/postgres/storage.h"
#include "store/test_database.h"

namespace pawl::store {

namespace {

constexpr std::size_t runs_a_batch = 500, events_a_run = 4;

std::size_t batches() {
  const char* wanted = std::getenv("PAWL_COMMIT_RATE_BATCHES");
  return wanted ? std::strtoul(wanted, nullptr, 10) : 4;
}

json::Value payload(std::size_t number) {
  return json::Value::object(
      {{"output", json::Value::object({{"order", json::Value::integer(static_cast<std::int64_t>(number))},
                                       {"customer", "c-1742"},
                                       {"total", json::Value::number(49.9)}})},
       {"next", "/do/1/charge"}});
}

class PgCommitRate : public testing::Test {
 protected:
  PgCommitRate() : random_(7) {}

  ports::Start start() {
    const Time now =
        Time(std::chrono::duration_cast<Microseconds>(std::chrono::system_clock::now().time_since_epoch()));
    ports::Start start;
    start.head.definition = start.head.version = tenant_;
    start.head.trigger_kind = "api";
    start.head.started_at = now;
    start.change.key = {tenant_, Uuid::version7(now, random_.next(), random_.next())};
    start.change.now = events_a_run;
    start.change.status = core::RunStatus::completed;
    start.change.updated_at = now;
    start.change.ended_at = now;
    start.change.epoch = 1;
    const core::EventType types[events_a_run] = {core::EventType::run_started, core::EventType::task_completed,
                                                 core::EventType::task_completed, core::EventType::run_completed};
    for (std::uint32_t i = 0; i < events_a_run; ++i) {
      const bool of_task = types[i] == core::EventType::task_completed;
      start.change.decision.events.push_back({i + 1, types[i], now, of_task ? "/do/0/reserve" : "", payload(i)});
    }
    return start;
  }

  ports::Batch starts() {
    ports::Batch batch;
    for (std::size_t i = 0; i < runs_a_batch; ++i) batch.starts.push_back(start());
    return batch;
  }

  // Runs that wait for one invocation, the claims of these, and their ends.
  struct Work {
    ports::Batch starts, claims, ends;
  };
  Work work() {
    Work work;
    for (std::size_t i = 0; i < runs_a_batch; ++i) {
      ports::Start begun = start();
      ports::RunChange& change = begun.change;
      ports::RunChange end = change;
      end.was = change.now = 2;
      end.now = events_a_run;
      end.decision.events.erase(end.decision.events.begin(), end.decision.events.begin() + 2);
      change.decision.events.resize(2);
      change.status = core::RunStatus::running;
      change.ended_at.reset();
      core::Invocation requested;
      requested.id = change.key.run;
      requested.path = "/do/0/reserve";
      requested.queue = "default";
      requested.action = "shop.reserve";
      requested.key = "0190f0c0-0000-7000-8000-000000000001";
      requested.event_seq = 2;
      requested.event_ts = begun.head.started_at;
      change.decision.requested.push_back(requested);
      end.decision.resolved.push_back({.id = requested.id, .attempt = 1, .how = core::Resolved::How::completed});
      work.claims.claims.push_back(
          {.key = {tenant_, requested.id}, .worker = "w", .for_time = std::chrono::seconds(30)});
      work.starts.starts.push_back(std::move(begun));
      work.ends.changes.push_back(std::move(end));
    }
    return work;
  }

  // Sends all batches, `in_flight` at once, and prints the rate.
  template <class Send>
  void measure(const char* what, std::vector<ports::Batch> all, Send send, std::size_t in_flight = 2) {
    std::size_t sent = 0, answered = 0, failed = 0;
    std::size_t items = 0;
    for (const ports::Batch& batch : all) items += batch.starts.size() + batch.changes.size() + batch.claims.size();
    const auto began = std::chrono::steady_clock::now();
    while (answered < all.size()) {
      while (sent < all.size() && sent - answered < in_flight) {
        send(std::move(all[sent++]), [&](bool good) {
          ++answered;
          failed += good ? 0 : 1;
        });
      }
      io_.restart();
      io_.run_one();
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    EXPECT_EQ(failed, 0U);
    std::printf("%-44s %8.0f a second  %7.3f ms a batch of %zu\n", what, static_cast<double>(items) / took.count(),
                1000 * took.count() / static_cast<double>(all.size()), items / all.size());
  }

  // A storage with a registered loop.
  struct Registered {
    std::unique_ptr<PostgresStorage> storage;
    Uuid loop = *Uuid::parse("0190f0c0-0000-7000-8000-000000000003");
  };
  Registered connect() {
    Registered made;
    made.storage = std::make_unique<PostgresStorage>(
        io_, PostgresSettings{.conninfo = database_.conninfo(), .allow_fsync_off = true});
    const Uuid node = *Uuid::parse("0190f0c0-0000-7000-8000-000000000002");
    bool ready = false;
    made.storage->register_node(
        {.node = node, .name = "n", .address = "", .lease = std::chrono::seconds(10)}, [&](Result<Time> named) {
          EXPECT_TRUE(named);
          made.storage->register_loop(made.loop, node,
                                      [&](Result<void> registered) { ready = registered.has_value(); });
        });
    pg::test::run_until(io_, [&] { return ready; });
    return made;
  }
  static auto sender(const Registered& to) {
    return [&to](ports::Batch batch, auto then) {
      to.storage->commit(
          to.loop, std::move(batch),
          [then](const std::expected<ports::Committed, ports::CommitFailure>& result) { then(result.has_value()); });
    };
  }
  void expect_rows(std::size_t runs) {
    EXPECT_EQ(database_.value("SELECT count(*) FROM pawl.workflow_runs"), std::to_string(runs));
    EXPECT_EQ(database_.value("SELECT count(*) FROM pawl.workflow_events"), std::to_string(runs * events_a_run));
  }

  boost::asio::io_context io_;
  Random random_;
  test::Database database_;
  Uuid tenant_ = *Uuid::parse("0190f0c0-0000-7000-8000-000000000001");
};

TEST_F(PgCommitRate, ByTheStorage) {
  const Registered registered = connect();
  std::vector<ports::Batch> all;
  for (std::size_t i = 0; i < batches(); ++i) all.push_back(starts());
  measure("starts by PostgresStorage", std::move(all), sender(registered));
  expect_rows(batches() * runs_a_batch);
}

TEST_F(PgCommitRate, WorkByTheStorage) {
  const Registered registered = connect();
  std::vector<ports::Batch> begun, claimed, ended;
  for (std::size_t i = 0; i < batches(); ++i) {
    Work made = work();
    begun.push_back(std::move(made.starts));
    claimed.push_back(std::move(made.claims));
    ended.push_back(std::move(made.ends));
  }
  measure("starts with an invocation, 2 events", std::move(begun), sender(registered));
  measure("claims", std::move(claimed), sender(registered));
  measure("ends: run, invocation, 2 events", std::move(ended), sender(registered));
  expect_rows(batches() * runs_a_batch);
  EXPECT_EQ(
      database_.value("SELECT count(*) FROM pawl.workflow_action_invocations WHERE status = 'resolved' AND lease = 1"),
      std::to_string(batches() * runs_a_batch));
}

TEST_F(PgCommitRate, OneStartAtATime) {
  const Registered registered = connect();
  std::vector<ports::Batch> all(100 * batches());
  for (ports::Batch& batch : all) batch.starts.push_back(start());
  const std::size_t runs = all.size();
  measure("starts one at a time", std::move(all), sender(registered), 1);
  expect_rows(runs);
}

TEST_F(PgCommitRate, ByPlainStatements) {
  pg::Connection connection(io_);
  bool open = false;
  connection.open({.conninfo = database_.conninfo(),
                   .settings = {{"search_path", "pawl"}, {"plan_cache_mode", "force_generic_plan"}}},
                  [&](pg::Outcome<void> opened) { open = opened.has_value(); });
  pg::test::run_until(io_, [&] { return open; });
  const pg::Statement runs = {
      "runs",
      "INSERT INTO workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, priority,"
      " queue, trigger_kind, idempotency_key, request_sha256, correlation_id, started_at, updated_at, ended_at,"
      " outcome, root_run_id) SELECT *, 'completed', $2[1] FROM unnest($1::uuid[], $2::uuid[], $3::uuid[],"
      " $4::uuid[], $5::smallint[], $6::text[]::run_status[], $7::integer[], $8::smallint[], $9::text[],"
      " $10::text[], $11::text[], $12::bytea[], $13::text[], $14::timestamptz[], $15::timestamptz[],"
      " $16::timestamptz[])"};
  const pg::Statement events = {
      "events",
      "INSERT INTO workflow_events (tenant_id, run_id, seq, ts, type, path, epoch, payload) SELECT * FROM"
      " unnest($1::uuid[], $2::uuid[], $3::integer[], $4::timestamptz[], $5::text[], $6::text[],"
      " $7::integer[], $8::jsonb[])"};
  std::vector<ports::Batch> all;
  for (std::size_t i = 0; i < batches(); ++i) all.push_back(starts());
  measure("starts by plain INSERT statements", std::move(all), [&](const ports::Batch& batch, auto then) {
    RunColumns run_columns;
    EventColumns event_columns;
    for (const ports::Start& each : batch.starts) {
      run_columns.add(each);
      event_columns.add(each.change);
    }
    pg::Params run_params, event_params;
    run_columns.write(run_params);
    event_columns.write(event_params);
    pg::Pipeline pipeline;
    pipeline.begin().add(runs, std::move(run_params)).add(events, std::move(event_params)).commit();
    connection.send(std::move(pipeline), pg::test::patience, [then](const pg::Outcome<pg::Results>& answer) {
      if (!answer) std::printf("%s\n", answer.error().message.c_str());
      then(answer.has_value());
    });
  });
  expect_rows(batches() * runs_a_batch);
}

}  // namespace

}  // namespace pawl::store
