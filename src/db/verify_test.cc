#include "db/verify.h"

#include <gtest/gtest.h>

#include "db/migrate.h"
#include "pg/test_server.h"

namespace pawl::db {
namespace {

using pg::test::execute;

constexpr char tenant[] = "01890a5d-ac96-774b-bcce-b302099a8000";

// Three sound runs: …7001 has ended, …7002 waits for a worker, …7003 for a clock. 0x001 … 0x003 are their lanes.
constexpr char sound[] = R"(
INSERT INTO pawl.tenants VALUES ('01890a5d-ac96-774b-bcce-b302099a8000', 'acme');
INSERT INTO pawl.workflow_definitions VALUES ('01890a5d-ac96-774b-bcce-b302099a8000', '00000000-0000-0000-0000-0000000000d1', 'test', 'flow');
INSERT INTO pawl.workflow_definition_versions (tenant_id, version_id, definition_id, version, source, source_type, document, sha256)
VALUES ('01890a5d-ac96-774b-bcce-b302099a8000', '00000000-0000-0000-0000-0000000000e1', '00000000-0000-0000-0000-0000000000d1', '1.0.0', '', 'application/yaml', '{}',
        decode(repeat('00', 32), 'hex'));
UPDATE pawl.engine_lanes SET epoch = 2;
INSERT INTO pawl.workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, trigger_kind, root_run_id, started_at, updated_at, ended_at, outcome)
SELECT '01890a5d-ac96-774b-bcce-b302099a8000', id, '00000000-0000-0000-0000-0000000000d1', '00000000-0000-0000-0000-0000000000e1', lane, status::pawl.run_status, revision, 'api', id,
       '2026-11-21 10:00:00Z', '2026-11-21 10:00:02Z', ended::timestamptz, outcome::pawl.run_outcome
FROM (VALUES ('00000000-0000-0000-0000-000000007001'::uuid, 1, 'completed', 3, '2026-11-21 10:00:02Z', 'completed'),
             ('00000000-0000-0000-0000-000000007002', 2, 'running', 2, NULL, NULL),
             ('00000000-0000-0000-0000-000000007003', 3, 'waiting', 2, NULL, NULL)) r(id, lane, status, revision, ended, outcome);
INSERT INTO pawl.workflow_events (tenant_id, run_id, seq, ts, type, path, epoch, payload)
SELECT '01890a5d-ac96-774b-bcce-b302099a8000', id, seq, ts::timestamptz, type, NULL, epoch, payload::jsonb
FROM (VALUES ('00000000-0000-0000-0000-000000007001'::uuid, 1, '2026-11-21 10:00:00Z', 'run.started', 1, '{}'),
             ('00000000-0000-0000-0000-000000007001', 2, '2026-11-21 10:00:01Z', 'task.completed', 1, '{}'),
             ('00000000-0000-0000-0000-000000007001', 3, '2026-11-21 10:00:02Z', 'run.completed', 2, '{}'),
             ('00000000-0000-0000-0000-000000007002', 1, '2026-11-21 10:00:00Z', 'run.started', 2, '{}'),
             ('00000000-0000-0000-0000-000000007002', 2, '2026-11-21 10:00:00Z', 'invocation.requested', 2, '{"invocation": "00000000-0000-0000-0000-0000000000a2"}'),
             ('00000000-0000-0000-0000-000000007003', 1, '2026-11-21 10:00:00Z', 'run.started', 2, '{}'),
             ('00000000-0000-0000-0000-000000007003', 2, '2026-11-21 10:00:02Z', 'wait.opened', 2, '{"wait": 1}')) e(id, seq, ts, type, epoch, payload);
INSERT INTO pawl.workflow_action_invocations (tenant_id, invocation_id, run_id, path, event_seq, event_ts, lane, queue, action, idempotency_key, status, available_at, created_at)
VALUES ('01890a5d-ac96-774b-bcce-b302099a8000', '00000000-0000-0000-0000-0000000000a2', '00000000-0000-0000-0000-000000007002', '/do/0/book', 2, '2026-11-21 10:00:00Z',
        2, 'default', 'ship.book', 'k', 'ready', '2026-11-21 10:00:00Z', '2026-11-21 10:00:00Z');
INSERT INTO pawl.workflow_run_waits (tenant_id, run_id, wait_no, lane, kind, path, due_at, opened_at)
VALUES ('01890a5d-ac96-774b-bcce-b302099a8000', '00000000-0000-0000-0000-000000007003', 1, 3, 'timer', '/do/0/rest', '2026-11-22 10:00:00Z', '2026-11-21 10:00:02Z');
)";

