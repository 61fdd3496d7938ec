#include "cli/interruption.h"

#include <poll.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <csignal>
#include <cstdlib>

namespace pawl::cli {
namespace {

sigset_t interrupt_signal() {
  sigset_t set;
  sigemptyset(&set);
  sigaddset(&set, SIGINT);
  return set;
}

}  // namespace

Interruption::Interruption() {
  const sigset_t set = interrupt_signal();
  // Blocked, so that it waits in the descriptor; one that is ignored (a job in the background) stays ignored.
  if (sigprocmask(SIG_BLOCK, &set, nullptr) == 0) descriptor_ = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
}

Interruption::~Interruption() {
  if (descriptor_ >= 0) close(descriptor_);
  const sigset_t set = interrupt_signal();
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
}

bool Interruption::within(std::chrono::milliseconds time) const {
  pollfd poller{.fd = descriptor_, .events = POLLIN, .revents = 0};
  return ::poll(&poller, 1, static_cast<int>(time.count())) > 0;
}

// The signal is still pending, since nothing has read the descriptor.
void Interruption::end_process() const {
  const sigset_t set = interrupt_signal();
  std::signal(SIGINT, SIG_DFL);
  sigprocmask(SIG_UNBLOCK, &set, nullptr);
  std::raise(SIGINT);
  std::abort();
}

}  // namespace pawl::cli
