#include "db/verify.h"

#include <algorithm>

#include "cli/commands.h"
#include "cli/database.h"
#include "cli/progress.h"
#include "db/verify_histories.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

// A run that SQL has found wrong under a law is told once: folding it says the same in other words.
void add_new(std::vector<db::Violation>& all, const std::vector<db::Violation>& more) {
  const std::size_t known = all.size();
  for (const db::Violation& each : more) {
    const auto same = [&](const db::Violation& other) {
      return other.law == each.law && other.tenant == each.tenant && other.run == each.run;
    };
    if (std::none_of(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(known), same)) all.push_back(each);
  }
}

}  // namespace

int run(const Verify& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  Progress progress(terminal.surroundings(), "looking for gaps and for rows that differ");
  auto verified = db::verify(*database);
  if (!verified) {
    progress.end();
    return terminal.problem(verified.error());
  }
  const auto said = [&](std::uint64_t runs) { progress.say(std::to_string(runs) + " histories folded"); };
  const auto folded = db::verify_histories(*database, {.all = options.ended, .folded = said});
  progress.end();
  if (!folded) return terminal.problem(folded.error());
  add_new(verified->violations, folded->violations);
  json::ArrayBuilder values;
  std::vector<Row> rows;
  for (const db::Violation& each : verified->violations) {
    rows.push_back({std::to_string(each.law), each.tenant.text(), each.run.text(), each.what});
    values.add(json::Value::object({{"law", json::Value::integer(each.law)},
                                    {"tenant", each.tenant.text()},
                                    {"run", each.run.text()},
                                    {"what", each.what}}));
  }
  if (terminal.json()) {
    terminal.value(json::Value::object({{"runs", json::Value::integer(static_cast<std::int64_t>(verified->runs))},
                                        {"events", json::Value::integer(static_cast<std::int64_t>(verified->events))},
                                        {"folded", json::Value::integer(static_cast<std::int64_t>(folded->runs))},
                                        {"violations", values.finish()}}));
  } else {
    if (!rows.empty()) terminal.table({"LAW", "TENANT", "RUN", "WHAT"}, rows, "");
    terminal.line(std::to_string(verified->runs) + " runs with " + std::to_string(verified->events) + " events" +
                  (folded->runs == 0 ? "" : ", " + std::to_string(folded->runs) + " histories folded") + ": " +
                  (rows.empty() ? "every law holds" : std::to_string(rows.size()) + " violations"));
  }
  return rows.empty() ? Exit::done : Exit::failed;
}

}  // namespace pawl::cli
