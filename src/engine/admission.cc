#include "engine/admission.h"

#include <algorithm>

#include "engine/limits.h"

namespace pawl::engine {

namespace {
constexpr std::size_t tenants_kept = 1'024;  // without anything waiting
constexpr std::size_t credit_bytes = 1'024;  // one unit of credit is a row or this much payload
}  // namespace

Admission::Admission(bool cancel_before_result) : order_{0, 1, 2, 3, 4} {
  if (cancel_before_result) order_ = {2, 0, 1, 3, 4};
}

Admission::Tenant& Admission::tenant(const Uuid& id) {
  Tenant& tenant = tenants_[id];
  tenant.id = id;
  return tenant;
}

void Admission::enter(Tenant& tenant) {
  ++tenant.waiting;
  ++size_;
  if (tenant.in_ring) return;
  tenant.in_ring = true;
  tenant.credit = std::min<std::int64_t>(tenant.credit + limits::turn_credit, limits::turn_credit);
  ring_.push_back(&tenant);
}

void Admission::push(Item& item) {
  Tenant& owner = tenant(item.run.tenant);
  owner.queues[static_cast<std::size_t>(item.kind)].push_back(&item);
  enter(owner);
}

void Admission::push_front(Item& item) {
  Tenant& owner = tenant(item.run.tenant);
  owner.queues[static_cast<std::size_t>(item.kind)].push_front(&item);
  enter(owner);
}

Item* Admission::pop() {
  while (!ring_.empty()) {
    Tenant& turn = *ring_.front();
    if (turn.credit <= 0 && ring_.size() > 1) {
      turn.credit += limits::turn_credit;
      ring_.splice(ring_.end(), ring_, ring_.begin());
      continue;
    }
    for (std::uint8_t kind : order_) {
      auto& queue = turn.queues[kind];
      if (queue.empty()) continue;
      Item* item = queue.front();
      queue.pop_front();
      --turn.waiting;
      --size_;
      if (turn.waiting == 0) retire(turn);
      return item;
    }
  }
  return nullptr;
}

// A tenant that has nothing more to do keeps its debts, never its credit.
void Admission::retire(Tenant& tenant) {
  ring_.erase(std::find(ring_.begin(), ring_.end(), &tenant));
  tenant.in_ring = false;
  tenant.credit = std::min<std::int64_t>(tenant.credit, 0);
  if (tenants_.size() <= tenants_kept) return;
  const Uuid id = tenant.id;
  tenants_.erase(id);
}

void Admission::charge(const Uuid& id, std::size_t rows, std::size_t bytes) {
  auto found = tenants_.find(id);
  if (found == tenants_.end()) return;
  const auto cost = static_cast<std::int64_t>(rows + bytes / credit_bytes);
  // Alone, a tenant owes nobody anything; the debt of one decision is bounded besides.
  found->second.credit = std::max<std::int64_t>(found->second.credit - cost, -16 * limits::turn_credit);
}

std::vector<Item*> Admission::take_all() {
  std::vector<Item*> all;
  all.reserve(size_);
  for (std::size_t kind = 0; kind < kinds; ++kind) {
    for (Tenant* tenant : ring_) {
      all.insert(all.end(), tenant->queues[kind].begin(), tenant->queues[kind].end());
      tenant->queues[kind].clear();
    }
  }
  ring_.clear();
  tenants_.clear();
  size_ = 0;
  return all;
}

}  // namespace pawl::engine
