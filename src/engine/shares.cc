#include "engine/shares.h"

#include <algorithm>

namespace pawl::engine {

std::size_t fair_level(std::vector<std::size_t> sizes, std::size_t room) {
  std::ranges::sort(sizes);
  for (std::size_t i = 0; i < sizes.size(); ++i) {
    const std::size_t each = room / (sizes.size() - i);
    if (sizes[i] > each) return each;
    room -= sizes[i];
  }
  return sizes.empty() ? room : sizes.back();
}

void Shares::enter(const Uuid& tenant, const std::string& queue) {
  Tenant& of = tenants_[tenant];
  ++of.size;
  ++of.queues[queue];
  ++size_;
}

void Shares::leave(const Uuid& tenant, const std::string& queue) {
  const auto of = tenants_.find(tenant);
  const auto in = of->second.queues.find(queue);
  if (--in->second == 0) of->second.queues.erase(in);
  if (--of->second.size == 0) tenants_.erase(of);
  --size_;
}

void Shares::clear() {
  tenants_.clear();
  size_ = 0;
  level_ = bound_;
}

std::size_t Shares::size(const Uuid& tenant, const std::string& queue) const {
  const auto of = tenants_.find(tenant);
  if (of == tenants_.end()) return 0;
  const auto in = of->second.queues.find(queue);
  return in == of->second.queues.end() ? 0 : in->second;
}

bool Shares::admits(const Uuid& tenant, const std::string& queue) const {
  if (size_ < kept()) return true;
  const auto of = tenants_.find(tenant);
  return of == tenants_.end() || of->second.size < level_ || size(tenant, queue) < of->second.level;
}

std::vector<Shares::Cut> Shares::cuts() {
  std::vector<Cut> cuts;
  std::vector<std::size_t> sizes;
  for (const auto& [id, tenant] : tenants_) sizes.push_back(tenant.size);
  level_ = std::max<std::size_t>(fair_level(std::move(sizes), kept()), 1);
  for (auto& [id, tenant] : tenants_) {
    if (tenant.size <= level_) continue;
    std::vector<std::size_t> of_queues;
    for (const auto& [queue, size] : tenant.queues) of_queues.push_back(size);
    tenant.level = std::max<std::size_t>(fair_level(std::move(of_queues), level_), 1);
    for (const auto& [queue, size] : tenant.queues) {
      if (size > tenant.level) cuts.push_back({id, queue, size - tenant.level});
    }
  }
  return cuts;
}

}  // namespace pawl::engine
