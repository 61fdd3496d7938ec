#include "core/frames.h"

#include <algorithm>
#include <utility>

namespace pawl::core {

void Frames::open_wait(Wait wait, Execution* execution) {
  next_wait = std::max(next_wait, wait.wait_no + 1);
  if (changes != nullptr) changes->opened.push_back(wait);
  const std::uint32_t wait_no = wait.wait_no;
  waits.insert_or_assign(wait_no, OpenWait{std::move(wait), execution});
}

void Frames::close_wait(std::uint32_t wait_no) {
  if (waits.erase(wait_no) == 0) return;
  if (continue_wait == wait_no) continue_wait = 0;
  if (changes == nullptr) return;
  const auto same = [&](const Wait& wait) { return wait.wait_no == wait_no; };
  if (std::erase_if(changes->opened, same) == 0) changes->closed.push_back(wait_no);
}

void Frames::open_invocation(Invocation invocation, Execution* execution) {
  if (changes != nullptr) changes->requested.push_back(invocation);
  const Uuid id = invocation.id;
  invocations.insert_or_assign(id, OpenInvocation{std::move(invocation), execution});
}

void Frames::close_invocation(const Uuid& id) {
  const auto found = invocations.find(id);
  if (found == invocations.end()) return;
  const std::uint32_t attempt = found->second.invocation.attempt;
  invocations.erase(found);
  if (changes == nullptr) return;
  const auto same = [&](const Invocation& invocation) { return invocation.id == id; };
  if (std::erase_if(changes->requested, same) == 0) changes->ended.push_back({id, attempt});
}

void Frames::make_ready(Scope& scope) {
  forget_ready(&scope);
  if (scope.role == Scope::Role::branch && scope.cursor == dsl::no_task) {
    // A finished branch has nothing to do but for the last one, which joins.
    if (--scope.owner->open_branches > 0) return;
  }
  ready.push_back(&scope);
}

void Frames::forget_ready(const Scope* scope) {
  const auto found = std::find(ready.rbegin(), ready.rend(), scope);
  if (found != ready.rend()) ready.erase(std::next(found).base());
}

Scope& Frames::add_scope(const dsl::Program& program, Execution* owner, Scope::Role role, dsl::ListIndex list,
                         json::Value value) {
  auto scope = std::make_unique<Scope>();
  scope->role = role;
  scope->list = list;
  scope->owner = owner;
  scope->value = std::move(value);
  const auto& tasks = program.lists[list].tasks;
  scope->cursor = tasks.empty() ? dsl::no_task : tasks.front();
  scope->visits.resize(tasks.size());
  if (owner != nullptr) {
    scope->prefix = owner->path;
    if (role != Scope::Role::function)
      scope->locals = owner->scope->locals;  // rule F4: a function sees the context only
  }
  Scope& added = *scope;
  if (owner == nullptr) {
    main = std::move(scope);
  } else {
    owner->scopes.push_back(std::move(scope));
  }
  make_ready(added);
  return added;
}

Execution& Frames::begin(const dsl::Program& program, Scope& scope, dsl::TaskIndex task, std::uint32_t visit,
                         Time now) {
  forget_ready(&scope);
  auto execution = std::make_unique<Execution>();
  execution->task = task;
  execution->visit = visit;
  execution->scope = &scope;
  execution->path = path_of(scope, program.tasks[task], visit);
  execution->raw = scope.value;
  execution->input = scope.value;
  execution->context_before = context_of(scope);
  execution->started_at = now;
  scope.active = std::move(execution);
  return *scope.active;
}

void Frames::close_all_of(Execution& execution) {
  for (const std::uint32_t wait_no : {execution.wait, execution.timeout_wait, execution.attempt_wait}) {
    if (wait_no != 0) close_wait(wait_no);
  }
  if (execution.invocation) close_invocation(*execution.invocation);
  remove_scopes(execution);
}

void Frames::remove_scopes(Execution& execution) {
  for (const auto& scope : execution.scopes) {
    forget_ready(scope.get());
    if (scope->active) close_all_of(*scope->active);
  }
  execution.scopes.clear();
}

void Frames::remove_active(Scope& scope) {
  if (!scope.active) return;
  close_all_of(*scope.active);
  scope.active.reset();
}

void Frames::end(RunStatus how, Time when) {
  status = how;
  ended_at = when;
  end_value.reset();
  if (main && main->active) close_all_of(*main->active);
  while (!waits.empty()) close_wait(waits.begin()->first);
  ready.clear();
  main.reset();
}

void Frames::advance(const dsl::Program& program, Scope& scope, const dsl::Task& task, std::string_view next) {
  const auto& tasks = program.lists[scope.list].tasks;
  scope.cursor = dsl::no_task;
  if (next == "end") {
    end_value = scope.value;
  } else if (next.empty()) {
    if (task.position + 1 < tasks.size()) scope.cursor = tasks[task.position + 1];
  } else if (next != "exit") {
    const auto target =
        std::find_if(tasks.begin(), tasks.end(), [&](dsl::TaskIndex t) { return program.tasks[t].name == next; });
    if (target != tasks.end()) scope.cursor = *target;
  }
  make_ready(scope);
}

json::Value& context_of(Scope& scope) {
  Scope* at = &scope;
  while (!at->context) at = at->owner->scope;  // the main scope always has one
  return *at->context;
}

Execution* outermost_try(const dsl::Program& program, Scope& scope) {
  Execution* found = nullptr;
  for (Execution* at = scope.owner; at != nullptr; at = at->scope->owner) {
    if (std::holds_alternative<dsl::TryTask>(program.tasks[at->task].work)) found = at;
  }
  return found;
}

std::string path_of(const Scope& scope, const dsl::Task& task, std::uint32_t visit) {
  std::string path = scope.prefix + task.segment;
  if (visit > 1) path += "~" + std::to_string(visit);
  return path;
}

}  // namespace pawl::core