struct Planted {
  const char* name;
  const char* script;  // breaks one law
  int law;
  const char* run;  // the last four digits of the run
  const char* what;
};

constexpr Planted planted[] = {
    {"gap", "DELETE FROM pawl.workflow_events WHERE run_id::text LIKE '%7001' AND seq = 2", 2, "7001",
     "the log has a gap: 2 numbers from 1 to 3"},
    {"head", "DELETE FROM pawl.workflow_events WHERE run_id::text LIKE '%7001' AND seq = 1", 2, "7001",
     "the log begins with seq 2"},
    {"twice",
     "INSERT INTO pawl.workflow_events SELECT tenant_id, run_id, seq, ts + interval '1 us', type, path, epoch, payload "
     "FROM pawl.workflow_events "
     "WHERE run_id::text LIKE '%7001' AND seq = 2",
     2, "7001", "the log has 4 events for 3 numbers"},
    {"revision", "UPDATE pawl.workflow_runs SET revision = 3 WHERE run_id::text LIKE '%7002'", 2, "7002",
     "the log ends with seq 2, the run has revision 3"},
    {"no event", "DELETE FROM pawl.workflow_events WHERE run_id::text LIKE '%7001'", 2, "7001",
     "the run has revision 3 and no event"},
    {"no run", "DELETE FROM pawl.workflow_runs WHERE run_id::text LIKE '%7001'", 2, "7001",
     "3 events of a run that does not exist"},
    {"time falls",
     "UPDATE pawl.workflow_events SET ts = '2026-11-21 09:59:59Z' WHERE run_id::text LIKE '%7001' AND seq = 2", 2,
     "7001", "ts falls at seq 2"},
    {"first event", "UPDATE pawl.workflow_events SET type = 'task.started' WHERE run_id::text LIKE '%7002' AND seq = 1",
     2, "7002", "the first event is not run.started"},
    {"ended without event",
     "UPDATE pawl.workflow_events SET type = 'task.completed' WHERE run_id::text LIKE '%7001' AND seq = 3", 2, "7001",
     "the run ended at 2026-11-21 10:00:02+00, the event that ends it is of -"},
    {"other outcome",
     "UPDATE pawl.workflow_runs SET outcome = 'faulted', status = 'faulted' WHERE run_id::text LIKE '%7001'", 2, "7001",
     "the run is faulted, its log says run.completed"},
    {"status", "UPDATE pawl.workflow_runs SET status = 'completed' WHERE run_id::text LIKE '%7002'", 2, "7002",
     "the run is completed and has no end"},
    {"version", "UPDATE pawl.workflow_runs SET version_id = gen_random_uuid() WHERE run_id::text LIKE '%7001'", 2,
     "7001", "the run is of a version that does not exist"},
    {"lane", "UPDATE pawl.workflow_runs SET lane = 7 WHERE run_id::text LIKE '%7001'", 2, "7001",
     "the run is in lane 7, not in that of its id"},
    {"wait without event", "UPDATE pawl.workflow_events SET payload = '{\"wait\": 2}' WHERE type = 'wait.opened'", 2,
     "7003", "wait 1 has 0 events that opened it"},
    {"wait closed",
     "INSERT INTO pawl.workflow_events SELECT tenant_id, run_id, 3, ts, 'wait.closed', path, epoch, payload FROM "
     "pawl.workflow_events WHERE type = 'wait.opened'; "
     "UPDATE pawl.workflow_runs SET revision = 3 WHERE run_id::text LIKE '%7003'",
     2, "7003", "wait 1 is open, and an event closed it"},
    {"wait of an ended run",
     "INSERT INTO pawl.workflow_run_waits SELECT tenant_id, '00000000-0000-0000-0000-000000007001', 1, 0, 1, kind, "
     "path, due_at, opened_at FROM pawl.workflow_run_waits",
     2, "7001", "wait 1 is open, and its run has ended"},
    {"wait in another lane", "UPDATE pawl.workflow_run_waits SET lane = 4", 2, "7003",
     "wait 1 is in another lane than its run"},
    {"invocation without event", "UPDATE pawl.workflow_action_invocations SET event_seq = 1", 2, "7002",
     "invocation 00000000-0000-0000-0000-0000000000a2 refers to event 1, which is run.started"},
    {"event of another invocation",
     "UPDATE pawl.workflow_events SET payload = '{\"invocation\": \"00000000-0000-0000-0000-0000000000a3\"}' WHERE "
     "type = 'invocation.requested'",
     2, "7002", "invocation 00000000-0000-0000-0000-0000000000a2 refers to event 2 of another invocation"},
    {"epoch falls", "UPDATE pawl.workflow_events SET epoch = 0 WHERE run_id::text LIKE '%7001' AND seq = 2", 3, "7001",
     "the epoch falls from 1 to 0 at seq 2"},
    {"epoch of the future", "UPDATE pawl.workflow_events SET epoch = 3 WHERE run_id::text LIKE '%7003' AND seq = 2", 3,
     "7003", "seq 2 has the epoch 3, lane 3 only 2"},
    {"no wait", "DELETE FROM pawl.workflow_run_waits", 5, "7003", "the run is waiting, and nothing will wake it"},
    {"resolved",
     "UPDATE pawl.workflow_action_invocations SET status = 'resolved', resolution = 'failed', resolved_at = now()", 5,
     "7002", "the run is running, and nothing will wake it"},
};

