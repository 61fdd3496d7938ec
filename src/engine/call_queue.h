// The engine's own calls that are due: a line for each tenant in each loop, taken in turn, and the places on the wire,
// which all loops of a node share (engine-protocol.md section 10).
//
// Services that never answer hold their places until the calls' time is over. So that they hold up their own tenant and
// no others: a tenant may have no more out than is still free (the dynamic threshold of Choudhury and Hahne, 1998),
// where the last quarter does not count: it is for the first call of tenants that have none out.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <list>
#include <optional>
#include <set>
#include <unordered_map>
#include <vector>

#include "base/uuid.h"
#include "engine/limits.h"
#include "engine/queue.h"
#include "ports/batch.h"

namespace pawl::engine {

class CallPlaces {
 public:
  // `wake` is told of a loop that wanted one, when one has come free; it must not call back at once.
  CallPlaces(std::size_t places, std::size_t share, std::move_only_function<void(std::size_t loop)> wake)
      : places_(places), share_(share), wake_(std::move(wake)) {}

  bool full() const { return out_ >= places_; }
  bool has_one_for(const Uuid& tenant) const;
  void take(const Uuid& tenant);
  void give_back(const Uuid& tenant);
  void want(std::size_t loop);  // has a call that finds none

 private:
  std::size_t places_, share_, out_ = 0;
  std::unordered_map<Uuid, std::size_t> out_of_;
  std::move_only_function<void(std::size_t)> wake_;
  std::vector<std::size_t> wanting_;  // loops, in the order in which they came
};

class CallQueue {
 public:
  CallQueue(CallPlaces& places, std::size_t loop) : places_(places), loop_(loop) {}

  void push(const Uuid& tenant, const Queue::Place& place);
  void remove(const Uuid& tenant, const Queue::Place& place);  // a no-op when it is not there
  // The first of the tenant whose turn it is, which is over then; the call stays. None when nothing waits, or nobody
  // who waits may have a place: then the loop is woken when one comes free.
  std::optional<ports::InvocationKey> next();
  std::optional<Queue::Place> last(const Uuid& tenant) const;
  std::size_t waiting(const Uuid& tenant) const;

  void called(const Uuid& tenant);  // one more of it is out
  void ended(const Uuid& tenant);   // one less
  std::size_t out() const { return out_; }

  // More of this tenant's calls are in the table alone, until this pass of the sweep and the next have ended.
  void spilled(const Uuid& tenant, std::uint64_t pass);
  bool has_spilled(const Uuid& tenant) const;
  // The tenants of whom more are there, after so many passes.
  std::vector<Uuid> spilled_after(std::uint64_t passes);

  bool empty() const { return turns_.empty(); }
  void clear();  // what is out, too

 private:
  struct Line {
    std::set<Queue::Place> waiting;
    std::list<Uuid>::iterator turn;  // while something waits
    std::size_t out = 0;
    std::uint64_t spilled = 0;
  };
  using Lines = std::unordered_map<Uuid, Line>;

  Line& line(const Uuid& tenant) { return lines_[tenant]; }
  void drop_idle(Lines::iterator line);  // if nothing is known of it

  CallPlaces& places_;
  std::size_t loop_, out_ = 0;
  Lines lines_;            // of tenants with something waiting, out or spilled
  std::list<Uuid> turns_;  // of tenants with something waiting, the next one first
};

}  // namespace pawl::engine
