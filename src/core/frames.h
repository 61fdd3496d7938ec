// The inside of a RunState: what is open. A *scope* is one activation of a task list, an *execution* one activation of
// a task that has not ended. They form a tree: scope → its active execution → the scopes of that execution (one, or one
// a branch). Everything here follows from the run's events alone.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/time.h"
#include "base/uuid.h"
#include "core/pending.h"
#include "core/status.h"
#include "dsl/program.h"
#include "json/value.h"

namespace pawl::core {

struct Execution;

struct Scope {
  // What the list is to its owner; decides what happens when it ends, and how paths below it read (rule S3).
  enum class Role : std::uint8_t { main, list, iteration, attempt, handler, branch, function };

  Role role = Role::main;
  dsl::ListIndex list = dsl::main_list;
  Execution* owner = nullptr;            // none for the main list
  std::uint32_t index = 0;               // of the iteration or branch
  std::string prefix;                    // the execution id up to the list: /do/1/loop[0]
  json::Value value;                     // raw input of the next task; at the end the scope's output
  dsl::TaskIndex cursor = dsl::no_task;  // the next task; none: the scope has ended
  std::vector<std::uint32_t> visits;     // by position in the list (rule S4, ~n)
  std::vector<json::Value> locals;       // values of Task::locals of the tasks in this list
  std::optional<json::Value> context;    // main list and branches have their own; others use the enclosing one
  std::unique_ptr<Execution> active;
};

struct Execution {
  dsl::TaskIndex task = 0;
  std::uint32_t visit = 1;
  Scope* scope = nullptr;      // that it runs in
  std::string path;            // its execution id
  json::Value raw, input;      // raw and transformed input
  json::Value context_before;  // the context when it began
  Time started_at{};
  std::vector<std::unique_ptr<Scope>> scopes;
  std::uint32_t wait = 0;  // the open wait of a `wait` task, or of a try between two attempts
  std::uint32_t timeout_wait = 0;
  std::optional<Uuid> invocation;
  // for
  json::Value items;
  // fork
  std::uint32_t open_branches = 0;
  // try
  std::uint32_t retries = 0;
  std::uint32_t attempt_wait = 0;  // limit.attempt.duration
  std::map<std::string, std::uint32_t>
      attempts;  // of the outermost try: how often each call below was requested, by path
};

// What opened and closed while a decision is made; net, see Decision.
struct Changes {
  std::vector<Wait> opened;
  std::vector<std::uint32_t> closed;
  std::vector<Invocation> requested;
  struct Ended {
    Uuid id;
    std::uint32_t attempt;
  };
  std::vector<Ended> ended;
};

struct OpenWait {
  Wait wait;
  Execution* execution = nullptr;  // none for the workflow's timeout and for `continue`
};
struct OpenInvocation {
  Invocation invocation;
  Execution* execution = nullptr;
};

struct Frames {
  Uuid tenant, run;
  RunStatus status = RunStatus::pending;
  std::uint32_t revision = 0;
  Time started_at{}, last_ts{};
  std::optional<Time> ended_at;
  json::Value input, output, error;
  std::string queue;  // of the start request

  std::unique_ptr<Scope> main;
  std::vector<Scope*> ready;             // scopes that can go on, the next one last
  std::optional<json::Value> end_value;  // `then: end` was taken with this output
  std::uint32_t next_wait = 1;
  std::map<std::uint32_t, OpenWait> waits;
  std::map<Uuid, OpenInvocation> invocations;
  std::uint32_t continue_wait = 0;
  Changes* changes = nullptr;  // while a decision is made

  void open_wait(Wait wait, Execution* execution);
  void close_wait(std::uint32_t wait_no);
  void open_invocation(Invocation invocation, Execution* execution);
  void close_invocation(const Uuid& id);

  Scope& add_scope(const dsl::Program& program, Execution* owner, Scope::Role role, dsl::ListIndex list,
                   json::Value value);
  Execution& begin(const dsl::Program& program, Scope& scope, dsl::TaskIndex task, std::uint32_t visit, Time now);
  void remove_scopes(Execution& execution);  // with everything open below
  void remove_active(Scope& scope);          // with everything open below; the scope is ready again
  void end(RunStatus how, Time when);        // drops whatever is open
  // Goes on behind a task that ended: `next` is empty, "exit", "end" or the name of a sibling.
  void advance(const dsl::Program& program, Scope& scope, const dsl::Task& task, std::string_view next);

 private:
  void make_ready(Scope& scope);
  void forget_ready(const Scope* scope);
  void close_all_of(Execution& execution);
};

json::Value& context_of(Scope& scope);                                // the nearest one
Execution* outermost_try(const dsl::Program& program, Scope& scope);  // that encloses the scope; null when none does
std::size_t state_bytes(const Frames& frames);                        // an estimate, against limits::run_state_bytes
void settle_status(Frames& frames);  // running, or waiting when nothing but waits is open
std::string path_of(const Scope& scope, const dsl::Task& task, std::uint32_t visit);

}  // namespace pawl::core