class PgVerify : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    database = new pg::test::Database();
    const auto migrated = migrate(database->conninfo(), {.pawl_version = "test"});
    ASSERT_TRUE(migrated) << migrated.error().detail;
  }
  static void TearDownTestSuite() {
    delete database;
    database = nullptr;
  }
  void SetUp() override {
    execute(database->conninfo(),
            "TRUNCATE pawl.tenants, pawl.workflow_runs, pawl.workflow_events, pawl.workflow_run_waits, "
            "pawl.workflow_action_invocations CASCADE");
    execute(database->conninfo(), sound);
  }

  static inline pg::test::Database* database = nullptr;
};

TEST_F(PgVerify, FindsNothingInSoundRuns) {
  const auto verified = verify(database->conninfo());
  ASSERT_TRUE(verified) << verified.error().detail;
  EXPECT_EQ(verified->runs, 3u);
  EXPECT_EQ(verified->events, 7u);
  for (const Violation& each : verified->violations)
    ADD_FAILURE() << each.law << " " << each.run.text() << " " << each.what;
}

TEST_F(PgVerify, FindsAPlantedViolationOfEachKind) {
  for (const Planted& each : planted) {
    SCOPED_TRACE(each.name);
    SetUp();
    execute(database->conninfo(), each.script);
    const auto verified = verify(database->conninfo());
    ASSERT_TRUE(verified) << verified.error().detail;
    bool found = false;
    std::string all;
    for (const Violation& violation : verified->violations) {
      all += std::to_string(violation.law) + " " + violation.what + "\n";
      found = found || (violation.law == each.law && violation.what == each.what &&
                        violation.run.text().ends_with(each.run) && violation.tenant.text() == tenant);
    }
    EXPECT_TRUE(found) << all;
  }
}

TEST_F(PgVerify, ASuspendedRunNeedsNoWaker) {
  execute(database->conninfo(),
          "DELETE FROM pawl.workflow_run_waits; UPDATE pawl.workflow_runs SET status = 'suspended' WHERE run_id::text "
          "LIKE '%7003'");
  const auto verified = verify(database->conninfo());
  ASSERT_TRUE(verified);
  EXPECT_TRUE(verified->violations.empty());
}

TEST_F(PgVerify, ListsNoMoreThanAsked) {
  execute(database->conninfo(), "UPDATE pawl.workflow_runs SET revision = 9");
  const auto verified = verify(database->conninfo(), {.violations_per_check = 2});
  ASSERT_TRUE(verified);
  EXPECT_EQ(verified->violations.size(), 2u);
}

TEST_F(PgVerify, NeedsTheOwner) {
  execute(pg::test::server(),
          "DO $$ BEGIN CREATE ROLE pawl_test_stranger LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN "
          "NULL; END $$");
  const auto denied = verify(pg::test::with(database->conninfo(), "user=pawl_test_stranger"));
  ASSERT_FALSE(denied);
  EXPECT_EQ(denied.error().code, "database-denied");
}

}  // namespace
}  // namespace pawl::db
