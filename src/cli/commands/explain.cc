// pawl explain: what holds a run.
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/history.h"

namespace pawl::cli {

int run(const Explain& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const auto explained = api->get(run_target(options.id) + "/explain");
  if (!explained) return terminal.problem(about(explained.error(), options.id));
  if (terminal.json()) {
    terminal.value(*explained);
    return Exit::done;
  }
  std::vector<Row> rows;
  for (const json::Value& hold : explained->find("holds")->items()) {
    rows.push_back({text_of(hold, "path"), text_of(hold, "kind"), text_of(hold, "because")});
  }
  terminal.table({"PATH", "KIND", "BECAUSE"}, rows, "nothing holds it: the run is " + text_of(*explained, "status"));
  if (explained->find("cut") != nullptr) terminal.note("pawl: there is more than is shown");
  return Exit::done;
}

}  // namespace pawl::cli
