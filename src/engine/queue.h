// Ready invocations of one (loop, tenant, queue), by action, in the order in which they are given out: priority with
// ageing, so that a lower priority is a later place in the queue, never the end of it.
#pragma once

#include <cstdint>
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

  void push(const std::string& action, const Place& place);
  void remove(const std::string& action, const Place& place);  // a no-op when it is not there
  std::optional<Uuid> pop(std::span<const std::string> actions);
  std::optional<Uuid> last() const;  // that would come last of the action that has most
  bool has_any(std::span<const std::string> actions) const;
  std::size_t most() const;  // of one action
  std::size_t size(const std::string& action) const;
  std::size_t size() const { return size_; }
  void clear();

 private:
  std::map<std::string, std::set<Place>, std::less<>> actions_;
  std::size_t size_ = 0;
};

}  // namespace pawl::engine
