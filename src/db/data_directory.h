// The folder in which `pawl dev` keeps everything: the private PostgreSQL's data, its socket and log, the token.
//
//   DIR/lock          held (flock) as long as the server lives; refuses a second one
//   DIR/postgres/     the cluster, of the user who runs PostgreSQL
//   DIR/run/          its socket; in a short folder of its own under /tmp when DIR is too long for a socket's path
//   DIR/postgres.log  what PostgreSQL says; the former one is postgres.log.1
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <system_error>

#include "base/problem.h"

namespace pawl::db {

// A socket's path has at most 107 bytes (sun_path), of which /.s.PGSQL.5432 takes 14.
inline constexpr std::size_t socket_folder_bytes = 107 - 14;
// What must be free to begin: a new cluster takes 40 MB, and PostgreSQL stops hard when it cannot write its log.
inline constexpr std::uint64_t least_free_bytes = 128ull << 20;
inline constexpr std::uint64_t log_bytes = 16ull << 20;  // a larger postgres.log is set aside at the next start

// Codes: data-dir-not-writable, data-dir-read-only, data-dir-full, data-dir-invalid.
Problem data_dir_problem(const std::filesystem::path& path, std::error_code error);

// Exclusive for the life of the object; the kernel ends it with the process, however that ends.
class DirectoryLock {
 public:
  // Code data-dir-in-use when another process holds it; the detail names that process.
  static Result<DirectoryLock> take(const std::filesystem::path& file);

  DirectoryLock(DirectoryLock&& other) noexcept;
  DirectoryLock& operator=(DirectoryLock&& other) noexcept;
  ~DirectoryLock();

 private:
  explicit DirectoryLock(int descriptor) : descriptor_(descriptor) {}
  int descriptor_ = -1;
};

struct DataDirectory {
  std::filesystem::path root, postgres, socket_folder, log;
  std::string user;  // who runs PostgreSQL, when that is not us
};

// Makes the folders, with owners and modes, and looks for room. As root PostgreSQL runs as the user postgres, who must
// be able to reach the folder: codes data-dir-unreachable, postgres-user-missing, and those of data_dir_problem.
Result<DataDirectory> prepare_data_directory(const std::filesystem::path& root,
                                             std::uint64_t free_bytes = least_free_bytes);

// ~/.local/state/pawl/NAME (under XDG_STATE_HOME when that is set), for root /var/lib/pawl/NAME.
Result<std::filesystem::path> default_data_directory(const std::string& name);

}  // namespace pawl::db
