#include "engine/call_queue.h"

namespace pawl::engine {

void CallQueue::push(const ports::InvocationKey& key) {
  Line& line = lines_[key.tenant];
  if (line.waiting.empty()) turns_.push_back(key.tenant);
  line.waiting.push_back(key.invocation);
}

// Tenants that have their share out are passed over; there are at most as many as shares fit into calls_at_once.
std::optional<ports::InvocationKey> CallQueue::pop() {
  for (std::size_t passed = 0, all = turns_.size(); passed < all; ++passed) {
    const Uuid tenant = turns_.front();
    Line& line = lines_.at(tenant);
    if (line.out >= share_) {
      turns_.splice(turns_.end(), turns_, turns_.begin());
      continue;
    }
    const Uuid invocation = line.waiting.front();
    line.waiting.pop_front();
    if (line.waiting.empty()) {
      turns_.pop_front();
      if (line.out == 0) lines_.erase(tenant);
    } else {
      turns_.splice(turns_.end(), turns_, turns_.begin());
    }
    return ports::InvocationKey{tenant, invocation};
  }
  return std::nullopt;
}

void CallQueue::called(const Uuid& tenant) {
  ++out_;
  ++lines_[tenant].out;
}

void CallQueue::ended(const Uuid& tenant) {
  --out_;
  const auto line = lines_.find(tenant);
  if (--line->second.out == 0 && line->second.waiting.empty()) lines_.erase(line);
}

void CallQueue::clear() {
  lines_.clear();
  turns_.clear();
  out_ = 0;
}

}  // namespace pawl::engine
