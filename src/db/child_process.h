// A program that runs beside us: started with nothing inherited, watched through a pidfd, which cannot mean a stranger
// that got the same number.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/time.h"

namespace pawl::db {

struct ChildOptions {
  std::vector<std::string> command;   // the program, looked up in PATH, and its arguments
  std::filesystem::path output = {};  // what it prints is appended here; empty: nowhere
  std::string user = {};              // become this one, with a fresh environment (only root can); empty: stay
  int death_signal = 0;  // what it gets when the *thread* that starts it ends, however that ends; 0: nothing
};

class ChildProcess {
 public:
  ChildProcess() = default;  // of nothing: not running
  // It becomes the leader of a session of its own: a Ctrl-C in our terminal does not reach it. Descriptors from 3 on
  // are closed.
  static Result<ChildProcess> start(const ChildOptions& options);
  // A process that somebody else started; its exit is seen, its exit code is not.
  static Result<ChildProcess> adopt(int pid);

  ChildProcess(ChildProcess&& other) noexcept;
  ChildProcess& operator=(ChildProcess&& other) noexcept;
  ~ChildProcess();  // lets it run

  int pid() const { return pid_; }
  int descriptor() const { return descriptor_; }  // a pidfd: readable once the process has ended
  bool is_running();
  // True once it has ended, false after `timeout`. Blocks.
  bool wait(Microseconds timeout);
  // The exit code, or 128 + the signal; -1 while it runs, and for an adopted one.
  int exit_code() const { return exit_code_; }
  void signal(int number);  // of no effect once it has ended

 private:
  void reap();

  int pid_ = 0, descriptor_ = -1, exit_code_ = -1;
  bool ended_ = true;
};

// Runs a command to its end and returns its exit code. Errors: it cannot be started, or does not end in time (it is
// killed).
Result<int> run_command(const ChildOptions& options, Microseconds timeout);

}  // namespace pawl::db
