#include "access/token_memory.h"

namespace pawl::access {

std::optional<bool> TokenMemory::look_up(const Caller& caller, const Sha256& secret, Clock::time_point now) const {
  if (const Entry* good = good_.find(caller, now)) return equal_in_constant_time(good->secret, secret);
  if (refused_.find(caller, now) != nullptr) return false;
  return std::nullopt;
}

bool TokenMemory::was_good(const Caller& caller, const Sha256& secret) const {
  const auto found = good_.entries.find(caller);
  return found != good_.entries.end() && equal_in_constant_time(found->second.secret, secret);
}

void TokenMemory::accept(const Caller& caller, const Sha256& secret, Clock::time_point until) {
  good_.put(caller, {secret, until});
}

void TokenMemory::refuse(const Caller& caller, Clock::time_point until) {
  if (const auto good = good_.entries.find(caller); good != good_.entries.end())
    good->second.until = Clock::time_point::min();
  refused_.put(caller, {Sha256{}, until});
}

void TokenMemory::Table::put(const Caller& caller, Entry entry) {
  const auto [place, fresh] = entries.insert_or_assign(caller, entry);
  if (!fresh) return;
  order.push_back(caller);
  if (order.size() <= most) return;
  entries.erase(order.front());
  order.pop_front();
}

const TokenMemory::Entry* TokenMemory::Table::find(const Caller& caller, Clock::time_point now) const {
  const auto found = entries.find(caller);
  return found == entries.end() || found->second.until <= now ? nullptr : &found->second;
}

}  // namespace pawl::access
