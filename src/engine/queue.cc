#include "engine/queue.h"

#include <iterator>

namespace pawl::engine {

void Queue::push(const std::string& action, const Place& place) {
  Action& its = actions_[action];
  const std::size_t before = its.places.size();
  if (!its.places.insert(place).second) return;
  ++size_;
  resized(its, before);
}

void Queue::remove(const std::string& action, const Place& place) {
  const auto found = actions_.find(action);
  if (found == actions_.end()) return;
  Action& its = found->second;
  const std::size_t before = its.places.size();
  if (its.places.erase(place) == 0) return;
  --size_;
  resized(its, before);
  if (its.places.empty()) actions_.erase(found);
}

// Those that come to a size stand behind those that have had it longer.
void Queue::resized(Action& action, std::size_t before) {
  const std::size_t now = action.places.size();
  if (before == 0) {
    std::list<const Action*>& peers = by_size_[now];
    action.peer = peers.insert(peers.end(), &action);
    return;
  }
  const auto former = by_size_.find(before);
  if (now == 0) {
    former->second.erase(action.peer);
  } else {
    std::list<const Action*>& peers = by_size_[now];
    peers.splice(peers.end(), former->second, action.peer);
  }
  if (former->second.empty()) by_size_.erase(former);
}

std::optional<Queue::Place> Queue::next(std::span<const std::string> actions) const {
  std::optional<Place> first;
  for (const std::string& action : actions) {
    const auto found = actions_.find(action);
    if (found == actions_.end()) continue;
    const Place& place = *found->second.places.begin();
    if (!first || place < *first) first = place;
  }
  return first;
}

std::optional<Queue::Place> Queue::last() const {
  if (by_size_.empty()) return std::nullopt;
  return *by_size_.rbegin()->second.front()->places.rbegin();
}

std::size_t Queue::most() const { return by_size_.empty() ? 0 : by_size_.rbegin()->first; }

std::size_t Queue::size(const std::string& action) const {
  const auto found = actions_.find(action);
  return found == actions_.end() ? 0 : found->second.places.size();
}

std::size_t Queue::ahead(const std::string& action, const Place& place) const {
  const auto found = actions_.find(action);
  if (found == actions_.end()) return 0;
  return static_cast<std::size_t>(std::distance(found->second.places.begin(), found->second.places.lower_bound(place)));
}

bool Queue::has_any(std::span<const std::string> actions) const {
  for (const std::string& action : actions) {
    if (actions_.contains(action)) return true;
  }
  return false;
}

void Queue::clear() {
  actions_.clear();
  by_size_.clear();
  size_ = 0;
}

}  // namespace pawl::engine
