// Runs in memory, on their newest state: what the batches that are open or in flight will make of them.
//
// Runs with nothing open, in flight or waiting are idle, and the ones idle longest go when the states exceed the
// budget.
#pragma once

#include <cstdint>
#include <deque>
#include <list>
#include <memory>
#include <optional>
#include <unordered_map>
#include <vector>

#include "core/state.h"
#include "engine/item.h"
#include "engine/limits.h"
#include "engine/timers.h"

namespace pawl::engine {

struct RunKeyHash {
  std::size_t operator()(const ports::RunKey& key) const noexcept {
    return std::hash<Uuid>{}(key.run) ^ (std::hash<Uuid>{}(key.tenant) * 0x9e3779b97f4a7c15ULL);
  }
};

struct Run {
  // A wait of the run's newest state. Armed: it was committed, and is in the wheel if due before the horizon.
  struct OpenWait {
    std::uint32_t wait_no = 0;
    Time due{};
    bool armed = false;
    std::uint64_t batch = 0;  // that opens it
  };

  ports::RunKey key;
  ports::RunHead head;
  std::shared_ptr<const dsl::Program> program;
  std::optional<core::RunState> state;  // none while it is loaded
  bool starting = false;                // its start is not committed yet: nothing else is decided
  bool loading = false;
  std::uint16_t load_failures = 0;
  std::uint16_t in_flight = 0;  // batches with a decision of it, the open one included
  std::uint64_t batch = 0;      // the newest of them
  std::vector<OpenWait> waits;
  std::deque<Item*> waiting;             // for its load, its start's commit, or the next batch; results first
  bool next = false;                     // among the runs that go on with the next batch
  std::vector<std::uint32_t> unwritten;  // of a sabotage: waits that have no row
  std::size_t bytes = 0;                 // as counted in the budget
  std::list<Run*>::iterator idle_at;
  bool idle = false;

  bool busy() const { return loading || next || in_flight > 0 || !waiting.empty(); }
  const OpenWait* open_wait(std::uint32_t wait_no) const;
};

class RunCache {
 public:
  explicit RunCache(std::size_t bytes) : bytes_bound_(bytes) {}

  Run* find(const ports::RunKey& key);
  Run& add(const ports::RunKey& key);  // must not be there
  void remove(Run& run);
  void settle(Run& run);  // measures it; idle from now on unless it is busy
  void use(Run& run);     // not idle any more
  void evict();           // idle ones, until the budget holds
  void clear();
  std::size_t size() const { return runs_.size(); }
  std::size_t bytes() const { return bytes_; }

 private:
  std::size_t bytes_bound_, bytes_ = 0;
  std::unordered_map<ports::RunKey, std::unique_ptr<Run>, RunKeyHash> runs_;
  std::list<Run*> idle_;  // idle longest first
};

}  // namespace pawl::engine
