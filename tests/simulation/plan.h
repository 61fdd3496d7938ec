// What a seed makes of the world: how often each thing goes wrong. All are chances in [0, 1] unless a unit is named.
#pragma once

#include <cstdint>

#include "base/random.h"
#include "base/time.h"

namespace pawl::simulation {

struct Plan {
  // The store (engine-protocol.md section 12).
  double statement_error = 0, commit_error = 0;  // per place in a commit
  double cut = 0, die = 0, stop = 0;             // per place in a commit; more right after the fence and the commit
  double aside_error = 0;                        // per statement of another session
  double slow_commit = 0;                        // per commit: it takes tens of milliseconds, so that two are in flight
  Microseconds clock_jump_every{0};              // of the server's clock, either way
  Microseconds crash_every{0};                   // the whole server; 0: never
  Microseconds user_lock_every{0};               // a user's transaction holds an invocation's row
  // Processes.
  Microseconds kill_every{0};
  Microseconds drain_every{0};   // SIGTERM
  double kill_after_send = 0;    // per commit that is sent
  Microseconds stop_every{0};    // SIGSTOP for a while; a supervisor may start another meanwhile
  Microseconds clock_offset{0};  // at most, either way
  // The network between clients, workers and the server.
  double request_lost = 0, answer_lost = 0, request_doubled = 0;
  // Workers and services.
  double poisonous = 0;  // a result that the database cannot store
  double worker_dies = 0, worker_late = 0, worker_twice = 0, work_fails = 0;
  double service_fails = 0, service_silent = 0;
  double by_sql = 0;  // of results, starts and cancels: in a transaction of their own
  bool deaf = false;  // whoever rings is not heard
  // Clients.
  double cancels = 0;
  bool burst = false;  // all come at once

  static Plan calm() { return {}; }
  // Some seeds are mild, some harsh, some have one kind of fault only.
  static Plan from(Random& random);
};

}  // namespace pawl::simulation
