#include "engine/call_queue.h"

#include <algorithm>
#include <utility>

namespace pawl::engine {

namespace {
constexpr std::size_t reserve_parts = 4;  // one of them is for first calls
}

bool CallPlaces::has_one_for(const Uuid& tenant) const {
  if (full()) return false;
  const auto found = out_of_.find(tenant);
  if (found == out_of_.end()) return true;
  const std::size_t free = places_ - out_, reserve = places_ / reserve_parts;
  return found->second < share_ && found->second + reserve < free;
}

void CallPlaces::take(const Uuid& tenant) {
  ++out_;
  ++out_of_[tenant];
}

void CallPlaces::give_back(const Uuid& tenant) {
  --out_;
  const auto found = out_of_.find(tenant);
  if (--found->second == 0) out_of_.erase(found);
  for (const std::size_t loop : std::exchange(wanting_, {})) wake_(loop);
}

void CallPlaces::want(std::size_t loop) {
  if (std::ranges::find(wanting_, loop) == wanting_.end()) wanting_.push_back(loop);
}

void CallQueue::push(const Uuid& tenant, const Queue::Place& place) {
  Line& its = line(tenant);
  if (its.waiting.empty()) its.turn = turns_.insert(turns_.end(), tenant);
  its.waiting.insert(place);
}

void CallQueue::remove(const Uuid& tenant, const Queue::Place& place) {
  const auto found = lines_.find(tenant);
  if (found == lines_.end() || found->second.waiting.erase(place) == 0) return;
  if (found->second.waiting.empty()) turns_.erase(found->second.turn);
  drop_idle(found);
}

void CallQueue::drop_idle(Lines::iterator line) {
  const Line& its = line->second;
  if (its.waiting.empty() && its.out == 0 && its.spilled == 0) lines_.erase(line);
}

// Tenants that may have no place are passed over; unless all places are out, they have one each, so that they are few.
std::optional<ports::InvocationKey> CallQueue::next() {
  for (std::size_t passed = 0, all = turns_.size(); passed < all && !places_.full(); ++passed) {
    const Uuid tenant = turns_.front();
    turns_.splice(turns_.end(), turns_, turns_.begin());
    if (!places_.has_one_for(tenant)) continue;
    return ports::InvocationKey{tenant, lines_.find(tenant)->second.waiting.begin()->invocation};
  }
  if (!turns_.empty()) places_.want(loop_);
  return std::nullopt;
}

std::optional<Queue::Place> CallQueue::last(const Uuid& tenant) const {
  const auto found = lines_.find(tenant);
  if (found == lines_.end() || found->second.waiting.empty()) return std::nullopt;
  return *found->second.waiting.rbegin();
}

std::size_t CallQueue::waiting(const Uuid& tenant) const {
  const auto found = lines_.find(tenant);
  return found == lines_.end() ? 0 : found->second.waiting.size();
}

void CallQueue::called(const Uuid& tenant) {
  ++out_;
  ++line(tenant).out;
  places_.take(tenant);
}

void CallQueue::ended(const Uuid& tenant) {
  --out_;
  const auto its = lines_.find(tenant);
  --its->second.out;
  drop_idle(its);
  places_.give_back(tenant);
}

void CallQueue::spilled(const Uuid& tenant, std::uint64_t pass) { line(tenant).spilled = pass; }

bool CallQueue::has_spilled(const Uuid& tenant) const {
  const auto found = lines_.find(tenant);
  return found != lines_.end() && found->second.spilled != 0;
}

std::vector<Uuid> CallQueue::spilled_after(std::uint64_t passes) {
  std::vector<Uuid> still;
  for (auto next = lines_.begin(); next != lines_.end();) {
    const auto its = next++;
    if (its->second.spilled == 0) continue;
    if (passes <= its->second.spilled) {
      still.push_back(its->first);
      continue;
    }
    its->second.spilled = 0;
    drop_idle(its);
  }
  return still;
}

void CallQueue::clear() {
  for (const auto& [tenant, line] : lines_) {
    for (std::size_t i = 0; i < line.out; ++i) places_.give_back(tenant);
  }
  lines_.clear();
  turns_.clear();
  out_ = 0;
}

}  // namespace pawl::engine
