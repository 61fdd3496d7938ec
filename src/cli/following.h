// A run's events as they come: pawl run --follow, pawl runs follow.
#pragma once

#include <cstdint>
#include <string>

#include "base/time.h"
#include "cli/api.h"
#include "cli/terminal.h"

namespace pawl::cli {

// Prints the events behind `after` until the run has ended or `at_most` is over, then for people the outcome. Goes on
// where it was when the server was away, for up to a minute. The exit code is that of waiting. Ctrl-C ends the process,
// after a note that the run goes on.
int follow_run(Api& api, const Terminal& terminal, const std::string& id, std::uint32_t after, Microseconds at_most);

}  // namespace pawl::cli
