#include <algorithm>
#include <string>
#include <utility>

#include "core/decide.h"
#include "core/fold.h"
#include "core/path.h"

namespace pawl::core {
namespace {

using json::Value;

Problem misfit(const Event& event, std::string why) {
  return {
      .status = 500,
      .code = "history-misfit",
      .title = "The history does not fit",
      .detail = "event " + std::to_string(event.seq) + " (" + std::string(name(event.type)) + "): " + std::move(why),
      .instance = event.path,
      .hint = {}};
}

const Value& member(const Event& event, std::string_view key) {
  static const Value absent;
  const Value* found = event.payload.find(key);
  return found == nullptr ? absent : *found;
}

std::uint32_t number(const Event& event, std::string_view key) {
  return static_cast<std::uint32_t>(member(event, key).integer());
}

// One event's application. An event whose enclosing task is not open tells what happened inside a task that began and
// ended in the same step: that task's own end carries its effect, so here it changes nothing.
class Fold {
 public:
  Fold(const dsl::Program& program, Frames& frames, const Event& event)
      : program_(program), frames_(frames), event_(event) {}

  Result<void> run() {
    if (event_.type == EventType::run_started) return start();
    if (has_ended(frames_.status)) {
      if (event_.type == EventType::invocation_late) return {};
      return fail(misfit(event_, "the run has ended"));
    }
    if (!frames_.main) return fail(misfit(event_, "the run has not started"));
    switch (event_.type) {
      case EventType::run_completed:
        return end(RunStatus::completed, frames_.output, "output");
      case EventType::run_faulted:
        return end(RunStatus::faulted, frames_.error, "error");
      case EventType::run_cancelled:
        frames_.end(RunStatus::cancelled, event_.ts);
        return {};
      case EventType::run_cancelling:
        frames_.status = RunStatus::cancelling;
        return {};
      case EventType::invocation_late:
        return {};
      case EventType::wait_closed:
        return wait_closed();
      default:
        break;
    }
    if (event_.path.empty() || event_.path == "/timeout") return run_wait();
    const auto found = locate(program_, frames_, event_.path);
    if (!found) return fail(misfit(event_, "no such path in the definition"));
    at_ = *found;
    if (at_.scope == nullptr) return inside_of_what_ended();
    return task_event();
  }

 private:
  Result<void> start() {
    if (frames_.status != RunStatus::pending) return fail(misfit(event_, "a second start"));
    frames_.status = RunStatus::running;
    frames_.started_at = event_.ts;
    frames_.input = member(event_, "input");
    frames_.queue = std::string(member(event_, "queue").text());
    const Value* transformed = event_.payload.find("transformed");
    Scope& main = frames_.add_scope(program_, nullptr, Scope::Role::main, dsl::main_list,
                                    transformed == nullptr ? frames_.input : *transformed);
    main.context = Value();
    return {};
  }

  Result<void> end(RunStatus how, Value& into, std::string_view key) {
    into = member(event_, key);
    frames_.end(how, event_.ts);
    return {};
  }

  // The workflow's timeout, and the rest of a decision that was cut.
  Result<void> run_wait() {
    if (event_.type != EventType::wait_opened) return fail(misfit(event_, "an event of a task without its path"));
    const auto wait = read_wait();
    if (!wait) return fail(wait.error());
    if (wait->kind == WaitKind::continue_) frames_.continue_wait = wait->wait_no;
    frames_.open_wait(*wait, nullptr);
    return {};
  }

  Result<Wait> read_wait() {
    const auto kind = parse_wait_kind(member(event_, "kind").text());
    const auto due = parse_time(member(event_, "dueAt").text());
    if (!kind || !due) return fail(misfit(event_, "kind or dueAt is not readable"));
    return Wait{number(event_, "wait"), *kind, event_.path, *due};
  }

  Result<void> inside_of_what_ended() {
    if (event_.type == EventType::wait_opened) {
      frames_.next_wait = std::max(frames_.next_wait, number(event_, "wait") + 1);
    } else if (event_.type == EventType::invocation_requested && at_.outermost_try != nullptr) {
      at_.outermost_try->attempts[event_.path] = number(event_, "attempt");
    }
    return {};
  }

