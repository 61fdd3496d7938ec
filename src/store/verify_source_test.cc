#include "store/verify_source.h"

#include "store/test_fixture.h"

namespace pawl::store {

namespace {

class PgVerifySource : public test::PgTest {
 protected:
  // Runs 1 … count of tenant a, of which the even ones have ended; two events each.
  void insert_runs(int count) {
    database_.execute(
        "INSERT INTO pawl.workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, "
        "trigger_kind,"
        "  root_run_id, started_at, updated_at, ended_at, outcome)"
        " SELECT '" +
        a().text() +
        "', id, id, id, n, CASE WHEN n % 2 = 0 THEN 'completed' ELSE 'waiting' END::pawl.run_status,"
        "  2, 'api', id, now(), now(), CASE WHEN n % 2 = 0 THEN now() END,"
        "  CASE WHEN n % 2 = 0 THEN 'completed' END::pawl.run_outcome"
        " FROM generate_series(1, " +
        std::to_string(count) +
        ") AS n,"
        "  LATERAL (SELECT ('0190f0c0-0000-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid AS id) AS ids;"
        "INSERT INTO pawl.workflow_events (tenant_id, run_id, seq, ts, type, epoch, payload)"
        " SELECT tenant_id, run_id, seq, started_at, CASE seq WHEN 1 THEN 'run.started' ELSE 'task.completed' END, "
        "seq, '{}'"
        " FROM pawl.workflow_runs, generate_series(1, 2) AS seq");
  }
  static Uuid run_id(int number) {
    Uuid made = id("0190f0c0-0000-7000-8000-000000000000");
    made.bytes[15] = static_cast<std::uint8_t>(number);
    return made;
  }
  std::vector<VerifyRun> all(VerifySourceOptions options) {
    Result<VerifySource> source = VerifySource::open(database_.conninfo(), options);
    EXPECT_TRUE(source);
    std::vector<VerifyRun> runs;
    for (;;) {
      Result<std::vector<VerifyRun>> page = source->next();
      EXPECT_TRUE(page) << page.error().detail;
      if (!page || page->empty()) return runs;
      EXPECT_LE(page->size(), options.page);
      for (VerifyRun& run : *page) runs.push_back(std::move(run));
    }
  }
};

TEST_F(PgVerifySource, GivesEachRunOnceWithItsRows) {
  insert_runs(5);
  database_.execute(
      "INSERT INTO pawl.workflow_run_waits (tenant_id, run_id, wait_no, lane, kind, path, due_at, opened_at)"
      " SELECT tenant_id, run_id, 4, lane, 'timer', '/do/0/t', '2026-11-01T12:00:00Z', now() FROM pawl.workflow_runs "
      "WHERE lane = 3;"
      "INSERT INTO pawl.workflow_action_invocations (tenant_id, invocation_id, run_id, path, event_seq, event_ts, "
      "lane, queue,"
      "  action, idempotency_key, status, attempt, available_at, created_at)"
      " SELECT tenant_id, run_id, run_id, '/do/0/t', 1, now(), lane, 'q', 'a.b', 'k', 'ready', 2, now(), now()"
      " FROM pawl.workflow_runs WHERE lane = 3;"
      "UPDATE pawl.engine_lanes SET epoch = 7 WHERE lane = 3");
  const std::vector<VerifyRun> open = all({.all = false, .page = 2});
  ASSERT_EQ(open.size(), 3U);
  EXPECT_EQ(open[0].rows.run, run_id(1));
  EXPECT_EQ(open[1].rows.run, run_id(3));
  EXPECT_EQ(open[2].rows.run, run_id(5));
  const VerifyRun& third = open[1];
  EXPECT_FALSE(third.unreadable);
  EXPECT_EQ(third.version, run_id(3));
  EXPECT_EQ(third.rows.tenant, a());
  EXPECT_EQ(third.rows.revision, 2U);
  EXPECT_EQ(third.rows.status, core::RunStatus::waiting);
  EXPECT_EQ(third.rows.lane_epoch, 7U);
  ASSERT_EQ(third.rows.events.size(), 2U);
  EXPECT_EQ(third.rows.events[1].type, core::EventType::task_completed);
  EXPECT_EQ(third.rows.epochs, (std::vector<std::uint32_t>{1, 2}));
  ASSERT_EQ(third.rows.waits.size(), 1U);
  EXPECT_EQ(third.rows.waits[0].wait_no, 4U);
  EXPECT_EQ(third.rows.waits[0].due_at, at(0));
  ASSERT_EQ(third.rows.invocations.size(), 1U);
  EXPECT_EQ(third.rows.invocations[0].attempt, 2U);
  EXPECT_TRUE(open[0].rows.waits.empty());
  EXPECT_EQ(all({.all = true, .page = 2}).size(), 5U);
}

TEST_F(PgVerifySource, AnUnreadableEventIsTheRunsOwnTrouble) {
  insert_runs(3);
  database_.execute(
      "INSERT INTO pawl.workflow_events (tenant_id, run_id, seq, ts, type, epoch)"
      " SELECT tenant_id, run_id, 3, now(), 'from.the.future', 1 FROM pawl.workflow_runs WHERE lane = 1");
  const std::vector<VerifyRun> open = all({});
  ASSERT_EQ(open.size(), 2U);
  ASSERT_TRUE(open[0].unreadable);
  EXPECT_EQ(open[0].unreadable->code, "stored-data-unreadable");
  EXPECT_FALSE(open[1].unreadable);
}

TEST_F(PgVerifySource, AMissingVersionIsNone) {
  Result<VerifySource> source = VerifySource::open(database_.conninfo());
  ASSERT_TRUE(source);
  const auto version = source->version(a(), run_id(1));
  ASSERT_TRUE(version);
  EXPECT_FALSE(*version);
  EXPECT_TRUE(source->next()->empty());
  EXPECT_TRUE(source->next()->empty());
}

}  // namespace

}  // namespace pawl::store
