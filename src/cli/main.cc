// The binary: parse, run one command, exit with what it says.
#include <unistd.h>

#include <csignal>
#include <cstdio>
#include <exception>

#include "app/process_title.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/parse.h"

int main(int argc, char** argv) {
  std::signal(SIGPIPE, SIG_IGN);  // a closed pipe is an error of write(2), not a death
  const auto parsed = pawl::cli::parse(argc, argv);
  pawl::app::hide_secrets(argc, argv);
  if (!parsed) {
    std::FILE* to = parsed.error().exit == 0 ? stdout : stderr;
    std::fputs(parsed.error().text.c_str(), to);
    return parsed.error().exit;
  }
  pawl::configure_log(parsed->log_level, pawl::LogFormat::automatic);
  const pawl::cli::Terminal terminal(*parsed);
  try {
    return std::visit([&](const auto& options) { return pawl::cli::run(options, terminal); }, parsed->command);
  } catch (const std::exception& error) {
    return terminal.problem({.status = 500,
                             .code = "internal",
                             .title = "An error of Pawl itself",
                             .detail = error.what(),
                             .instance = {},
                             .hint = "please report it with what you did"});
  }
}
