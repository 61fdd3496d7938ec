#include "base/version.h"

#include "cli/commands.h"

namespace pawl::cli {

int run(const Version&, const Terminal& terminal) {
  if (terminal.json()) {
    terminal.value(json::Value::object({{"version", version()}}));
  } else {
    terminal.line("pawl " + std::string(version()));
  }
  return Exit::done;
}

}  // namespace pawl::cli
