#include "cli/server_address.h"

#include <cstdlib>
#include <optional>

#include "app/dev_directory.h"
#include "cli/database.h"

namespace pawl::cli {
namespace {

Setting from_environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr || *value == '\0' ? Setting() : Setting{value, name};
}

// What an option says goes before what the environment says: also when it only says which pawl dev is meant.
bool names_dev(const ServerAddress& server) { return server.name != default_dev_name || !server.data_dir.empty(); }

Setting first_of(const std::string& option, const char* name, const char* variable, bool looks_at_environment) {
  if (!option.empty()) return {option, name};
  return looks_at_environment ? from_environment(variable) : Setting();
}

struct LeftByDev {
  std::string directory, file;
  std::optional<app::DevClient> client;
};

LeftByDev left_by_dev(const ServerAddress& server) {
  const auto directory = app::dev_directory(server.name, server.data_dir);
  if (!directory) return {};
  return {directory->string(), "pawl dev in " + directory->string(), app::read_dev_client(*directory)};
}

Problem unknown(std::string code, std::string title, const std::string& ways, const LeftByDev& left, std::string hint) {
  const std::string where = left.directory.empty() ? "here" : "in " + left.directory;
  return {.status = 503,
          .code = std::move(code),
          .title = std::move(title),
          .detail = ways + "no pawl dev has run " + where,
          .instance = {},
          .hint = std::move(hint)};
}

}  // namespace

Result<FoundServer> find_server(const ServerAddress& server) {
  const bool environment = !names_dev(server);
  FoundServer found{first_of(server.url, "--url", "PAWL_URL", environment),
                    first_of(server.token, "--token", "PAWL_TOKEN", environment)};
  if (!found.url.value.empty() && !found.token.value.empty()) return found;
  const LeftByDev left = left_by_dev(server);
  if (left.client) {
    if (found.url.value.empty()) found.url = {left.client->url, left.file};
    // A token belongs to one server: it is not sent to another one.
    if (found.token.value.empty() && found.url.value == left.client->url) {
      found.token = {left.client->token, left.file};
    }
  }
  if (!found.url.value.empty()) return found;
  return fail(unknown("unreachable", "No server is known",
                      environment ? "neither --url nor PAWL_URL is given, and " : "", left,
                      environment ? "start one with: pawl dev" : "pawl dev takes --name and --data-dir, too"));
}

Result<Setting> find_database_setting(const std::string& option, const ServerAddress& server) {
  const bool environment = !names_dev(server);
  const Setting said = first_of(option, "--database", "PAWL_DATABASE_URL", environment);
  if (!said.value.empty()) return said;
  const LeftByDev left = left_by_dev(server);
  if (left.client) return Setting{left.client->database, left.file};
  return fail(unknown("database-unknown", "No database is known",
                      environment ? "neither --database nor PAWL_DATABASE_URL is given, and " : "", left,
                      "give one as --database postgresql://USER@HOST/NAME"));
}

Result<std::string> find_database(const std::string& option, const ServerAddress& server) {
  auto found = find_database_setting(option, server);
  if (!found) return fail(found.error());
  return std::move(found->value);
}

}  // namespace pawl::cli