  Result<void> task_event() {
    const dsl::Task& task = program_.tasks[at_.task];
    at_.scope->visits[task.position] = at_.visit;
    switch (event_.type) {
      case EventType::task_started:
        return started(task);
      case EventType::iteration_started:
        return iteration(task);
      case EventType::invocation_requested:
        return requested();
      case EventType::wait_opened:
        return wait_opened();
      case EventType::task_retrying:
        return retrying();
      case EventType::task_completed:
        return completed(task);
      case EventType::task_skipped:
        frames_.advance(program_, *at_.scope, task, {});
        return {};
      case EventType::task_faulted:
        return faulted();
      case EventType::task_cancelled:
        frames_.remove_active(*at_.scope);
        return {};
      default:
        return fail(misfit(event_, "not an event of a task"));
    }
  }

  Result<Execution*> begin() {
    if (at_.scope->active) return fail(misfit(event_, "another task of that list is open"));
    Execution& execution = frames_.begin(program_, *at_.scope, at_.task, at_.visit, event_.ts);
    if (const Value* input = event_.payload.find("input")) execution.input = *input;
    return &execution;
  }

  Result<void> started(const dsl::Task& task) {
    const auto begun = begin();
    if (!begun) return fail(begun.error());
    Execution& execution = **begun;
    using Role = Scope::Role;
    if (const auto* work = std::get_if<dsl::DoTask>(&task.work)) {
      frames_.add_scope(program_, &execution, Role::list, work->list, execution.input);
    } else if (const auto* attempt = std::get_if<dsl::TryTask>(&task.work)) {
      frames_.add_scope(program_, &execution, Role::attempt, attempt->list, execution.input);
    } else if (const auto* function = std::get_if<dsl::FunctionCall>(&task.work)) {
      frames_.add_scope(program_, &execution, Role::function, function->list, member(event_, "with"));
    } else if (const auto* fork = std::get_if<dsl::ForkTask>(&task.work)) {
      start_branches(execution, *fork);
    } else {
      execution.items = member(event_, "items");
    }
    return {};
  }

  void start_branches(Execution& execution, const dsl::ForkTask& fork) {
    execution.open_branches = static_cast<std::uint32_t>(fork.branches.size());
    const Value context = execution.context_before;
    for (std::size_t i = 0; i < fork.branches.size(); ++i) {
      Scope& branch = frames_.add_scope(program_, &execution, Scope::Role::branch, fork.branches[i], execution.input);
      branch.index = static_cast<std::uint32_t>(i);
      branch.context = context;
    }
    // The stack of ready scopes gives the last one first: the first declared branch is to go on first.
    std::reverse(frames_.ready.end() - static_cast<std::ptrdiff_t>(fork.branches.size()), frames_.ready.end());
  }

  Result<void> iteration(const dsl::Task& task) {
    const auto* loop = std::get_if<dsl::ForTask>(&task.work);
    Execution* execution = at_.execution;
    const std::uint32_t index = number(event_, "index");
    if (loop == nullptr || execution == nullptr || index >= execution->items.items().size()) {
      return fail(misfit(event_, "not an iteration of an open loop"));
    }
    const Value value = execution->scopes.empty() ? execution->input : execution->scopes.front()->value;
    frames_.remove_scopes(*execution);
    Scope& scope = frames_.add_scope(program_, execution, Scope::Role::iteration, loop->list, value);
    scope.index = index;
    scope.prefix = iteration_prefix(program_, *execution, index);
    scope.locals.push_back(execution->items.items()[index]);
    scope.locals.push_back(Value::integer(index));
    return {};
  }

  Result<void> requested() {
    const auto begun = begin();
    if (!begun) return fail(begun.error());
    const auto id = Uuid::parse(member(event_, "invocation").text());
    if (!id) return fail(misfit(event_, "invocation is not an id"));
    Invocation invocation{.id = *id,
                          .path = event_.path,
                          .queue = std::string(member(event_, "queue").text()),
                          .action = std::string(member(event_, "action").text()),
                          .version = std::string(member(event_, "version").text()),
                          .key = std::string(member(event_, "key").text()),
                          .attempt = number(event_, "attempt"),
                          .event_seq = event_.seq,
                          .event_ts = event_.ts,
                          .with = member(event_, "with")};
    (*begun)->invocation = *id;
    if (Execution* outer = outermost_try(program_, *at_.scope)) outer->attempts[event_.path] = invocation.attempt;
    frames_.open_invocation(std::move(invocation), *begun);
    return {};
  }

