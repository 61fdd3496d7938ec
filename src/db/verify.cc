#include "db/verify.h"

#include <chrono>
#include <utility>

#include "db/embedded.h"
#include "pg/blocking_connection.h"

namespace pawl::db {

namespace {

constexpr Microseconds verify_timeout = std::chrono::hours(6);
constexpr const char* checks[] = {"verify_2_log.sql", "verify_2_projections.sql", "verify_3_epochs.sql",
                                  "verify_5_wakes.sql"};

}  // namespace

Result<Verified> verify(const std::string& conninfo, const VerifyOptions& options) {
  auto connection = pg::BlockingConnection::open(conninfo, "pawl verify", verify_timeout);
  if (!connection) return fail(std::move(connection.error()));
  if (auto begun = connection->script(
          "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL ROLE pawl_owner; SET LOCAL jit = off");
      !begun) {
    return fail(std::move(begun.error()));
  }
  Verified verified;
  auto counts =
      connection->run("SELECT (SELECT count(*) FROM pawl.workflow_runs), (SELECT count(*) FROM pawl.workflow_events)");
  if (!counts) return fail(std::move(counts.error()));
  verified.runs = static_cast<std::uint64_t>(counts->get<std::int64_t>(0, 0));
  verified.events = static_cast<std::uint64_t>(counts->get<std::int64_t>(0, 1));
  for (const char* check : checks) {
    auto answer = connection->run(std::string(embedded::file(check)),
                                  std::move(pg::Params().add(static_cast<std::int32_t>(options.violations_per_check))));
    if (!answer) return fail(std::move(answer.error()));
    const pg::Rows& rows = *answer;
    for (std::size_t i = 0; i < rows.size(); ++i) {
      verified.violations.push_back({.law = rows.get<std::int32_t>(i, 0),
                                     .tenant = rows.get<Uuid>(i, 1),
                                     .run = rows.get<Uuid>(i, 2),
                                     .what = std::string(rows.text(i, 3))});
    }
  }
  return verified;
}

}  // namespace pawl::db
