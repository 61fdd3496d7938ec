// The binary: parse, run one command, exit with what it says.
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <exception>

#include "app/process_title.h"
#include "base/log.h"
#include "cli/commands.h"
#include "cli/parse.h"

namespace {

// As every filter ends whose reader has gone (`pawl runs events RUN | head`); a full disk is told.
int end_without_output(const pawl::cli::OutputLost& lost) {
  if (lost.error == EPIPE) {
    std::signal(SIGPIPE, SIG_DFL);
    std::raise(SIGPIPE);
  }
  std::fprintf(stderr, "pawl: standard output: %s\n", lost.what());
  return pawl::cli::Exit::failed;
}

}  // namespace

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
  const pawl::cli::Terminal terminal(parsed->output);
  try {
    return std::visit([&](const auto& options) { return pawl::cli::run(options, terminal); }, parsed->command);
  } catch (const std::exception& error) {
    if (const auto* lost = dynamic_cast<const pawl::cli::OutputLost*>(&error)) return end_without_output(*lost);
    return terminal.problem({.status = 500,
                             .code = "internal",
                             .title = "An error of Pawl itself",
                             .detail = error.what(),
                             .instance = {},
                             .hint = "please report it with what you did"});
  }
}
