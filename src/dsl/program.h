// What a definition compiles to, and all that core/ sees of it: numbered tasks in numbered lists, names resolved,
// expressions compiled. Immutable; shared by any number of threads.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "base/hash.h"
#include "dsl/duration.h"
#include "expr/expression.h"
#include "expr/template.h"
#include "expr/uri_template.h"
#include "json/value.h"

namespace pawl::dsl {

using TaskIndex = std::uint32_t;  // into Program::tasks
using ListIndex = std::uint32_t;  // into Program::lists
inline constexpr TaskIndex no_task = UINT32_MAX;
inline constexpr ListIndex main_list = 0;

// The arguments of rule D2. Every expression of a program is compiled with these slots first, in this order (a slot
// that its place does not allow has an empty name), then the loop and error variables that are visible there, outermost
// first.
enum class Argument : std::uint8_t { context, input, output, task, workflow, runtime };
inline constexpr std::size_t argument_count = 6;

// Where flow goes after a task (rules F1–F3). `proceed`: the next of the list, or the end of the scope.
struct Then {
  enum class Kind : std::uint8_t { proceed, exit, end, task } kind = Kind::proceed;
  TaskIndex task = no_task;  // a sibling, when kind is task
};

struct SetTask {
  std::variant<expr::Template, expr::Expression> value;
};

struct DoTask {
  ListIndex list;
};

struct SwitchCase {
  std::string name;
  std::optional<expr::Expression> when;  // none: the default, tested last wherever it stands
  Then then;
};
struct SwitchTask {
  std::vector<SwitchCase> cases;
};

struct ForTask {
  std::string each, at;  // variable names; the body's locals end with these two, in this order
  std::variant<expr::Template, expr::Expression> in;
  std::optional<expr::Expression> while_;  // compiled with the body's locals
  ListIndex list;
};

struct ForkTask {
  std::vector<ListIndex> branches;
};  // each a list of exactly one task

struct RetryPolicy {
  std::optional<expr::Expression> when, except_when;  // compiled with the error variable as the last local
  std::optional<Duration> delay;
  enum class Backoff : std::uint8_t { constant, linear, exponential } backoff = Backoff::constant;
  std::optional<Duration> jitter_from, jitter_to;
  std::optional<std::uint32_t> count;        // limit.attempt.count: retries, not attempts
  std::optional<Duration> attempt_duration;  // limit.attempt.duration; compiled without it
  std::optional<Duration> duration;          // limit.duration
};

struct TryTask {
  ListIndex list;
  std::string error_name;   // catch.as, default "error"; the last local of catch.do
  json::Value errors_with;  // catch.errors.with: an object, or null when absent
  std::optional<expr::Expression> when, except_when;
  std::optional<RetryPolicy> retry;
  std::optional<ListIndex> catch_list;
  std::optional<Then> catch_then;  // relative to the list that holds the try
};

struct RaiseTask {
  expr::Template error;
};  // {type, status, title?, detail?, instance?}

struct WaitTask {
  Duration duration;
};

struct HttpCall {
  expr::Template with;  // method, headers, body, query, output, redirect; not the endpoint
  std::variant<expr::UriTemplate, expr::Expression> endpoint;
};

struct ActionCall {
  std::string action, version;  // pack.action; version empty unless pinned
  expr::Template with;
};

struct FunctionCall {
  ListIndex list;  // of exactly one task, at /use/functions/<name>
  expr::Template with;
};

using Work = std::variant<SetTask, DoTask, SwitchTask, ForTask, ForkTask, TryTask, RaiseTask, WaitTask, HttpCall,
                          ActionCall, FunctionCall>;

struct Task {
  std::string name, reference;      // rule S3: the RFC 6901 pointer in the document as deployed
  std::string segment;              // rule S4: what the execution id adds to its scope's: /do/0/name, escaped;
                                    // >/use/functions/name for the task of a function
  ListIndex list = main_list;       // the list that holds it
  std::uint32_t position = 0;       // in that list
  std::vector<std::string> locals;  // loop and error variables visible here, outermost first
  json::Value definition;           // $task.definition
  std::optional<expr::Expression> condition;  // if
  std::optional<Duration> timeout;
  std::optional<std::variant<expr::Template, expr::Expression>> input_from, output_as, export_as;
  Then then;
  std::string queue;  // metadata.pawl.queue of the task, else of the document, else empty
  Work work;
};

struct List {
  std::vector<TaskIndex> tasks;
  TaskIndex owner = no_task;  // the task whose list it is; none for the main list and for functions
};

struct Program {
  std::string namespace_, name, version, title;
  std::vector<Task> tasks;
  std::vector<List> lists;  // lists[main_list] is the document's `do`
  std::optional<std::variant<expr::Template, expr::Expression>> input_from, output_as;
  std::optional<Duration> timeout;
  json::Value document;  // canonical: what versions are compared by
  Sha256 sha256{};       // of the document's canonical JSON
};

}  // namespace pawl::dsl
