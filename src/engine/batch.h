// A batch while it is filled and while it is in flight: what the store is to commit, and what is to be done when it
// has.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "engine/dispatch.h"
#include "engine/invocations.h"
#include "engine/item.h"
#include "engine/run_cache.h"
#include "ports/batch.h"
#include "ports/clock.h"

namespace pawl::engine {

struct OpenBatch {
  // One decision: of a start or a change, in the same place of the same-named list of ports::Batch.
  struct Decided {
    Run* run = nullptr;           // null once a start has lost, or the run was forgotten
    Item* item = nullptr;         // null once it is answered
    bool opened = false;          // has waits to arm
    bool ended = false;           // the run has ended by it
    std::optional<RunView> view;  // of the run behind it, when the reply is a view
    Result<Accepted> accepted = Accepted::done;
  };
  struct Closed {
    ports::RunKey run;
    std::uint32_t wait_no = 0;
    Time due{};
  };
  struct Claiming {
    Invocation* invocation = nullptr;  // until a later batch is released, which may remove it
    PollId poll = 0;
    ports::InvocationKey key;
    std::uint32_t attempt = 1, lease = 0;  // as it was claimed
    std::string former;                    // the worker that had it before
  };
  struct Extending {
    ports::InvocationKey invocation;  // it may be gone when the answer comes
    std::vector<Item*> items;
  };
  // What had no events of its own, and rests on this batch or an earlier one: answered when this one is.
  struct Joined {
    Item* item = nullptr;
    std::optional<Result<RunView>> view = std::nullopt;  // of a start or cancel
    Result<Accepted> accepted = Accepted::done;          // of a result or heartbeat
  };

  std::uint64_t number = 0;
  ports::Batch batch;  // empty once it has been sent
  std::vector<Decided> starts, changes;
  std::vector<Closed> closed;
  std::vector<Claiming> claims;
  std::vector<Extending> extensions;
  std::vector<Joined> joined;
  std::vector<ports::InboxKey> discarded;        // rows of the inbox that nothing comes of
  std::vector<ports::RunKey> suspended;          // or lifted, by the suspensions of `batch`
  std::vector<Invocation*> requested, resolved;  // entries of the table that it opens and closes
  std::size_t rows = 0, bytes = 0;
  ports::Steady sent{};

  bool nothing() const { return rows == 0; }
};

}  // namespace pawl::engine
