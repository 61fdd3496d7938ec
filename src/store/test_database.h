// For tests of this room and those above: a database of one's own with the base schema. Never part of the program.
// The test's target defines PAWL_SCHEMA_DIR.
#pragma once

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>
#include <vector>

#include "pg/test_server.h"

namespace pawl::store::test {

// The files of schema/base, as one transaction.
inline std::string base_schema() {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PAWL_SCHEMA_DIR)) {
    if (entry.path().extension() == ".sql") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  std::ostringstream script;
  script << "BEGIN;\n";
  for (const auto& file : files) script << std::ifstream(file).rdbuf() << '\n';
  script << "COMMIT;\n";
  return script.str();
}

class Database {
 public:
  Database() { pg::test::execute(database_.conninfo(), base_schema()); }

  const std::string& conninfo() const { return database_.conninfo(); }
  void execute(const std::string& script) const { pg::test::execute(conninfo(), script); }
  std::string value(const std::string& query) const { return pg::test::value(conninfo(), query); }

  // As it was in the beginning, for the next test; quicker than another database.
  void reset() const {
    execute(
        "TRUNCATE pawl.tenants, pawl.tenant_settings, pawl.api_tokens, pawl.workflow_definitions, "
        "pawl.workflow_definition_versions,"
        "         pawl.workflow_runs, pawl.workflow_events, pawl.workflow_run_waits, pawl.workflow_action_invocations,"
        "         pawl.run_inbox, pawl.engine_doorbells, pawl.engine_nodes, pawl.engine_loops, pawl.engine_lanes;"
        "INSERT INTO pawl.engine_lanes (lane) SELECT generate_series(0, 4095);");
  }

 private:
  pg::test::Database database_;
};

}  // namespace pawl::store::test
