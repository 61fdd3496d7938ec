#include "engine/timers.h"

#include <iterator>

namespace pawl::engine {

void Timers::add(const Entry& entry) {
  if (entry.due >= horizon_) return;
  entries_.insert(entry);
  if (entries_.size() <= bound_) return;
  auto last = std::prev(entries_.end());
  horizon_ = last->due;
  entries_.erase(last);  // others due at that instant may stay: the horizon promises only what is before it
}

std::optional<Time> Timers::next() const {
  if (entries_.empty()) return std::nullopt;
  return entries_.begin()->due;
}

std::optional<Timers::Entry> Timers::pop(Time now) {
  if (entries_.empty() || entries_.begin()->due > now) return std::nullopt;
  return entries_.extract(entries_.begin()).value();
}

void Timers::clear() {
  entries_.clear();
  horizon_ = Time{};
}

}  // namespace pawl::engine
