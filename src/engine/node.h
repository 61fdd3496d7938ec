// A process's engine as the rest of it sees it: its loops, who owns which lane, and where workers' polls wait.
//
// One thread calls it, and its ports call back on that thread; it does no I/O of its own and has no thread. Callbacks
// come later than the call that took them, never from within it. Destroying a Node is a kill: no callback comes any
// more, and what is on its way to the store may still be committed. A call for a lane that nobody here owns is answered
// 503 `lane-unowned`; every 429 and 503 is worth a Retry-After of a second.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/metrics.h"
#include "base/problem.h"
#include "engine/api.h"
#include "engine/config.h"
#include "engine/program_cache.h"
#include "ports/clock.h"
#include "ports/storage.h"
#include "ports/transport.h"

namespace pawl::engine {

using PollId = std::uint64_t;    // never 0
using WatchId = std::uint64_t;   // never 0
using FollowId = std::uint64_t;  // never 0

class Node {
 public:
  // One loop for each of `loops` (one to eight), each with a commit connection of its own; `control` is for ownership,
  // so that a renewal never waits behind a commit. All that is passed by reference must outlive the node.
  Node(NodeConfig config, ports::Clock& clock, ports::Storage& control, std::vector<ports::Storage*> loops,
       ports::Transport& transport, ProgramCache& programs, Metrics& metrics);
  ~Node();
  Node(const Node&) = delete;
  Node& operator=(const Node&) = delete;

  // Registers the node and its loops, takes lanes that have no owner and those of owners that are gone, and loads what
  // is pending in them. Tries again until it succeeds.
  void begin();

  // Every loop commits, and every lane has an owner that lives. `why_not` is empty when ready, else a sentence for
  // people.
  bool ready() const;
  std::string why_not() const;

  // Answered once it is committed. Errors: 404 `definition-not-found`, 422 `idempotency-mismatch`, 422 `unstorable`,
  // 429 `overloaded`, 503 `lane-unowned`, `store-unavailable`, `shutting-down`.
  void start(StartRun request, Done<RunView> then);
  // Answered with the run once the cancel is committed; also when it was cancelled before. Errors: 404 `run-not-found`,
  // 409 `run-ended`, and those of above.
  void cancel(Uuid tenant, Uuid run, std::string reason, Done<RunView> then);

  // Results of work; the caller has checked that the token's tenant is the caller's.
  void complete(TaskResult result, Done<Accepted> then);
  void heartbeat(Heartbeat heartbeat, Done<HeartbeatAnswer> then);

  // Answered with one to `max` assignments as soon as there are any, or with none after `wait`. Each is a committed
  // claim. A poll that is cancelled is never answered; what was claimed for it is offered to others at once.
  PollId poll(PollTasks request, Done<std::vector<Assignment>> then);
  void cancel_poll(PollId poll);

  // Answered with the run when it has ended, from committed state only. Errors: 404 `run-not-found`, 503.
  WatchId when_ended(ports::RunKey run, Done<RunView> then);
  void cancel_watch(WatchId watch);

  // `changed` is called when something of the run has been committed here, until unfollow(): a hint to read it again,
  // see followers.h. Whether the run is there at all does not matter. `owns`: whether such hints are to be expected.
  FollowId follow(ports::RunKey run, std::function<void()> changed);
  void unfollow(FollowId follow);
  bool owns(const Uuid& run) const;

  // What memory knows of open work; `known` is false when that is nothing, as on any node but the owner.
  WorkView explain(const ports::InvocationKey& invocation);

  // Stops accepting, lets what is in flight finish, gives the lanes up. Waiting polls are answered with nothing.
  // Afterwards the node does nothing any more.
  void drain(Done<void> then);

  // For the tests of the laws: whether everything that was taken has been answered and nothing is in flight.
  bool idle() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace pawl::engine
