#include "db/private_server.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>
#include <fstream>

#include "db/child_process.h"
#include "db/migrate.h"
#include "db/postgres_cluster.h"
#include "db/postgres_programs.h"
#include "pg/test_server.h"

namespace pawl::db {
namespace {

namespace fs = std::filesystem;
using pg::test::patience;
using pg::test::value;

// A folder of the test's own that the user who runs PostgreSQL can reach.
class Folder {
 public:
  Folder() {
    std::string name = (fs::temp_directory_path() / "pawl-db-XXXXXX").string();
    path = mkdtemp(name.data());
    chmod(path.c_str(), 0755);
  }
  ~Folder() {
    std::error_code ignored;
    fs::remove_all(path, ignored);
  }
  fs::path path;
};

TEST(ChildProcess, TellsItsExit) {
  auto child = ChildProcess::start({.command = {"sh", "-c", "exit 7"}});
  ASSERT_TRUE(child);
  ASSERT_TRUE(child->wait(patience));
  EXPECT_EQ(child->exit_code(), 7);
  EXPECT_FALSE(child->is_running());
  child->signal(SIGTERM);  // of no effect

  auto killed = ChildProcess::start({.command = {"sleep", "600"}});
  ASSERT_TRUE(killed);
  EXPECT_TRUE(killed->is_running());
  killed->signal(SIGKILL);
  ASSERT_TRUE(killed->wait(patience));
  EXPECT_EQ(killed->exit_code(), 128 + SIGKILL);
}

TEST(ChildProcess, SaysWhatCannotBeStarted) {
  const auto child = ChildProcess::start({.command = {"/no/such/program"}});
  ASSERT_FALSE(child);
  EXPECT_EQ(child.error().code, "process-not-started");
  EXPECT_EQ(child.error().instance, "/no/such/program");
}

TEST(ChildProcess, InheritsNoDescriptors) {
  const Folder folder;
  const int open_file = open("/dev/null", O_RDONLY);  // without O_CLOEXEC
  const auto exit_code =
      run_command({.command = {"sh", "-c", "ls /proc/self/fd | wc -l"}, .output = folder.path / "out"}, patience);
  close(open_file);
  ASSERT_TRUE(exit_code);
  int descriptors = 0;
  std::ifstream(folder.path / "out") >> descriptors;
  EXPECT_EQ(descriptors, 4);  // 0, 1, 2 and the folder that ls reads
}

TEST(ChildProcess, ASlowCommandIsEnded) {
  const auto slow = run_command({.command = {"sleep", "600"}}, std::chrono::milliseconds(20));
  ASSERT_FALSE(slow);
  EXPECT_EQ(slow.error().code, "process-too-slow");
}

TEST(DataDirectory, SortsErrorsIntoCodes) {
  const auto code = [](std::errc error) { return data_dir_problem("/d", std::make_error_code(error)).code; };
  EXPECT_EQ(code(std::errc::permission_denied), "data-dir-not-writable");
  EXPECT_EQ(code(std::errc::operation_not_permitted), "data-dir-not-writable");
  EXPECT_EQ(code(std::errc::read_only_file_system), "data-dir-read-only");
  EXPECT_EQ(code(std::errc::no_space_on_device), "data-dir-full");
  EXPECT_EQ(code(std::errc::not_a_directory), "data-dir-invalid");
  EXPECT_FALSE(data_dir_problem("/d", std::make_error_code(std::errc::not_a_directory)).hint.empty());
}

TEST(DataDirectory, RefusesWhatIsNoFolderOrFull) {
  const Folder folder;
  std::ofstream(folder.path / "file") << "x";
  const auto file = prepare_data_directory(folder.path / "file" / "data");
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, "data-dir-invalid");

  const auto full = prepare_data_directory(folder.path / "data", 1ull << 60);
  ASSERT_FALSE(full);
  EXPECT_EQ(full.error().code, "data-dir-full");
}

TEST(DataDirectory, RefusesWhatPostgresCannotReachOrWeCannotWrite) {
  const Folder folder;
  chmod(folder.path.c_str(), geteuid() == 0 ? 0700 : 0500);
  const auto refused = prepare_data_directory(folder.path / "data");
  chmod(folder.path.c_str(), 0755);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, geteuid() == 0 ? "data-dir-unreachable" : "data-dir-not-writable");
  EXPECT_FALSE(refused.error().hint.empty());
}

