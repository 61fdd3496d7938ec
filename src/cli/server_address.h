// Where the server and its database are, when the options do not say: the environment, then what `pawl dev` has left.
#pragma once

#include <string>

#include "base/problem.h"
#include "cli/options.h"

namespace pawl::cli {

// A setting, and who says it: an option, a variable of the environment, or a file.
struct Setting {
  std::string value, source;
};

struct FoundServer {
  Setting url, token;  // a token may be empty: none is known for this server
};

// --url and --token, else PAWL_URL and PAWL_TOKEN, else the data directory. Problem `unreachable` when nothing says
// where.
Result<FoundServer> find_server(const ServerAddress& server);

}  // namespace pawl::cli
