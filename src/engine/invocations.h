// The open invocations that a loop knows: ready, claimed, leased, or called by the engine itself. A bounded window of
// the table; what is not here is read when something comes for it, or by the sweep.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <queue>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/decide.h"
#include "dsl/program.h"
#include "engine/dispatch.h"
#include "engine/item.h"
#include "ports/storage.h"
#include "ports/transport.h"

namespace pawl::engine {

struct Invocation {
  // `loading`: its row is being read, nothing but the key is known. `tentative`: requested by a batch that is not
  // committed. `fetching`: ready, but its input must be read first. `calling`: the engine's own call is out, or has
  // answered and that is being decided. `closed`: the row is resolved, and here only while a late result is recorded.
  enum class State : std::uint8_t { loading, tentative, ready, fetching, claiming, leased, calling, closed };

  ports::InvocationKey key;
  Uuid run;
  State state = State::loading;
  bool queued = false;                                     // in its queue
  bool resolving = false;                                  // by a batch that is not committed
  bool by_quarantine = false;                              // the resolving: no result counts any more
  core::Resolved::How how = core::Resolved::How::revoked;  // of the resolving
  ports::Resolution resolution = ports::Resolution::none;  // when closed
  std::uint8_t priority = 5;
  std::uint32_t attempt = 1, lease = 0, deaths = 0;
  std::uint64_t batch = 0;  // the newest one that requests or resolves it
  std::uint64_t claim_batch = 0, extension_batch = 0;
  std::string path, action, version, idempotency_key, worker;
  Dispatch::Channel* channel = nullptr;  // none for the engine's own work
  bool own_work = false;                 // on a reserved queue: the engine does it
  bool confirmed = false;                // its run's state has it open: it is not from an older page
  bool quarantining = false;             // a stimulus that fails it is under way
  bool late_expected = false;            // closed, and kept for a late result that will be recorded
  std::uint16_t refusals = 0;            // of claims, since the last one that was granted
  bool watched = false;                  // has a place among the lapses
  Time created_at{}, leased_until{};
  bool has_input = false;
  json::Value input;
  std::shared_ptr<const dsl::Program> program;
  ports::CallId call = 0;
  std::unique_ptr<Invocation> before;  // what it was, when a batch in flight re-opens it
  std::vector<Item*> waiting;          // for the row

  Queue::Place place() const { return Queue::place(created_at, priority, key.invocation); }
  bool open() const { return state != State::loading && state != State::closed && !resolving; }
};

struct InvocationKeyHash {
  std::size_t operator()(const ports::InvocationKey& key) const noexcept {
    return std::hash<Uuid>{}(key.invocation) ^ (std::hash<Uuid>{}(key.tenant) * 0x9e3779b97f4a7c15ULL);
  }
};

class Invocations {
 public:
  Invocations(Dispatch& dispatch, std::size_t loop) : dispatch_(dispatch), loop_(loop) {}
  ~Invocations() { clear(); }
  Invocations(const Invocations&) = delete;
  Invocations& operator=(const Invocations&) = delete;

  Invocation* find(const ports::InvocationKey& key);
  Invocation& add(const ports::InvocationKey& key);                 // must not be there
  void place_in(Invocation& invocation, const std::string& queue);  // the queue it belongs to, once
  void fill(Invocation& invocation, const ports::StoredInvocation& row);
  // Kept if there is room for it, or if it is needed now.
  void keep_input(Invocation& invocation, json::Value input, bool needed = false);
  void drop_input(Invocation& invocation);
  void remove(Invocation& invocation);
  void clear();

  void queue(Invocation& invocation);  // ready from now on
  void unqueue(Invocation& invocation);
  Invocation* pop(Dispatch::Channel& channel, std::span<const std::string> actions);  // not queued any more

  // Leases by when they lapse.
  void watch_lease(Invocation& invocation);
  std::optional<Time> next_lapse() const;
  Invocation* pop_lapsed(Time now);  // leased, and its time is over

  template <class F>
  void each(F&& then) {
    for (auto& [key, invocation] : table_) then(*invocation);
  }
  std::size_t size() const { return table_.size(); }
  std::size_t queued() const { return queued_; }

 private:
  struct Lapse {
    Time at{};
    ports::InvocationKey key;
    bool operator>(const Lapse& other) const { return at > other.at; }
  };

  Dispatch& dispatch_;
  std::size_t loop_;
  std::unordered_map<ports::InvocationKey, std::unique_ptr<Invocation>, InvocationKeyHash> table_;
  std::priority_queue<Lapse, std::vector<Lapse>, std::greater<>> lapses_;
  std::size_t queued_ = 0, input_bytes_ = 0;
};

}  // namespace pawl::engine
