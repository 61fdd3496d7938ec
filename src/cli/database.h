// The operator's commands connect to the database itself.
#pragma once

#include <string>

#include "base/problem.h"
#include "cli/options.h"
#include "cli/server_address.h"

namespace pawl::cli {

// --database, else PAWL_DATABASE_URL, else that of the `pawl dev` which `server` names. Problem `database-unknown`.
Result<std::string> find_database(const std::string& option, const ServerAddress& server = {});
Result<Setting> find_database_setting(const std::string& option, const ServerAddress& server);

}  // namespace pawl::cli
