#include "base/limits.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "dsl/compile.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

bool is_error(const dsl::Diagnostic& diagnostic) { return diagnostic.severity == dsl::Diagnostic::Severity::error; }

json::Value diagnostic_value(const std::string& file, const dsl::Diagnostic& each) {
  json::ObjectBuilder value;
  value.add("file", file).add("severity", is_error(each) ? "error" : "warning").add("code", each.code);
  value.add("message", each.message).add("pointer", each.pointer);
  value.add("line", json::Value::integer(each.line)).add("column", json::Value::integer(each.column));
  if (!each.hint.empty()) value.add("hint", each.hint);
  return value.finish();
}

}  // namespace

int run(const Check& options, const Terminal& terminal) {
  std::size_t errors = 0;
  json::ArrayBuilder all;
  for (const std::string& file : options.files) {
    const auto text = read_file(file, limits::body_bytes);
    if (!text) return terminal.problem(text.error());
    const dsl::Compiled compiled = dsl::compile(*text);
    for (const dsl::Diagnostic& each : compiled.diagnostics) {
      if (is_error(each)) ++errors;
      all.add(diagnostic_value(file, each));
      if (terminal.json()) continue;
      terminal.line(file + ":" + std::to_string(each.line) + ":" + std::to_string(each.column) + ": " +
                    (is_error(each) ? "error: " : "warning: ") + each.message + " [" + each.code + "]" +
                    (each.pointer.empty() ? "" : " " + each.pointer));
      if (!each.hint.empty()) terminal.line("  hint: " + each.hint);
    }
    if (!terminal.json() && compiled.program) {
      const dsl::Program& program = *compiled.program;
      terminal.line(file + ": " + program.namespace_ + "/" + program.name + " " + program.version + " is fine");
    }
  }
  if (terminal.json()) {
    terminal.value(json::Value::object(
        {{"errors", json::Value::integer(static_cast<std::int64_t>(errors))}, {"diagnostics", all.finish()}}));
  }
  return errors == 0 ? Exit::done : Exit::failed;
}

}  // namespace pawl::cli
