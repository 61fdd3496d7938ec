// The client's end of a session: what it has sent and not heard of. Answers come in the order of the scripts.
#pragma once

#include <deque>
#include <functional>
#include <memory>

#include "store/memory/scheduler.h"
#include "store/memory/statement.h"

namespace pawl::store::memory {

// Latencies of the network between a client and the server, each way.
inline constexpr Microseconds network_least{30}, network_most{400};
// How long a client needs to see that its connection is gone.
inline constexpr Microseconds loss_seen_least{50}, loss_seen_most{20'000};

class Link : public std::enable_shared_from_this<Link> {
 public:
  using Answer = std::move_only_function<void(Outcome)>;  // an empty SQLSTATE: the server did not answer

  explicit Link(Scheduler& scheduler) : scheduler_(scheduler) {}

  // The client gives up: it hears no more. What was sent may still be done.
  void close();
  void expect(Answer answer) { expected_.push_back(std::move(answer)); }
  std::size_t outstanding() const { return expected_.size(); }
  bool usable() const { return !lost_ && !closed_; }  // as the client knows
  bool closed() const { return closed_; }
  bool client_there() const { return !closed_ && !cut_; }

  // The server's side.
  void answer(Outcome outcome);  // the oldest script's
  void cut();                    // no further answer arrives; the client sees it after a while
  Time arrival();                // when what is sent now reaches the server: in order

 private:
  void deliver(Outcome outcome);
  void lose();

  Scheduler& scheduler_;
  std::deque<Answer> expected_;
  Time last_arrival_{}, last_answer_{};
  bool closed_ = false, cut_ = false, lost_ = false;
};

}  // namespace pawl::store::memory
