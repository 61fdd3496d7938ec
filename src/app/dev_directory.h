// The data directory of `pawl dev`, and the file in it by which the other commands find the server (interfaces.md).
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>

#include "base/problem.h"

namespace pawl::app {

// `data_dir` when given, else the default of that name (db/data_directory.h).
Result<std::filesystem::path> dev_directory(std::string_view name, std::string_view data_dir);

struct DevClient {
  std::string url;       // http://127.0.0.1:7295
  std::string token;     // of the tenant `default`
  std::string database;  // conninfo of the private PostgreSQL, for the operator's commands
};

// client.json, mode 0600, replaced as a whole.
Result<void> write_dev_client(const std::filesystem::path& directory, const DevClient& client);
std::optional<DevClient> read_dev_client(const std::filesystem::path& directory);

}  // namespace pawl::app
