#include "engine/followers.h"

#include <algorithm>
#include <utility>

namespace pawl::engine {

FollowId Followers::add(const ports::RunKey& run, std::function<void()> then) {
  const FollowId id = ++last_;
  followers_[run].push_back({id, std::move(then)});
  runs_.emplace(id, run);
  return id;
}

void Followers::remove(FollowId follow) {
  const auto run = runs_.find(follow);
  if (run == runs_.end()) return;
  const auto found = followers_.find(run->second);
  std::erase_if(found->second, [&](const Follower& each) { return each.id == follow; });
  if (found->second.empty()) followers_.erase(found);
  runs_.erase(run);
}

void Followers::tell(const ports::RunKey& run) {
  if (followers_.empty()) return;  // as nearly always
  const auto found = followers_.find(run);
  if (found == followers_.end()) return;
  if (told_.empty()) {
    clock_.call_after(Microseconds{0}, [this, alive = std::weak_ptr(alive_)] {
      if (!alive.expired()) tell_all();
    });
  }
  for (const Follower& each : found->second) told_.insert(each.id);
}

void Followers::tell_all() {
  for (const FollowId id : std::exchange(told_, {})) {
    const auto run = runs_.find(id);
    if (run == runs_.end()) continue;
    const std::vector<Follower>& all = followers_.find(run->second)->second;
    const auto found = std::ranges::find(all, id, &Follower::id);
    const std::function<void()> then = found->then;  // it may remove itself
    then();
  }
}

}  // namespace pawl::engine
