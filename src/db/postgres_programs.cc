#include "db/postgres_programs.h"

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>
#include <string>

namespace pawl::db {

namespace fs = std::filesystem;

namespace {

constexpr char debian_folder[] = "/usr/lib/postgresql";

// Debian's folders are called by their version; elsewhere the file beside the programs tells nothing, so 0.
int version_of(const fs::path& folder) { return std::atoi(folder.parent_path().filename().c_str()); }

bool has_programs(const fs::path& folder) {
  std::error_code ignored;
  return fs::exists(folder / "postgres", ignored) && fs::exists(folder / "initdb", ignored);
}

}  // namespace

std::vector<fs::path> postgres_folders() {
  std::vector<fs::path> folders;
  std::error_code ignored;
  for (const auto& entry : fs::directory_iterator(debian_folder, ignored)) folders.push_back(entry.path() / "bin");
  std::ranges::sort(folders, std::greater(), version_of);
  const char* searched = std::getenv("PATH");
  std::istringstream path(searched == nullptr ? "" : searched);
  for (std::string each; std::getline(path, each, ':');) {
    if (!each.empty()) folders.emplace_back(each);
  }
  return folders;
}

Result<fs::path> find_postgres(const fs::path& cluster, const std::vector<fs::path>& folders) {
  int wanted = 0;
  std::ifstream(cluster / "PG_VERSION") >> wanted;
  for (const fs::path& folder : folders) {
    if (!has_programs(folder)) continue;
    const int version = version_of(folder);
    if (version == 0 || (wanted == 0 ? version >= oldest_postgres : version == wanted)) return folder;
  }
  if (wanted != 0) {
    return fail(
        {.status = 500,
         .code = "postgres-version-mismatch",
         .title = "The data directory belongs to another version of PostgreSQL",
         .detail = cluster.string() + " was made by PostgreSQL " + std::to_string(wanted) +
                   ", whose programs are not installed.",
         .instance = cluster.string(),
         .hint = "Install the package postgresql-" + std::to_string(wanted) + ", or move the data with pg_dump."});
  }
  return fail(
      {.status = 500,
       .code = "postgres-not-found",
       .title = "PostgreSQL is not installed",
       .detail = "No initdb and postgres of version 15 or later, neither under /usr/lib/postgresql nor in PATH.",
       .instance = {},
       .hint = "Install the package postgresql-15, or point `pawl server` at a server with --database."});
}

}  // namespace pawl::db