TEST(DataDirectory, PutsTheSocketElsewhereWhenThePathIsLong) {
  const Folder folder;
  const auto near = prepare_data_directory(folder.path / "near");
  ASSERT_TRUE(near) << near.error().detail;
  EXPECT_EQ(near->socket_folder, folder.path / "near/run");
  const auto far = prepare_data_directory(folder.path / std::string(100, 'f'));
  ASSERT_TRUE(far) << far.error().detail;
  EXPECT_LE(far->socket_folder.string().size(), socket_folder_bytes);
  const auto again = prepare_data_directory(folder.path / std::string(100, 'f'));
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(again->socket_folder, far->socket_folder);
  fs::remove_all(far->socket_folder);
}

TEST(DataDirectory, IsLockedOnce) {
  const Folder folder;
  auto first = DirectoryLock::take(folder.path / "lock");
  ASSERT_TRUE(first);
  const auto second = DirectoryLock::take(folder.path / "lock");
  ASSERT_FALSE(second);
  EXPECT_EQ(second.error().code, "data-dir-in-use");
  EXPECT_NE(second.error().detail.find(std::to_string(getpid())), std::string::npos);
  { const DirectoryLock released = std::move(*first); }
  EXPECT_TRUE(DirectoryLock::take(folder.path / "lock"));
}

TEST(DataDirectory, HasANameOfOnePart) {
  EXPECT_TRUE(default_data_directory("dev"));
  for (const char* name : {"", ".", "../x", "a/b"}) {
    const auto refused = default_data_directory(name);
    ASSERT_FALSE(refused) << name;
    EXPECT_EQ(refused.error().code, "invalid-name");
  }
}

TEST(PostgresPrograms, AreThoseOfTheClustersVersion) {
  const Folder folder;
  for (const char* version : {"14", "15", "16"}) {
    const fs::path bin = folder.path / version / "bin";
    fs::create_directories(bin);
    for (const char* program : {"postgres", "initdb"}) std::ofstream(bin / program) << "";
  }
  const std::vector<fs::path> folders = {folder.path / "16/bin", folder.path / "15/bin", folder.path / "14/bin"};
  EXPECT_EQ(find_postgres(folder.path / "none", folders).value(), folder.path / "16/bin");
  EXPECT_EQ(find_postgres(folder.path / "none", {folder.path / "14/bin"}).error().code, "postgres-not-found");
  fs::create_directory(folder.path / "cluster");
  std::ofstream(folder.path / "cluster/PG_VERSION") << "15\n";
  EXPECT_EQ(find_postgres(folder.path / "cluster", folders).value(), folder.path / "15/bin");
  const auto missing = find_postgres(folder.path / "cluster", {folder.path / "16/bin"});
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().code, "postgres-version-mismatch");
}

class PgPrivateServer : public ::testing::Test {
 protected:
  Result<std::unique_ptr<PrivateServer>> start() {
    return PrivateServer::start({.data_dir = folder.path / "data", .restart_first = std::chrono::milliseconds(1)});
  }
  static bool answers(const std::string& conninfo) {
    try {
      return value(conninfo, "SELECT 1") == "1";
    } catch (const std::exception&) { return false; }
  }

  Folder folder;
};

TEST_F(PgPrivateServer, StartsMigratesStopsAndKeepsItsData) {
  {
    auto server = start();
    ASSERT_TRUE(server) << server.error().code << ": " << server.error().detail;
    const std::string owner = (*server)->owner_conninfo();
    EXPECT_EQ(value(owner, "SHOW fsync"), "on");
    EXPECT_EQ(value(owner, "SHOW synchronous_commit"), "on");
    EXPECT_EQ(value(owner, "SHOW listen_addresses"), "");
    EXPECT_EQ(value(owner, "SHOW data_checksums"), "on");
    const auto migrated = migrate(owner, {.pawl_version = "test", .create_server_login = true});
    ASSERT_TRUE(migrated) << migrated.error().detail;
    EXPECT_EQ(value(pg::test::with((*server)->server_conninfo(), "options='-c role=pawl_engine'"),
                    "SELECT count(*) FROM pawl.engine_lanes"),
              "4096");
    struct stat socket_folder{};
    stat((*server)->directory().socket_folder.c_str(), &socket_folder);
    EXPECT_EQ(socket_folder.st_mode & 0777, 0700u);

    const auto second = start();
    ASSERT_FALSE(second);
    EXPECT_EQ(second.error().code, "data-dir-in-use");
  }
  auto again = start();
  ASSERT_TRUE(again) << again.error().detail;
  EXPECT_EQ(value((*again)->owner_conninfo(), "SELECT count(*) FROM pawl.engine_lanes"), "4096");
  (*again)->stop();
  EXPECT_FALSE(answers((*again)->owner_conninfo()));
}

