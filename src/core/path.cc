#include "core/path.h"

#include <charconv>

namespace pawl::core {
namespace {

bool take(std::string_view& text, std::string_view prefix) {
  if (!text.starts_with(prefix)) return false;
  text.remove_prefix(prefix.size());
  return true;
}

std::optional<std::uint32_t> take_number(std::string_view& text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  text.remove_prefix(static_cast<std::size_t>(end - text.data()));
  return number;
}

std::string_view keyword(Scope::Role role) {
  switch (role) {
    case Scope::Role::attempt:
      return "/try/";
    case Scope::Role::handler:
      return "/catch/do/";
    case Scope::Role::branch:
      return "/fork/branches/";
    case Scope::Role::function:
      return ">/use/functions/";
    default:
      return "/do/";
  }
}

struct Marks {
  std::optional<std::uint32_t> iteration;
  std::uint32_t visit = 1;
};

std::optional<Marks> take_marks(std::string_view& text) {
  Marks marks;
  if (take(text, "[")) {
    marks.iteration = take_number(text);
    if (!marks.iteration || !take(text, "]")) return std::nullopt;
  }
  if (take(text, "~")) {
    const auto visit = take_number(text);
    if (!visit || *visit < 2) return std::nullopt;
    marks.visit = *visit;
  }
  return marks;
}

// The task of `list` that the path names next; the text is left behind the task's name.
std::optional<dsl::TaskIndex> take_task(const dsl::Program& program, const Scope& scope, std::string_view& text) {
  const auto& tasks = program.lists[scope.list].tasks;
  std::size_t position = 0;
  if (scope.role != Scope::Role::function && scope.role != Scope::Role::branch) {
    std::string_view rest = text;
    if (!take(rest, keyword(scope.role))) return std::nullopt;
    const auto number = take_number(rest);
    if (!number) return std::nullopt;
    position = *number;
  }
  if (position >= tasks.size() || !take(text, program.tasks[tasks[position]].segment)) return std::nullopt;
  return tasks[position];
}

// The scope of `execution` that the rest of the path goes through; null when it is not open.
Scope* descend(const Execution& execution, const Marks& marks, std::string_view rest) {
  for (const auto& scope : execution.scopes) {
    if (scope->role == Scope::Role::iteration) {
      if (marks.iteration == scope->index) return scope.get();
    } else if (scope->role == Scope::Role::branch) {
      std::string_view text = rest;
      if (take(text, keyword(scope->role)) && take_number(text) == scope->index) return scope.get();
    } else if (rest.starts_with(keyword(scope->role))) {
      return scope.get();
    }
  }
  return nullptr;
}

}  // namespace

std::optional<Location> locate(const dsl::Program& program, Frames& frames, std::string_view path) {
  Location location;
  Scope* scope = frames.main.get();
  while (scope != nullptr) {
    const auto task = take_task(program, *scope, path);
    if (!task) return std::nullopt;
    const auto marks = take_marks(path);
    if (!marks) return std::nullopt;
    Execution* active = scope->active.get();
    if (active != nullptr && (active->task != *task || active->visit != marks->visit)) active = nullptr;
    if (path.empty()) {
      location.scope = scope;
      location.task = *task;
      location.visit = marks->visit;
      location.execution = active;
      return location;
    }
    if (active == nullptr) return location;
    if (location.outermost_try == nullptr && std::holds_alternative<dsl::TryTask>(program.tasks[*task].work)) {
      location.outermost_try = active;
    }
    scope = descend(*active, *marks, path);
  }
  return location;
}

std::string iteration_prefix(const dsl::Program& program, const Execution& loop, std::uint32_t index) {
  std::string prefix = loop.scope->prefix + program.tasks[loop.task].segment + "[" + std::to_string(index) + "]";
  if (loop.visit > 1) prefix += "~" + std::to_string(loop.visit);
  return prefix;
}

}  // namespace pawl::core
