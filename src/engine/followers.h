// Who wants to know when something of a run is committed here. A hint and nothing more: it says neither what nor how
// much, may come once for several commits, and does not come for commits of other nodes, so that whoever follows reads
// the database, and also looks there by itself from time to time (engine-protocol.md section 10).
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <unordered_map>
#include <vector>

#include "engine/run_cache.h"
#include "ports/clock.h"

namespace pawl::engine {

using FollowId = std::uint64_t;  // never 0

// One for all loops of a node. How many follow is bounded by who lets them: each open stream of the API is one.
class Followers {
 public:
  explicit Followers(ports::Clock& clock) : clock_(clock) {}

  FollowId add(const ports::RunKey& run, std::function<void()> then);
  void remove(FollowId follow);  // it is not told any more
  std::size_t size() const { return runs_.size(); }

  void tell(const ports::RunKey& run);  // its followers are told later, never from within

 private:
  struct Follower {
    FollowId id = 0;
    std::function<void()> then;
  };
  void tell_all();

  ports::Clock& clock_;
  std::unordered_map<ports::RunKey, std::vector<Follower>, RunKeyHash> followers_;
  std::unordered_map<FollowId, ports::RunKey> runs_;
  std::set<FollowId> told_;  // who is to be told with the next turn
  FollowId last_ = 0;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace pawl::engine