TEST_F(PgPrivateServer, IsStartedAgainWhenItDies) {
  auto server = start();
  ASSERT_TRUE(server) << server.error().detail;
  boost::asio::io_context io;
  (*server)->supervise(io);
  for (int round = 0; round < 2; ++round) {
    const int before = (*server)->pid();
    kill(before, SIGKILL);
    pg::test::run_until(io, [&] {
      return (*server)->pid() != before && (*server)->pid() != 0 && answers((*server)->owner_conninfo());
    });
  }
  (*server)->stop();
  EXPECT_FALSE(answers((*server)->owner_conninfo()));
}

TEST_F(PgPrivateServer, DiesWithItsParentAndStartsAgain) {
  int ready[2];
  ASSERT_EQ(pipe(ready), 0);
  const pid_t parent = fork();
  ASSERT_GE(parent, 0);
  if (parent == 0) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);  // when the test fails
    auto server = start();
    const char sign = server ? 'y' : 'n';
    if (write(ready[1], &sign, 1) != 1) _exit(1);
    pause();
    _exit(0);
  }
  close(ready[1]);
  char sign = 0;
  ASSERT_EQ(read(ready[0], &sign, 1), 1);
  close(ready[0]);
  EXPECT_EQ(sign, 'y');
  int pid = 0;
  std::ifstream(folder.path / "data/postgres/postmaster.pid") >> pid;
  auto postgres = ChildProcess::adopt(pid);
  ASSERT_TRUE(postgres);
  kill(parent, SIGKILL);
  waitpid(parent, nullptr, 0);
  auto server = start();  // at once, while the old one is on its way down
  ASSERT_TRUE(server) << server.error().code << ": " << server.error().detail;
  EXPECT_FALSE((*server)->adopted());
  EXPECT_TRUE(postgres->wait(patience));
}

TEST_F(PgPrivateServer, AdoptsOneThatLives) {
  { ASSERT_TRUE(start()); }  // makes the cluster
  const auto directory = prepare_data_directory(folder.path / "data");
  ASSERT_TRUE(directory);
  const auto programs = find_postgres(directory->postgres, postgres_folders());
  ASSERT_TRUE(programs);
  auto orphan = ChildProcess::start({.command = {*programs / "postgres", "-D", directory->postgres, "-k",
                                                 directory->socket_folder, "-c", "listen_addresses="},
                                     .output = directory->log,
                                     .user = directory->user});
  ASSERT_TRUE(orphan);
  const PostgresCluster cluster(*directory, *programs);
  boost::asio::io_context io;
  pg::test::run_until(io, [&] { return cluster.why_not_ready().empty(); });
  auto server = start();
  ASSERT_TRUE(server) << server.error().code << ": " << server.error().detail;
  EXPECT_TRUE((*server)->adopted());
  EXPECT_EQ((*server)->pid(), orphan->pid());
  EXPECT_TRUE(answers((*server)->owner_conninfo()));
  (*server)->stop();
  EXPECT_TRUE(orphan->wait(patience));
}

TEST_F(PgPrivateServer, TellsWhyPostgresDoesNotStart) {
  { ASSERT_TRUE(start()); }
  std::ofstream(folder.path / "data/postgres/postgresql.auto.conf") << "no_such_setting_at_all = 1\n";
  const auto broken = start();
  ASSERT_FALSE(broken);
  EXPECT_EQ(broken.error().code, "postgres-failed");
  EXPECT_NE(broken.error().detail.find("no_such_setting_at_all"), std::string::npos) << broken.error().detail;
}

}  // namespace
}  // namespace pawl::db
