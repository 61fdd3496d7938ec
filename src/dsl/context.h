// What every reader of a part of a document is given, and the few checks that all of them use.
#pragma once

#include <map>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "dsl/diagnostics.h"
#include "dsl/program.h"
#include "json/pointer.h"
#include "json/value.h"

namespace pawl::dsl {

inline constexpr std::size_t no_function = static_cast<std::size_t>(-1);

// Limits of a definition beside those of its text (compile.h). They bound what a program takes in memory: a task's
// reference repeats the names around it.
inline constexpr std::size_t program_tasks_at_most = 10'000;
inline constexpr std::size_t reference_bytes_at_most = 2'048;
inline constexpr std::size_t variable_bytes_at_most = 64;

// A task of use.functions: its list is known before any task is read, so that calls find it. Its own task and those
// inside are the range [first, end) of Program::tasks.
struct Function {
  std::string name;
  ListIndex list = 0;
  TaskIndex first = 0, end = 0;
};

// A call from within one function to another (or itself), for rule F4.
struct FunctionEdge {
  std::size_t from = no_function, to = no_function;
  std::string pointer;
};

// What was compiled under a name of `use`, by the variables that were visible (scope_key).
template <class T>
using CompiledByName = std::unordered_map<std::string, std::unordered_map<std::string, T>>;

// The parts of `use`, by name. Each is compiled where it is used, since the variables there differ, and kept for the
// next use under the same variables.
struct Reusable {
  const json::Value* retries = nullptr;
  const json::Value* timeouts = nullptr;
  const json::Value* errors = nullptr;
  const json::Value* definitions = nullptr;  // use.functions
  std::vector<Function> functions;           // sorted by name, indices as in FunctionEdge
  std::vector<FunctionEdge> edges;
  CompiledByName<RetryPolicy> retries_compiled;
  CompiledByName<Duration> timeouts_compiled;
  CompiledByName<expr::Template> errors_compiled;
};

struct Context {
  Diagnostics& problems;
  Program& program;
  Reusable use{};
  std::string queue{};                 // the document's
  std::size_t function = no_function;  // whose tasks are being read
  bool too_many_tasks = false;         // said once
  // Where a member's name was reported as a misspelling, and of what: it is not reported as missing, too.
  std::set<std::pair<std::string, std::string>, std::less<>> misspelt{};
};

// Where a task list stands.
struct Scope {
  TaskIndex owner = no_task;
  std::string reference;            // of the owner; empty for the main list
  std::vector<std::string> locals;  // visible in its tasks
};

// A program in place of one that was refused, so that reading goes on. A program with an error is never run.
expr::Template nothing();

// The names that an object may have here. Those of `later` are documented and not supported yet.
struct Members {
  std::span<const std::string_view> known, later{};
};

// True when the value is an object; each member of it that is not known is reported.
bool check_members(Context& context, const json::Value& value, const std::string& pointer, const Members& members);

// The member, or null after reporting that it is missing, unless check_members() has found it misspelt. The value must
// be an object.
const json::Value* require(Context& context, const json::Value& value, const std::string& pointer,
                           std::string_view name);

// True when the kind is right; otherwise it is reported, `expected` being what should stand there ("a string").
bool expect_string(Context& context, const json::Value& value, const std::string& pointer, std::string_view expected);
bool expect_object(Context& context, const json::Value& value, const std::string& pointer, std::string_view expected);
void wrong_type(Context& context, const json::Value& value, const std::string& pointer, std::string_view expected,
                std::string hint = {});

void unsupported(Context& context, const std::string& pointer, std::string_view what, Part part = Part::key);

// The member of one of the objects under `use` (null when the document has none), or null after reporting that `use`
// has no such name. `kind` is the object's: retries, timeouts, errors.
const json::Value* find_reusable(Context& context, const json::Value* parts, std::string_view kind,
                                 std::string_view name, const std::string& pointer);

}  // namespace pawl::dsl
