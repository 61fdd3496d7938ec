// Where something can go wrong in a backend, and what. A hook is asked at each place: the simulator answers from its
// seed, a directed test from its script.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "base/time.h"
#include "store/memory/rows.h"

namespace pawl::store::memory {

struct Point {
  enum class When : std::uint8_t {
    arrive,  // the script has reached the server's socket
    before_statement,
    after_statement,  // its locks are held, its writes are not visible
    before_commit,    // the last moment at which the transaction may still fail
    after_commit,     // committed; the answer has not left
  } when = When::arrive;
  BackendId backend = 0;
  std::string_view script;     // commit, rollback, register_loop, fence_loop, take_lanes, load_run, …
  std::string_view statement;  // fence, starts, runs, invocations, waits, events, clock; of `commit` and others
  bool client_there = true;    // nobody reads the answer otherwise
};

// All of it may be combined; applied in this order.
struct Fault {
  bool cut = false;           // the client loses the connection; the backend notices when it has nothing left to do
  Microseconds stop{0};       // the backend stands still, with its locks
  bool die = false;           // the backend ends: what is not committed is rolled back
  std::string sqlstate = {};  // the statement, or the COMMIT, fails with this; ignored at arrive and after_commit
};

using Hook = std::function<Fault(const Point&)>;

}  // namespace pawl::store::memory
