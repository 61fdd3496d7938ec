// Who has how much of a table that is too small for all, by tenant and by queue of a tenant, and what each gives up
// when it is full: max-min fair (Bertsekas, Gallager, Data Networks, section 6.5.2). A tenant may fill the table while
// nobody else needs it; whoever has less than its share gets it from those who have most.
#pragma once

#include <cstddef>
#include <limits>
#include <map>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"

namespace pawl::engine {

// The most that each may keep so that together they keep no more than `room`: those with less keep all that they have.
std::size_t fair_level(std::vector<std::size_t> sizes, std::size_t room);

class Shares {
 public:
  explicit Shares(std::size_t bound) : bound_(bound), level_(bound) {}

  void enter(const Uuid& tenant, const std::string& queue);
  void leave(const Uuid& tenant, const std::string& queue);
  void clear();

  std::size_t size() const { return size_; }
  std::size_t size(const Uuid& tenant, const std::string& queue) const;
  bool over() const { return size_ > bound_; }
  // Whether one more would stay: there is room, or this tenant or its queue had less than its share at the last cut.
  bool admits(const Uuid& tenant, const std::string& queue) const;

  struct Cut {
    Uuid tenant;
    std::string queue;
    std::size_t count = 0;
  };
  // What must go so that an eighth of the table is free: tenants above the level, and of each its largest queues.
  // Linear in the number of tenants, so that it is worth while only after another eighth has come.
  std::vector<Cut> cuts();

 private:
  struct Tenant {
    std::size_t size = 0;
    std::size_t level = std::numeric_limits<std::size_t>::max();  // of its queues, at the last cut
    std::map<std::string, std::size_t> queues;
  };

  std::size_t kept() const { return bound_ - bound_ / 8; }

  std::size_t bound_, size_ = 0;
  std::size_t level_;  // of tenants, at the last cut
  std::unordered_map<Uuid, Tenant> tenants_;
};

}  // namespace pawl::engine
