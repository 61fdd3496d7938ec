#include "db/data_directory.h"

#include <fcntl.h>
#include <pwd.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include <cerrno>
#include <cstdlib>
#include <utility>

#include "base/encoding.h"
#include "base/hash.h"
#include "db/child_process.h"

namespace pawl::db {

namespace fs = std::filesystem;

namespace {

constexpr char postgres_user[] = "postgres";  // the one that Debian's package makes

std::error_code last_error() { return {errno, std::generic_category()}; }

Result<void> give_to(const fs::path& path, const std::string& owner, mode_t mode) {
  const passwd* entry = owner.empty() ? nullptr : getpwnam(owner.c_str());
  if (entry != nullptr && chown(path.c_str(), entry->pw_uid, entry->pw_gid) != 0)
    return fail(data_dir_problem(path, last_error()));
  if (chmod(path.c_str(), mode) != 0) return fail(data_dir_problem(path, last_error()));
  return {};
}

// A folder that is there already keeps its owner and mode: it may be anything that the user has named.
Result<void> make_folder(const fs::path& path, mode_t mode, const std::string& owner) {
  std::error_code error;
  const bool made = fs::create_directories(path, error);
  if (error) return fail(data_dir_problem(path, error));
  if (made) return give_to(path, owner, mode);
  if (access(path.c_str(), W_OK | X_OK) != 0) return fail(data_dir_problem(path, last_error()));
  return {};
}

Result<void> look_for_room(const fs::path& path, std::uint64_t wanted) {
  struct statvfs found{};
  if (statvfs(path.c_str(), &found) != 0) return fail(data_dir_problem(path, last_error()));
  if (static_cast<std::uint64_t>(found.f_bavail) * found.f_frsize >= wanted) return {};
  return fail(data_dir_problem(path, std::make_error_code(std::errc::no_space_on_device)));
}

// Nobody but its owner may put a socket there, also when another user made the folder first.
Result<fs::path> make_socket_folder(const fs::path& root, const std::string& user) {
  const uid_t owner = user.empty() ? geteuid() : getpwnam(user.c_str())->pw_uid;
  fs::path inside = root / "run";
  if (inside.string().size() <= socket_folder_bytes) {
    if (auto made = make_folder(inside, 0700, user); !made) return fail(std::move(made.error()));
    return inside;
  }
  const Sha256 digest = sha256(root.string() + '\0' + std::to_string(owner));
  fs::path outside = fs::path("/tmp") / ("pawl-" + hex(std::span(digest).first(8)));
  struct stat found{};
  if (mkdir(outside.c_str(), 0700) == 0) {
    if (auto given = give_to(outside, user, 0700); !given) return fail(std::move(given.error()));
  } else if (lstat(outside.c_str(), &found) != 0 || !S_ISDIR(found.st_mode) || found.st_uid != owner) {
    return fail(data_dir_problem(outside, std::make_error_code(std::errc::permission_denied)));
  }
  return outside;
}

Result<void> check_reachable(const fs::path& root, const std::string& user) {
  const auto reached = run_command({.command = {"test", "-x", root.string()}, .user = user}, std::chrono::seconds(10));
  if (!reached) return fail(reached.error());
  if (*reached == 0) return {};
  return fail(
      {.status = 500,
       .code = "data-dir-unreachable",
       .title = "PostgreSQL cannot reach the data directory",
       .detail = "PostgreSQL never runs as root: it runs as the user " + user + ", who may not enter " + root.string(),
       .instance = root.string(),
       .hint = "Choose a folder outside of root's home, for example --data-dir /var/lib/pawl/dev, or run as an "
               "ordinary user."});
}

}  // namespace

Problem data_dir_problem(const fs::path& path, std::error_code error) {
  Problem problem{.status = 500,
                  .code = "data-dir-invalid",
                  .title = "The data directory cannot be used",
                  .detail = path.string() + ": " + error.message(),
                  .instance = path.string(),
                  .hint = "Choose another folder with --data-dir."};
  if (error == std::errc::permission_denied || error == std::errc::operation_not_permitted) {
    problem.code = "data-dir-not-writable";
    problem.title = "The data directory is not writable";
    problem.hint = "Give this user write permission there, or choose another folder with --data-dir.";
  } else if (error == std::errc::read_only_file_system) {
    problem.code = "data-dir-read-only";
    problem.title = "The data directory is on a read-only file system";
  } else if (error == std::errc::no_space_on_device) {
    problem.code = "data-dir-full";
    problem.title = "The data directory has no room left";
    problem.hint = "Free some space (at least 128 MiB), or choose another folder with --data-dir.";
  }
  return problem;
}

Result<DirectoryLock> DirectoryLock::take(const fs::path& file) {
  const int descriptor = open(file.c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0600);
  if (descriptor < 0) return fail(data_dir_problem(file.parent_path(), last_error()));
  DirectoryLock lock(descriptor);
  if (flock(descriptor, LOCK_EX | LOCK_NB) != 0) {
    char holder[32] = {};
    const bool known = read(descriptor, holder, sizeof holder - 1) > 0;
    return fail(
        {.status = 409,
         .code = "data-dir-in-use",
         .title = "Another pawl uses this data directory",
         .detail = file.parent_path().string() + (known ? " is used by process " + std::string(holder) : " is in use"),
         .instance = file.parent_path().string(),
         .hint = "Stop the other one, or choose another name with --name."});
  }
  const std::string self = std::to_string(getpid());
  if (ftruncate(descriptor, 0) != 0 ||
      write(descriptor, self.data(), self.size()) != static_cast<ssize_t>(self.size())) {
    return fail(data_dir_problem(file.parent_path(), last_error()));
  }
  return lock;
}

DirectoryLock::DirectoryLock(DirectoryLock&& other) noexcept : descriptor_(std::exchange(other.descriptor_, -1)) {}

DirectoryLock& DirectoryLock::operator=(DirectoryLock&& other) noexcept {
  std::swap(descriptor_, other.descriptor_);
  return *this;
}

DirectoryLock::~DirectoryLock() {
  if (descriptor_ >= 0) close(descriptor_);
}

Result<DataDirectory> prepare_data_directory(const fs::path& given, std::uint64_t free_bytes) {
  std::error_code error;
  DataDirectory directory;
  directory.root = fs::absolute(given, error).lexically_normal();
  if (error) return fail(data_dir_problem(given, error));
  const bool root = geteuid() == 0;
  if (root) {
    directory.user = postgres_user;
    if (getpwnam(postgres_user) == nullptr) {
      return fail(
          {.status = 500,
           .code = "postgres-user-missing",
           .title = "There is no user postgres",
           .detail = "PostgreSQL never runs as root, and the user postgres, as whom it would run, does not exist.",
           .instance = {},
           .hint = "Install the package postgresql-15, which makes it, or run as an ordinary user."});
    }
  }
  if (auto made = make_folder(directory.root, root ? 0711 : 0700, ""); !made) return fail(std::move(made.error()));
  if (auto room = look_for_room(directory.root, free_bytes); !room) return fail(std::move(room.error()));
  if (root) {
    if (auto reached = check_reachable(directory.root, directory.user); !reached)
      return fail(std::move(reached.error()));
  }
  directory.postgres = directory.root / "postgres";
  directory.log = directory.root / "postgres.log";
  auto socket_folder = make_socket_folder(directory.root, directory.user);
  if (!socket_folder) return fail(std::move(socket_folder.error()));
  directory.socket_folder = *socket_folder;
  return directory;
}

Result<fs::path> default_data_directory(const std::string& name) {
  if (name.empty() || name.size() > 63 || name.find_first_of("/\\") != std::string::npos || name.starts_with('.')) {
    return fail({.status = 400,
                 .code = "invalid-name",
                 .title = "Not a name for a data directory",
                 .detail = "\"" + name + "\"",
                 .instance = "name",
                 .hint = "1 to 63 characters, no slash, no dot in front; for any other folder use --data-dir."});
  }
  if (geteuid() == 0) return fs::path("/var/lib/pawl") / name;
  const auto variable = [](const char* each) {
    const char* value = std::getenv(each);
    return fs::path(value == nullptr ? "" : value);
  };
  if (const fs::path state = variable("XDG_STATE_HOME"); state.is_absolute()) return state / "pawl" / name;
  fs::path home = variable("HOME");
  if (!home.is_absolute()) {
    const passwd* entry = getpwuid(geteuid());
    if (entry != nullptr) home = entry->pw_dir;
  }
  return home / ".local/state/pawl" / name;
}

}  // namespace pawl::db