  Result<void> wait_opened() {
    const auto wait = read_wait();
    if (!wait) return fail(wait.error());
    Execution* execution = at_.execution;
    if (wait->kind == WaitKind::timer) {
      const auto begun = begin();
      if (!begun) return fail(begun.error());
      execution = *begun;
    }
    if (execution == nullptr) return fail(misfit(event_, "a wait of a task that is not open"));
    if (wait->kind != WaitKind::timeout) {
      execution->wait = wait->wait_no;
    } else if (event_.payload.find("attempt") != nullptr) {
      execution->attempt_wait = wait->wait_no;
    } else {
      execution->timeout_wait = wait->wait_no;
    }
    frames_.open_wait(*wait, execution);
    return {};
  }

  Result<void> wait_closed() {
    const auto found = frames_.waits.find(number(event_, "wait"));
    if (found == frames_.waits.end()) return fail(misfit(event_, "no such wait is open"));
    const OpenWait open = found->second;
    frames_.close_wait(open.wait.wait_no);
    Execution* execution = open.execution;
    if (execution == nullptr) return {};
    if (execution->wait == open.wait.wait_no) execution->wait = 0;
    if (execution->timeout_wait == open.wait.wait_no) execution->timeout_wait = 0;
    if (execution->attempt_wait == open.wait.wait_no) execution->attempt_wait = 0;
    if (open.wait.kind == WaitKind::retry) {
      const auto& attempt = std::get<dsl::TryTask>(program_.tasks[execution->task].work);
      frames_.add_scope(program_, execution, Scope::Role::attempt, attempt.list, execution->input);
    }
    return {};
  }

  Result<void> retrying() {
    Execution* execution = at_.execution;
    if (execution == nullptr) return fail(misfit(event_, "a retry of a try that is not open"));
    end_attempt(*execution);
    execution->retries = number(event_, "attempt");
    return {};
  }

  void end_attempt(Execution& attempt) {
    frames_.remove_scopes(attempt);
    if (attempt.attempt_wait != 0) frames_.close_wait(std::exchange(attempt.attempt_wait, 0));
  }

  Result<void> completed(const dsl::Task& task) {
    Scope& scope = *at_.scope;
    frames_.remove_active(scope);
    if (const Value* context = event_.payload.find("context")) context_of(scope) = *context;
    scope.value = member(event_, "output");
    frames_.advance(program_, scope, task, member(event_, "next").text());
    return {};
  }

  Result<void> faulted() {
    Scope& scope = *at_.scope;
    frames_.remove_active(scope);
    if (const Value* context = event_.payload.find("context")) context_of(scope) = *context;
    if (event_.payload.find("caughtBy") == nullptr) return {};
    Execution* catcher = scope.owner;
    if (catcher == nullptr || scope.role != Scope::Role::attempt) return fail(misfit(event_, "caught outside a try"));
    const auto& attempt = std::get<dsl::TryTask>(program_.tasks[catcher->task].work);
    end_attempt(*catcher);  // `scope` is gone from here on
    if (attempt.catch_list) {
      Scope& handler = frames_.add_scope(program_, catcher, Scope::Role::handler, *attempt.catch_list, catcher->input);
      handler.locals.push_back(member(event_, "error"));
    }
    return {};
  }

  const dsl::Program& program_;
  Frames& frames_;
  const Event& event_;
  Location at_;
};

}  // namespace

Result<void> fold(const dsl::Program& program, Frames& frames, const Event& event) {
  return Fold(program, frames, event).run();
}

Result<void> apply(const dsl::Program& program, RunState& state, const Event& event) {
  Frames& frames = state.frames();
  if (event.seq != frames.revision + 1)
    return fail(misfit(event, "expected seq " + std::to_string(frames.revision + 1)));
  auto folded = fold(program, frames, event);
  if (!folded) return folded;
  frames.revision = event.seq;
  frames.last_ts = event.ts;
  settle_status(frames);
  return {};
}

}  // namespace pawl::core
