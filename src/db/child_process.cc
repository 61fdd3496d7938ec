#include "db/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <utility>

extern char** environ;

namespace pawl::db {

namespace {

constexpr int first_closed_descriptor = 3;

Problem cannot_start(const std::string& program, int error) {
  return {.status = 500,
          .code = "process-not-started",
          .title = "A program cannot be started",
          .detail = program + ": " + std::strerror(error),
          .instance = program,
          .hint = {}};
}

// setpriv(1) sets the death signal after it has changed the user: one that is set before is lost with the change.
std::vector<std::string> command_of(const ChildOptions& options) {
  std::vector<std::string> command;
  if (!options.user.empty() || options.death_signal != 0) command.emplace_back("setpriv");
  if (!options.user.empty()) {
    for (const char* option : {"--reuid", "--regid"}) command.insert(command.end(), {option, options.user});
    command.insert(command.end(), {"--init-groups", "--reset-env"});
  }
  if (options.death_signal != 0) command.insert(command.end(), {"--pdeathsig", sigabbrev_np(options.death_signal)});
  command.insert(command.end(), options.command.begin(), options.command.end());
  return command;
}

// Ours, but for what would tell PostgreSQL's programs where to connect.
std::vector<std::string> environment() {
  std::vector<std::string> kept;
  for (char** each = environ; *each != nullptr; ++each) {
    if (std::strncmp(*each, "PG", 2) != 0) kept.emplace_back(*each);
  }
  return kept;
}

std::vector<char*> pointers(std::vector<std::string>& texts) {
  std::vector<char*> all;
  for (std::string& text : texts) all.push_back(text.data());
  all.push_back(nullptr);
  return all;
}

class SpawnSetup {
 public:
  explicit SpawnSetup(const std::string& output) {
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    const char* file = output.empty() ? "/dev/null" : output.c_str();
    posix_spawn_file_actions_addopen(&actions, STDOUT_FILENO, file, O_WRONLY | O_APPEND | O_CREAT, 0600);
    posix_spawn_file_actions_adddup2(&actions, STDOUT_FILENO, STDERR_FILENO);
    // A listening socket that the child kept open would keep our port busy after our end.
    posix_spawn_file_actions_addclosefrom_np(&actions, first_closed_descriptor);
    posix_spawnattr_init(&attributes);
    sigset_t none, all;
    sigemptyset(&none);
    sigfillset(&all);
    posix_spawnattr_setsigmask(&attributes, &none);
    posix_spawnattr_setsigdefault(&attributes, &all);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  }
  ~SpawnSetup() {
    posix_spawn_file_actions_destroy(&actions);
    posix_spawnattr_destroy(&attributes);
  }
  SpawnSetup(const SpawnSetup&) = delete;
  SpawnSetup& operator=(const SpawnSetup&) = delete;

  posix_spawn_file_actions_t actions;
  posix_spawnattr_t attributes;
};

int open_pidfd(int pid) { return static_cast<int>(syscall(SYS_pidfd_open, pid, 0)); }

}  // namespace

Result<ChildProcess> ChildProcess::start(const ChildOptions& options) {
  auto command = command_of(options);
  auto variables = environment();
  const SpawnSetup setup(options.output);
  ChildProcess child;
  const int error = posix_spawnp(&child.pid_, command.front().c_str(), &setup.actions, &setup.attributes,
                                 pointers(command).data(), pointers(variables).data());
  if (error != 0) return fail(cannot_start(options.command.front(), error));
  child.ended_ = false;
  child.descriptor_ = open_pidfd(child.pid_);
  if (child.descriptor_ < 0) return fail(cannot_start(options.command.front(), errno));
  return child;
}

Result<ChildProcess> ChildProcess::adopt(int pid) {
  ChildProcess child;
  child.descriptor_ = open_pidfd(pid);
  if (child.descriptor_ < 0) return fail(cannot_start("process " + std::to_string(pid), errno));
  child.pid_ = pid;
  child.ended_ = false;
  return child;
}

ChildProcess::ChildProcess(ChildProcess&& other) noexcept { *this = std::move(other); }

ChildProcess& ChildProcess::operator=(ChildProcess&& other) noexcept {
  std::swap(pid_, other.pid_);
  std::swap(descriptor_, other.descriptor_);
  std::swap(exit_code_, other.exit_code_);
  std::swap(ended_, other.ended_);
  return *this;
}

ChildProcess::~ChildProcess() {
  if (descriptor_ >= 0) close(descriptor_);
}

bool ChildProcess::is_running() { return !wait(Microseconds(0)); }

bool ChildProcess::wait(Microseconds timeout) {
  if (ended_) return true;
  pollfd waited{.fd = descriptor_, .events = POLLIN, .revents = 0};
  const auto milliseconds = std::chrono::duration_cast<std::chrono::milliseconds>(timeout).count();
  if (poll(&waited, 1, static_cast<int>(milliseconds)) <= 0) return false;
  reap();
  return true;
}

void ChildProcess::reap() {
  int status = 0;
  if (waitpid(pid_, &status, WNOHANG) == pid_)
    exit_code_ = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
  ended_ = true;
}

void ChildProcess::signal(int number) {
  if (!ended_) syscall(SYS_pidfd_send_signal, descriptor_, number, nullptr, 0);
}

Result<int> run_command(const ChildOptions& options, Microseconds timeout) {
  auto child = ChildProcess::start(options);
  if (!child) return fail(std::move(child.error()));
  if (!child->wait(timeout)) {
    child->signal(SIGKILL);
    child->wait(std::chrono::seconds(10));
    return fail({.status = 500,
                 .code = "process-too-slow",
                 .title = "A program did not end in time",
                 .detail = options.command.front(),
                 .instance = options.command.front(),
                 .hint = {}});
  }
  return child->exit_code();
}

}  // namespace pawl::db
