// Ready invocations of one (loop, tenant, queue), by action, in the order in which they are given out: priority with
// ageing, so that a lower priority is a later place in the queue, never the end of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>

#include "base/time.h"
#include "base/uuid.h"

namespace pawl::engine {

class Queue {
 public:
  // One step of priority (0 … 9, 9 first) is worth this much waiting.
  static constexpr Microseconds priority_step = std::chrono::seconds(30);

  struct Place {
    Time order{};
    Uuid invocation;
    auto operator<=>(const Place&) const = default;
  };
  static Place place(Time created_at, std::uint8_t priority, const Uuid& invocation) {
    return {created_at - priority_step * priority, invocation};
  }

  Queue() = default;
  Queue(Queue&&) noexcept = default;
  Queue(const Queue&) = delete;
  Queue& operator=(const Queue&) = delete;

  void push(const std::string& action, const Place& place);
  void remove(const std::string& action, const Place& place);             // a no-op when it is not there
  std::optional<Place> next(std::span<const std::string> actions) const;  // the first of these; it stays
  std::optional<Place> last() const;  // that would come last of an action that has most
  bool has_any(std::span<const std::string> actions) const;
  std::size_t most() const;  // of one action
  std::size_t size(const std::string& action) const;
  std::size_t ahead(const std::string& action, const Place& place) const;  // of that action; walks them
  std::size_t size() const { return size_; }
  void clear();

 private:
  struct Action {
    std::set<Place> places;
    std::list<const Action*>::iterator peer;  // among those that have as many
  };

  void resized(Action& action, std::size_t before);

  std::map<std::string, Action, std::less<>> actions_;
  // By how many they have: a full queue asks for the largest at each further row, and may hold thousands of actions.
  std::map<std::size_t, std::list<const Action*>> by_size_;
  std::size_t size_ = 0;
};

}  // namespace pawl::engine
