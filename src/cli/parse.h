// From the arguments to a command. The only file of the project that knows the argument parser is parse.cc.
#pragma once

#include <expected>
#include <string>

#include "cli/options.h"

namespace pawl::cli {

// A message that is all there is to do: help (exit 0, standard output) or wrong usage (exit 2, standard error).
struct Message {
  std::string text;
  int exit = 0;
};

// `pawl help COMMAND` is `pawl COMMAND --help`; `pawl` alone, and a group of commands alone, are their help and wrong
// usage.
std::expected<Invocation, Message> parse(int argc, const char* const* argv);

}  // namespace pawl::cli
