// A stimulus as the loop retains it: with its reply, until the batch that answers it is committed.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <variant>
#include <vector>

#include "base/problem.h"
#include "core/stimulus.h"
#include "engine/api.h"
#include "engine/program_cache.h"
#include "ports/batch.h"
#include "ports/clock.h"

namespace pawl::engine {

struct Item;
using Items = std::list<Item>;

// In the order in which one tenant's items are admitted: what an accepted result says comes before cancels and
// timeouts.
enum class Kind : std::uint8_t { result, heartbeat, cancel, timer, start };
inline constexpr std::size_t kinds = 5;

struct StartOf {
  std::string namespace_, name, version;  // as asked
  ports::RunHead head;
  Deployed deployed;
  std::vector<Time> decided;  // ts of its first event, of each try: tells our run from an older one
};

struct ResultOf {
  ports::InvocationKey invocation;
  std::uint32_t attempt = 1, lease = 0;
  bool quarantine = false;  // deaths have ended it
  bool progress = false;    // of a heartbeat
};

using Reply = std::variant<std::monostate, Done<RunView>, Done<Accepted>, Done<HeartbeatAnswer>>;

struct Item {
  Kind kind = Kind::timer;
  bool expired = false;     // answered 503 while it waited; a start is then dropped
  bool suspect = false;     // of a group that is being bisected
  std::uint8_t alone = 0;   // how often it failed alone
  std::uint16_t tries = 0;  // how often its batch failed
  ports::RunKey run;
  core::Stimulus stimulus;
  Reply reply;
  std::unique_ptr<StartOf> start;        // of a start
  ResultOf result;                       // of a result or heartbeat
  std::optional<ports::InboxKey> inbox;  // it came from there: the row goes with the commit of what comes of it
  bool inbox_done = false;               // … which is in a batch
  ports::Steady deadline{};              // of its answer, when it has a reply
  std::size_t bytes = 0;                 // of its payload
  Items* list = nullptr;                 // that holds it
  Items::iterator self;

  std::uint32_t wait_no() const {  // of a timer
    const auto* fired = std::get_if<core::TimerFired>(&stimulus);
    return fired == nullptr ? 0 : fired->wait_no;
  }
};

}  // namespace pawl::engine
