#include "db/verify.h"

#include "cli/commands.h"
#include "cli/database.h"
#include "json/builder.h"

namespace pawl::cli {

int run(const Verify& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto verified = db::verify(*database);
  if (!verified) return terminal.problem(verified.error());
  json::ArrayBuilder values;
  std::vector<std::vector<std::string>> rows;
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
                                        {"violations", values.finish()}}));
  } else {
    if (!rows.empty()) terminal.table({"LAW", "TENANT", "RUN", "WHAT"}, rows, "");
    terminal.line(std::to_string(verified->runs) + " runs with " + std::to_string(verified->events) +
                  " events: " + (rows.empty() ? "every law holds" : std::to_string(rows.size()) + " violations"));
  }
  return rows.empty() ? Exit::done : Exit::failed;
}

}  // namespace pawl::cli
