#include "cli/server_address.h"

#include <cstdlib>
#include <optional>

#include "app/dev_directory.h"
#include "cli/database.h"

namespace pawl::cli {
namespace {

std::string environment(const char* name) {
  const char* value = std::getenv(name);
  return value == nullptr ? std::string() : std::string(value);
}

std::optional<app::DevClient> left_by_dev(const ServerAddress& server) {
  const auto directory = app::dev_directory(server.name, server.data_dir);
  return directory ? app::read_dev_client(*directory) : std::nullopt;
}

Problem unknown(std::string code, std::string title, std::string detail, std::string hint) {
  return {.status = 503,
          .code = std::move(code),
          .title = std::move(title),
          .detail = std::move(detail),
          .instance = {},
          .hint = std::move(hint)};
}

}  // namespace

Result<FoundServer> find_server(const ServerAddress& server) {
  FoundServer found{server.url.empty() ? environment("PAWL_URL") : server.url,
                    server.token.empty() ? environment("PAWL_TOKEN") : server.token};
  if (found.url.empty() || found.token.empty()) {
    if (const auto left = left_by_dev(server)) {
      if (found.url.empty()) found.url = left->url;
      // A token belongs to one server: it is not sent to another one.
      if (found.token.empty() && found.url == left->url) found.token = left->token;
    }
  }
  if (found.url.empty()) {
    return fail(unknown("unreachable", "No server is known",
                        "neither --url nor PAWL_URL is given, and no pawl dev has run here",
                        "start one with: pawl dev"));
  }
  return found;
}

Result<std::string> find_database(const std::string& option, const ServerAddress& server) {
  if (!option.empty()) return option;
  if (std::string url = environment("PAWL_DATABASE_URL"); !url.empty()) return url;
  if (auto left = left_by_dev(server)) return left->database;
  return fail(unknown("database-unknown", "No database is known",
                      "neither --database nor PAWL_DATABASE_URL is given, and no pawl dev has run here",
                      "give one as --database postgresql://USER@HOST/NAME"));
}

}  // namespace pawl::cli
