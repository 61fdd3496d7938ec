// The plans that the hot path's statements get, on tables that were filled after nobody analyzed them.
#include <regex>

#include "store/embedded.h"
#include "store/postgres/session_settings.h"
#include "store/test_fixture.h"

namespace pawl::store {

namespace {

class PgPlans : public test::PgTest {
 protected:
  PgPlans() {
    database_.execute(
        "INSERT INTO pawl.workflow_runs (tenant_id, run_id, definition_id, version_id, lane, status, revision, "
        "trigger_kind,"
        "  root_run_id, started_at, updated_at)"
        " SELECT '" +
        a().text() + "', gen_random_uuid(), '" + a().text() + "', '" + a().text() +
        "', n % 4096, 'running', 1, 'api', gen_random_uuid(), now(), now() FROM generate_series(1, 2000) AS n;"
        "INSERT INTO pawl.workflow_run_waits (tenant_id, run_id, wait_no, lane, kind, path, due_at, opened_at)"
        " SELECT tenant_id, run_id, 1, lane, 'timer', '/do/0/t', now(), now() FROM pawl.workflow_runs;"
        "INSERT INTO pawl.workflow_action_invocations (tenant_id, invocation_id, run_id, path, event_seq, event_ts, "
        "lane, queue,"
        "  action, idempotency_key, status, available_at, created_at)"
        " SELECT tenant_id, run_id, run_id, '/do/0/t', 1, now(), lane, 'q', 'a.b', 'k', 'ready', now(), now() FROM "
        "pawl.workflow_runs");
  }

  // The plan as text, one line after the other.
  std::string plan(std::string_view file, SessionUse use, const std::string& arguments = {}) {
    const std::string sql(embedded::file(file));
    std::string nulls;
    for (int i = 1; sql.find("$" + std::to_string(i) + ":") != std::string::npos; ++i)
      nulls += i == 1 ? "NULL" : ", NULL";
    std::string text;
    bool answered = false;
    pg::Connection connection(io_);
    const auto collect = [&](pg::Outcome<pg::Results> answer) {
      EXPECT_TRUE(answer) << file << ": " << answer.error().message;
      if (answer) {
        for (std::size_t i = 0; i < answer->back().size(); ++i) text += std::string(answer->back().text(i, 0)) + "\n";
      }
      answered = true;
    };
    connection.open({.conninfo = database_.conninfo(), .role = "pawl_engine", .settings = session_settings(use)},
                    [&](pg::Outcome<void> opened) {
                      EXPECT_TRUE(opened);
                      connection.send(pg::Pipeline()
                                          .add("PREPARE explained AS " + sql)
                                          .add("EXPLAIN (COSTS OFF) EXECUTE explained(" +
                                               (arguments.empty() ? nulls : arguments) + ")"),
                                      pg::test::patience, collect);
                    });
    pg::test::run_until(io_, [&] { return answered; });
    return text;
  }

  static bool contains(const std::string& text, const std::string& part) {
    return text.find(part) != std::string::npos;
  }
};

TEST_F(PgPlans, CommitsLookUpByPrimaryKey) {
  const std::pair<std::string_view, std::string> keys[] = {
      {"commit_update_runs.sql", "workflow_runs_pkey"},
      {"commit_suspend_runs.sql", "workflow_runs_pkey"},
      {"commit_insert_invocations.sql", "workflow_runs_pkey"},
      {"commit_resolve_invocations.sql", "workflow_action_invocations_pkey"},
      {"commit_quarantine_invocations.sql", "workflow_action_invocations_pkey"},
      {"commit_reopen_invocations.sql", "workflow_action_invocations_pkey"},
      {"commit_claim_invocations.sql", "workflow_action_invocations_pkey"},
      {"commit_extend_invocations.sql", "workflow_action_invocations_pkey"},
      {"commit_mark_late.sql", "workflow_action_invocations_pkey"},
      {"commit_delete_waits.sql", "workflow_run_waits_pkey"},
      {"commit_delete_inbox.sql", "run_inbox_pkey"},
  };
  for (const auto& [file, key] : keys) {
    const std::string text = plan(file, SessionUse::commits);
    EXPECT_TRUE(contains(text, "Index Scan using " + key)) << file << "\n" << text;
    EXPECT_FALSE(contains(text, "Seq Scan")) << file << "\n" << text;
    EXPECT_FALSE(contains(text, "Hash Join")) << file << "\n" << text;
  }
}

TEST_F(PgPlans, StartsMatchTheirEventsByHash) {
  for (const char* file : {"commit_insert_starts.sql", "commit_insert_starts_pending.sql"}) {
    const std::string text = plan(file, SessionUse::commits);
    EXPECT_TRUE(contains(text, "hashed SubPlan")) << text;
    EXPECT_FALSE(contains(text, "Nested Loop")) << text;
  }
}

TEST_F(PgPlans, WindowsOfPendingRowsReadNoFurtherThanTheyReach) {
  const std::string nil = "'00000000-0000-0000-0000-000000000000'";
  std::string lanes = "'{0";
  for (int lane = 2; lane < 4096; lane += 2) lanes += "," + std::to_string(lane);
  lanes += "}'";
  const std::string invocations =
      plan("load_pending_invocations.sql", SessionUse::loads, lanes + ", " + nil + ", " + nil + ", 51");
  EXPECT_TRUE(contains(invocations, "Index Scan using workflow_action_invocations_open_idx")) << invocations;
  EXPECT_TRUE(contains(invocations, "Presorted Key: wanted.place")) << invocations;
  const std::string waits = plan("load_pending_waits.sql", SessionUse::loads,
                                 lanes + ", 'infinity', '1970-01-01', " + nil + ", " + nil + ", 0, 51");
  EXPECT_TRUE(contains(waits, "Index Scan using workflow_run_waits_due_idx")) << waits;
  EXPECT_TRUE(contains(waits, "Presorted Key: ")) << waits;
  EXPECT_FALSE(std::regex_search(waits, std::regex("Index Cond: [^\n]*lane"))) << waits;
}

}  // namespace

}  // namespace pawl::store
