#include "base/version.h"
#include "cli/commands.h"
#include "cli/database.h"
#include "cli/progress.h"
#include "db/migrate.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

json::Value migration_value(const db::Migration& each) {
  json::ObjectBuilder value;
  value.add("name", each.name);
  if (each.applied_at) value.add("appliedAt", format_time(*each.applied_at)).add("appliedBy", each.applied_by);
  return value.finish();
}

json::Value migration_values(const std::vector<db::Migration>& all) {
  json::ArrayBuilder values;
  for (const db::Migration& each : all) values.add(migration_value(each));
  return values.finish();
}

}  // namespace

int run(const DbMigrate& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  Progress progress(terminal.surroundings(), "migrating the database");
  const auto applied = db::migrate(*database, {.pawl_version = std::string(version())});
  progress.end();
  if (!applied) return terminal.problem(applied.error());
  if (terminal.json()) {
    terminal.value(json::Value::object({{"applied", migration_values(*applied)}}));
    return Exit::done;
  }
  for (const db::Migration& each : *applied) terminal.line("applied " + each.name);
  if (applied->empty()) terminal.line("the database is up to date");
  return Exit::done;
}

int run(const DbStatus& options, const Terminal& terminal) {
  const auto database = find_database(options.database, options.server);
  if (!database) return terminal.problem(database.error());
  const auto all = db::migration_status(*database);
  if (!all) return terminal.problem(all.error());
  bool pending = false;
  std::vector<Row> rows;
  for (const db::Migration& each : *all) {
    pending = pending || !each.applied_at;
    rows.push_back({each.name, each.applied_at ? format_time(*each.applied_at) : "pending", each.applied_by});
  }
  if (terminal.json()) {
    terminal.value(json::Value::object({{"upToDate", !pending}, {"migrations", migration_values(*all)}}));
  } else {
    terminal.table({"MIGRATION", "APPLIED", "BY"}, rows, "no migrations");
  }
  return pending ? Exit::failed : Exit::done;
}

}  // namespace pawl::cli
