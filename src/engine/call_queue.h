// The engine's own calls that are due: a line for each tenant, taken in turn. What one tenant may have out is bounded,
// so that services which never answer hold up the calls of their own tenant and no others (engine-protocol.md section
// 10).
#pragma once

#include <cstddef>
#include <deque>
#include <list>
#include <optional>
#include <unordered_map>

#include "base/uuid.h"
#include "engine/limits.h"
#include "ports/batch.h"

namespace pawl::engine {

class CallQueue {
 public:
  explicit CallQueue(std::size_t share = limits::calls_of_tenant_at_once) : share_(share) {}

  void push(const ports::InvocationKey& key);
  // The first of the tenant whose turn it is; none when nothing waits, or only tenants that have their share out.
  std::optional<ports::InvocationKey> pop();

  void called(const Uuid& tenant);  // one more of it is out
  void ended(const Uuid& tenant);   // one less
  std::size_t out() const { return out_; }

  bool empty() const { return turns_.empty(); }
  void clear();  // what is out, too

 private:
  struct Line {
    std::deque<Uuid> waiting;
    std::size_t out = 0;
  };

  std::size_t share_, out_ = 0;
  std::unordered_map<Uuid, Line> lines_;  // of tenants with something waiting or out
  std::list<Uuid> turns_;                 // of tenants with something waiting, the next one first
};

}  // namespace pawl::engine
