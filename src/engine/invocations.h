// The open invocations that a loop knows: ready, claimed, leased, or called by the engine itself. A bounded window of
// the table; what is not here is read when something comes for it, or by the sweep.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <queue>
#include <set>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "core/decide.h"
#include "dsl/program.h"
#include "engine/call_queue.h"
#include "engine/dispatch.h"
#include "engine/item.h"
#include "engine/shares.h"
#include "ports/clock.h"
#include "ports/storage.h"
#include "ports/transport.h"

namespace pawl::engine {

struct Invocation {
  // `loading`: its row is being read, nothing but the key is known. `tentative`: requested by a batch that is not
  // committed. `fetching`: ready, but its input must be read first. `calling`: the engine's own call is out, or has
  // answered and that is being decided. `closed`: the row is resolved, and here only while a late result is recorded.
  enum class State : std::uint8_t { loading, tentative, ready, fetching, claiming, leased, calling, closed };
  // Where it lies until somebody comes for it: its tenant and queue have a share of what may. `reading`: until its
  // input has come, of which as much is read at once as there is room for.
  enum class Rest : std::uint8_t { none, queued, in_line, held, reading };

  ports::InvocationKey key;
  Uuid run;
  State state = State::loading;
  Rest rest = Rest::none;
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
  bool arrived = false;                  // its worker has shown that it has the lease
  bool untold = false;                   // its last claim never reached its worker: it is no death
  std::uint16_t disowned = 0;            // how often that was the worker's word
  bool quarantining = false;             // a stimulus that fails it is under way
  bool late_expected = false;            // closed, and kept for a late result that will be recorded
  std::uint16_t refusals = 0;            // of claims, since the last one that was granted
  std::uint16_t unread = 0;              // how often its input could not be read
  bool watched = false;                  // has a place among the lapses
  Time created_at{};
  ports::Steady lapses_at{};  // a lease, or a pause: not by the database's time, which jumps
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

// As a queue of its tenant in Shares: the engine's own calls.
inline constexpr const char* own_queue = "@";

class Invocations {
 public:
  // `bound`: how many may be queued in memory, and how many held; `input_bytes`: of the inputs with them.
  Invocations(Dispatch& dispatch, CallQueue& calls, std::size_t loop, std::size_t bound, std::size_t input_bytes)
      : dispatch_(dispatch),
        calls_(calls),
        loop_(loop),
        ready_shares_(bound),
        held_shares_(bound),
        input_bytes_bound_(input_bytes) {}
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

  void queue(Invocation& invocation);     // ready from now on
  void hold(Invocation& invocation);      // leased from now on; its input goes first when there is little room
  void read(Invocation& invocation);      // fetching from now on
  void take_out(Invocation& invocation);  // rests no more; its state is the caller's business
  // The first in turn, null when there is none; it stays where it is.
  Invocation* next(const Dispatch::Channel& channel, std::span<const std::string> actions);
  Invocation* next_call();
  // Whether there is room for its input; one of each queue may always be read, so that none stands still.
  bool may_read(const Invocation& invocation) const;

  // Leases by when they lapse.
  std::optional<ports::Steady> next_lapse() const;
  Invocation* pop_lapsed(ports::Steady now);  // leased, and its time is over

  Shares& ready_shares() { return ready_shares_; }
  Shares& held_shares() { return held_shares_; }
  const Shares& ready_shares() const { return ready_shares_; }
  // Taken out, since more rest than may: those that would come last; and some that are leased, but none with an
  // extension in the batch `open`, which would have a second one there when it is found again.
  std::vector<Invocation*> last_ready(const Uuid& tenant, const std::string& queue, std::size_t count);
  std::vector<Invocation*> some_held(const Uuid& tenant, const std::string& queue, std::size_t count,
                                     std::uint64_t open);

  std::vector<Invocation*> held_by(const Uuid& tenant, const std::string& queue, const std::string& worker);

  template <class F>
  void each(F&& then) {
    for (auto& [key, invocation] : table_) then(*invocation);
  }
  std::size_t size() const { return table_.size(); }
  std::size_t queued() const { return queued_; }

 private:
  struct Lapse {
    ports::Steady at{};
    ports::InvocationKey key;
    bool operator>(const Lapse& other) const { return at > other.at; }
  };

  using Workers = std::map<std::string, std::set<Uuid>>;  // what each holds

  void watch_lease(Invocation& invocation);
  bool has_room_to_keep() const { return input_bytes_ < input_bytes_bound_ - input_bytes_bound_ / 4; }
  std::size_t& reading(const Invocation& invocation) {
    return invocation.own_work ? own_reading_ : invocation.channel->reading[loop_];
  }

  Dispatch& dispatch_;
  CallQueue& calls_;
  std::size_t loop_;
  Shares ready_shares_, held_shares_;
  std::unordered_map<const Dispatch::Channel*, Workers> held_;
  std::unordered_map<ports::InvocationKey, std::unique_ptr<Invocation>, InvocationKeyHash> table_;
  std::priority_queue<Lapse, std::vector<Lapse>, std::greater<>> lapses_;
  std::size_t queued_ = 0, input_bytes_ = 0;
  const std::size_t input_bytes_bound_;
  std::size_t reading_ = 0, own_reading_ = 0;  // inputs, of all, of the engine's own work
};

}  // namespace pawl::engine
