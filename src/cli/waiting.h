// Waiting for runs, for whoever started them or asks for them by id.
#pragma once

#include <string>

#include "base/problem.h"
#include "base/time.h"
#include "cli/api.h"
#include "cli/terminal.h"
#include "json/value.h"

namespace pawl::cli {

bool has_ended(const json::Value& run);

// Of --wait-at-most and --at-most. Problem `usage`.
Result<Microseconds> read_patience(const std::string& option, const std::string& text);

// Asks the server until the run has ended or the time is over, and returns it as it is then. A server that goes away
// is asked again for a minute: its runs outlive it. On a terminal a line says where the run is.
Result<json::Value> wait_until_ended(Api& api, const Terminal& terminal, json::Value run, Microseconds at_most);

// A run that was started or waited for: its id and status, then its output or error.
void show_outcome(const Terminal& terminal, const json::Value& run);

// Exit::done when it completed. Otherwise says on standard error how to go on.
int exit_of_waiting(const Terminal& terminal, const json::Value& run);

}  // namespace pawl::cli
