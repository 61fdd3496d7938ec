#include "app/dev_directory.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <fstream>
#include <sstream>
#include <system_error>

#include "db/data_directory.h"
#include "json/parse.h"
#include "json/value.h"

namespace pawl::app {
namespace {

constexpr const char* client_file = "client.json";

}  // namespace

Result<std::filesystem::path> dev_directory(std::string_view name, std::string_view data_dir) {
  if (!data_dir.empty()) return std::filesystem::absolute(std::filesystem::path(data_dir));
  return db::default_data_directory(std::string(name));
}

Result<void> write_dev_client(const std::filesystem::path& directory, const DevClient& client) {
  const std::filesystem::path path = directory / client_file;
  const std::filesystem::path next = directory / (std::string(client_file) + ".new");
  const std::string text = json::to_text(json::Value::object(
                               {{"url", client.url}, {"token", client.token}, {"database", client.database}})) +
                           "\n";
  const int file = open(next.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC | O_NOFOLLOW, 0600);
  if (file < 0) return fail(db::data_dir_problem(next, std::error_code(errno, std::generic_category())));
  const ssize_t written = write(file, text.data(), text.size());
  const int error = errno;
  const bool kept = fsync(file) == 0;
  close(file);
  if (written != static_cast<ssize_t>(text.size()) || !kept)
    return fail(db::data_dir_problem(next, std::error_code(error, std::generic_category())));
  std::error_code failed;
  std::filesystem::rename(next, path, failed);
  if (failed) return fail(db::data_dir_problem(path, failed));
  return {};
}

std::optional<DevClient> read_dev_client(const std::filesystem::path& directory) {
  std::ifstream file(directory / client_file);
  std::ostringstream text;
  text << file.rdbuf();
  const auto value = json::parse(text.str());
  if (!value || !value->is_object()) return std::nullopt;
  const auto member = [&](std::string_view key) {
    const json::Value* found = value->find(key);
    return found == nullptr ? std::string() : std::string(found->text());
  };
  return DevClient{member("url"), member("token"), member("database")};
}

}  // namespace pawl::app
