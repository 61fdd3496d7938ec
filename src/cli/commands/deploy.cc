#include "base/limits.h"
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

void show_diagnostics(const Terminal& terminal, const std::string& file, const json::Value& diagnostics) {
  for (const json::Value& each : diagnostics.items()) {
    terminal.note(file + ":" + std::to_string(each.find("line")->integer()) + ":" +
                  std::to_string(each.find("column")->integer()) + ": " + text_of(each, "severity") + ": " +
                  text_of(each, "message") + " [" + text_of(each, "code") + "]");
    if (const std::string hint = text_of(each, "hint"); !hint.empty()) terminal.note("  hint: " + hint);
  }
}

}  // namespace

int run(const Deploy& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  int exit = Exit::done;
  for (const std::string& file : options.files) {
    const auto text = read_file(file, limits::body_bytes);
    if (!text) return terminal.problem(text.error());
    const std::string target = options.activate ? "/v1/definitions" : "/v1/definitions?activate=false";
    const auto deployed = api->post_text(target, *text, "application/yaml");
    if (!deployed) {
      const json::Value diagnostics = api->diagnostics();
      Problem problem = deployed.error();
      if (!terminal.json() && !diagnostics.is_null()) problem.hint.clear();  // it says where to look for what follows
      exit = std::max(exit, terminal.problem(problem));
      if (!terminal.json()) show_diagnostics(terminal, file, diagnostics);
      continue;
    }
    if (terminal.json()) {
      terminal.value(*deployed);
      continue;
    }
    if (terminal.ids()) {
      terminal.line(text_of(*deployed, "definition"));
      continue;
    }
    const json::Value* created = deployed->find("created");
    const bool is_new = created != nullptr && created->boolean();
    terminal.line(text_of(*deployed, "definition") + " " + text_of(*deployed, "version") +
                  (is_new ? " deployed" : " unchanged"));
    if (const json::Value* warnings = deployed->find("diagnostics")) show_diagnostics(terminal, file, *warnings);
  }
  return exit;
}

}  // namespace pawl::cli
