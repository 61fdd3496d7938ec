// Who may decide next: per tenant deficit round robin (Shreedhar, Varghese 1995) over what waits, and within a tenant
// results, heartbeats, cancels, timers, starts. A turn adds credit; what the tenant's work costs in rows and bytes is
// taken from it, so that a flood of one tenant cannot fill every batch. Constant time per item.
#pragma once

#include <array>
#include <cstdint>
#include <deque>
#include <list>
#include <unordered_map>
#include <vector>

#include "engine/item.h"

namespace pawl::engine {

class Admission {
 public:
  explicit Admission(bool cancel_before_result = false);

  void push(Item& item);        // behind those of its kind
  void push_front(Item& item);  // before them: it was admitted once already
  Item* pop();                  // the next by the rule above; null when there is none
  void charge(const Uuid& tenant, std::size_t rows, std::size_t bytes);
  bool empty() const { return size_ == 0; }
  std::size_t size() const { return size_; }
  std::vector<Item*> take_all();  // in order of kind

 private:
  struct Tenant {
    Uuid id;
    std::array<std::deque<Item*>, kinds> queues;
    std::size_t waiting = 0;
    std::int64_t credit = 0;
    bool in_ring = false;
  };

  Tenant& tenant(const Uuid& id);
  void enter(Tenant& tenant);
  void retire(Tenant& tenant);

  std::array<std::uint8_t, kinds> order_;
  std::unordered_map<Uuid, Tenant> tenants_;
  std::list<Tenant*> ring_;  // those with something waiting; the front has the turn
  std::size_t size_ = 0;
};

}  // namespace pawl::engine
