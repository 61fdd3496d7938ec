#include "cli/surroundings.h"

#include <sys/ioctl.h>
#include <unistd.h>

#include <cstdlib>
#include <string_view>

namespace pawl::cli {
namespace {

std::string_view environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? "" : value;
}

}  // namespace

Surroundings Surroundings::of_process() {
  Surroundings found;
  found.output_is_terminal = isatty(STDOUT_FILENO) == 1;
  found.errors_are_terminal = isatty(STDERR_FILENO) == 1;
  found.wants_color = environment("NO_COLOR").empty();
  found.is_dumb = environment("TERM").empty() || environment("TERM") == "dumb";
  winsize size{};
  if (ioctl(STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0) found.columns = size.ws_col;
  return found;
}

}  // namespace pawl::cli
