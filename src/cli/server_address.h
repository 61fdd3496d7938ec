// Where the server and its database are, when the options do not say: the environment, then what `pawl dev` has left.
#pragma once

#include <string>

#include "base/problem.h"
#include "cli/options.h"

namespace pawl::cli {

struct FoundServer {
  std::string url, token;
};

// --url and --token, else PAWL_URL and PAWL_TOKEN, else the data directory. Problem `unreachable` when nothing says
// where.
Result<FoundServer> find_server(const ServerAddress& server);

}  // namespace pawl::cli
