#include "engine/queue.h"

#include <algorithm>

namespace pawl::engine {

void Queue::push(const std::string& action, const Place& place) {
  if (actions_[action].insert(place).second) ++size_;
}

void Queue::remove(const std::string& action, const Place& place) {
  auto found = actions_.find(action);
  if (found == actions_.end() || found->second.erase(place) == 0) return;
  --size_;
  if (found->second.empty()) actions_.erase(found);
}

std::optional<Uuid> Queue::pop(std::span<const std::string> actions) {
  auto best = actions_.end();
  for (const std::string& action : actions) {
    auto found = actions_.find(action);
    if (found == actions_.end()) continue;
    if (best == actions_.end() || *found->second.begin() < *best->second.begin()) best = found;
  }
  if (best == actions_.end()) return std::nullopt;
  const Uuid invocation = best->second.begin()->invocation;
  best->second.erase(best->second.begin());
  --size_;
  if (best->second.empty()) actions_.erase(best);
  return invocation;
}

std::optional<Uuid> Queue::last() const {
  const auto most = std::ranges::max_element(actions_, {}, [](const auto& action) { return action.second.size(); });
  if (most == actions_.end()) return std::nullopt;
  return most->second.rbegin()->invocation;
}

std::size_t Queue::most() const {
  std::size_t most = 0;
  for (const auto& [action, places] : actions_) most = std::max(most, places.size());
  return most;
}

std::size_t Queue::size(const std::string& action) const {
  const auto found = actions_.find(action);
  return found == actions_.end() ? 0 : found->second.size();
}

bool Queue::has_any(std::span<const std::string> actions) const {
  for (const std::string& action : actions) {
    if (actions_.contains(action)) return true;
  }
  return false;
}

void Queue::clear() {
  actions_.clear();
  size_ = 0;
}

}  // namespace pawl::engine
