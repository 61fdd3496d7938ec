// Where workers' polls meet ready invocations, one for all loops of a node, so that one poll is never given more than
// it asked for though several loops have work for it. A *channel* is one (tenant, queue).
//
// A poll waits here; a loop that has ready work in a channel with waiting polls is *hungry* there, and takes from the
// poll what it can claim (each claim counts against the poll's `max` at once). The poll is answered when its claims
// have.
#pragma once

#include <algorithm>
#include <cstdint>
#include <deque>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "engine/api.h"
#include "engine/limits.h"
#include "engine/queue.h"
#include "ports/clock.h"

namespace pawl::engine {

using PollId = std::uint64_t;

// The poll says what its worker holds, and this is leased to that worker and not among it.
bool disowns(const PollTasks& poll, std::string_view worker, const TaskToken& token);

class Dispatch {
 public:
  struct Poll;
  struct Channel {
    Uuid tenant;
    std::string queue;
    std::list<Poll*> polls;    // that want more, in the order in which they came
    std::vector<Queue> ready;  // by loop
    // By loop: the pass of its sweep in which more of this queue was left in the table than fits; 0: none is left.
    std::vector<std::uint64_t> spilled;
    std::vector<std::size_t> reading;                // by loop: those of its invocations whose inputs are being read
    std::vector<bool> hungry;                        // by loop: it is in that loop's list
    std::map<std::string, Time, std::less<>> asked;  // when a poll named an action last
    std::size_t invocations = 0;                     // entries of the loops' tables that refer to this channel
  };
  struct Poll {
    PollId id = 0;
    PollTasks request;
    Done<std::vector<Assignment>> then;
    Channel* channel = nullptr;
    std::vector<Assignment> granted;
    std::uint32_t claiming = 0;  // claims that are not answered yet
    std::size_t bytes = 0;       // of the inputs of what was claimed for it
    bool refused = false;        // there are too many: answered so
    bool overdue = false;        // its time is up: it gets what is being claimed, and no more
    bool listed = false;
    std::list<Poll*>::iterator place;
    ports::TimerId timer = 0;
    std::uint32_t wants() const {
      const auto has = static_cast<std::uint32_t>(granted.size()) + claiming;
      return overdue || bytes >= limits::poll_bytes || has >= request.max ? 0 : request.max - has;
    }
    // Inputs that may be being read for it: no more than it would take if each were as large as may be.
    std::uint32_t reads() const {
      const std::uint32_t wanted = wants();
      if (wanted == 0) return 0;
      const std::size_t most = (limits::poll_bytes - bytes - 1) / limits::input_bytes_read + 1;
      return static_cast<std::uint32_t>(std::min<std::size_t>(wanted, most));
    }
  };

  // `wake` is told which loop has become hungry, or has what a poll waits for in the table alone.
  Dispatch(ports::Clock& clock, std::size_t loops, std::move_only_function<void(std::size_t loop)> wake);
  ~Dispatch();
  Dispatch(const Dispatch&) = delete;
  Dispatch& operator=(const Dispatch&) = delete;

  PollId poll(PollTasks request, Done<std::vector<Assignment>> then);
  void cancel(PollId poll);
  void close();  // answers all polls with what they have, and takes no more

  // For loops.
  Channel& enter(const Uuid& tenant, const std::string& queue);  // one reference; give it back with leave()
  void leave(Channel& channel);
  Channel* find(const Uuid& tenant, const std::string& queue);  // null when nothing refers to it
  void offer(Channel& channel, std::size_t loop);               // has something ready
  Channel* hungry(std::size_t loop);                            // the first in turn; null when there is none
  void rotate(std::size_t loop);                                // its turn is over
  void sated(std::size_t loop);                                 // it has nothing more to give or nobody to give it to
  bool misses_more(std::size_t loop);                           // a poll has come for what is in the table; once
  void forget(std::size_t loop);                                // drops everything of that loop
  void claimed(Poll& poll, std::uint32_t count, std::size_t bytes);  // bytes: of their inputs
  void grant(PollId poll, Assignment assignment, bool& taken);       // taken: the poll is still there
  void refuse(PollId poll);
  // Whether a poll that waits says that its worker, to whom this is leased, does not have it.
  bool is_disowned(const Channel& channel, std::string_view worker, const TaskToken& token) const;
  bool is_wanted(const Channel& channel, const std::string& action) const;  // by a poll that waits
  std::size_t waiting() const { return polls_.size(); }

  // For who asks why work waits: of one action, what goes before a place, who waits for it, when it was asked for last.
  std::size_t ahead(const Channel& channel, const std::string& action, const Queue::Place& place) const;
  std::size_t waiting(const Channel& channel, std::string_view action) const;
  std::optional<Time> asked(const Channel& channel, std::string_view action) const;

 private:
  struct ChannelKey {
    Uuid tenant;
    std::string queue;
    bool operator==(const ChannelKey&) const = default;
  };
  struct ChannelHash {
    std::size_t operator()(const ChannelKey& key) const noexcept {
      return std::hash<Uuid>{}(key.tenant) ^ std::hash<std::string>{}(key.queue);
    }
  };

  void note_asked(const Poll& poll);
  void list(Poll& poll, bool first);
  void unlist(Poll& poll);
  void settle(Poll& poll);  // answers it if there is nothing more to wait for
  void finish(Poll& poll);
  void time_is_up(PollId poll);
  void release_idle(Channel& channel);

  ports::Clock& clock_;
  std::size_t loops_;
  std::move_only_function<void(std::size_t)> wake_;
  std::unordered_map<ChannelKey, std::unique_ptr<Channel>, ChannelHash> channels_;
  std::unordered_map<PollId, std::unique_ptr<Poll>> polls_;
  std::unordered_map<Uuid, std::size_t> polls_of_tenant_;
  std::vector<std::list<Channel*>> hungry_;  // by loop
  std::vector<bool> misses_;                 // by loop
  PollId last_ = 0;
  bool closed_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace pawl::engine
