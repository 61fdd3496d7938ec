// The walk of one decision: from a stimulus to the next thing that needs the outside world. Each event is folded into
// the frames as it is emitted, by the same code that replays the log.
//
// A task that begins and ends within one decision leaves only its end in the history (V1): the events of its beginning
// are taken out again, and its end carries the context if that has changed meanwhile. What begins and is cancelled
// within one decision has never begun.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "core/decide.h"
#include "core/evaluation.h"
#include "core/frames.h"

namespace pawl::core {

class Walker {
 public:
  Walker(const dsl::Program& program, Frames& frames, const Inputs& inputs);
  ~Walker();
  Walker(const Walker&) = delete;

  Decision decide(const Stimulus& stimulus);

 private:
  // decide.cc: one a stimulus
  void on(const Start& start);
  void on(const Completed& completed);
  void on(const Failed& failed);
  void on(const TimerFired& fired);
  void end_attempt_in_time(Scope& scope, json::Value error);
  void on(const Cancel& cancel);
  void on(const Poisoned& poisoned);
  void late(const Uuid& invocation, std::uint32_t attempt, std::uint32_t lease, std::string_view key, json::Value what);
  Execution* open_invocation(const Uuid& invocation, std::uint32_t attempt);
  void enforce_state_limit();
  Decision finish(const Stimulus& stimulus);

  // walk_events.cc
  void emit(EventType type, std::string path, json::Value payload);
  // Begins the execution of a task that stays open for now.
  Execution& begin(Activation& at, EventType type, json::ObjectBuilder payload);
  // An event that belongs to a beginning: taken out with it.
  void emit_with(Execution& execution, EventType type, std::string path, json::Value payload);
  bool take_back_beginning(const Execution& execution);
  std::uint32_t open_wait(Execution* execution, WaitKind kind, std::string path, Time due, std::uint32_t attempt = 0);
  void ignore(std::string_view code, std::string_view detail);

  // walk_flow.cc
  void walk();
  bool must_cut() const;
  void cut();
  void enter(Scope& scope);
  void leave(Scope& scope);
  void complete(Activation at, json::Value raw_output, const dsl::Then& then, std::string_view case_name = {});
  std::optional<json::Value> context_left_by(const Execution& execution);
  void end_run(const json::Value& value);
  void cancel_below(Execution& execution);
  void cancel_active(Scope& scope);
  void cancel_everything();
  Activation activation_of(Execution& execution) const;
  std::string next_of(const dsl::Then& then) const;
  const dsl::Task& task_of(const Execution& execution) const { return program_.tasks[execution.task]; }

  // walk_work.cc: step 7 of rule D1, a task kind each
  void work(Activation& at, const dsl::SetTask& task);
  void work(Activation& at, const dsl::SwitchTask& task);
  void work(Activation& at, const dsl::DoTask& task);
  void work(Activation& at, const dsl::RaiseTask& task);
  void work(Activation& at, const dsl::WaitTask& task);
  void work(Activation& at, const dsl::HttpCall& task);
  void work(Activation& at, const dsl::ActionCall& task);
  void work(Activation& at, const dsl::FunctionCall& task);
  void request(Activation& at, std::string action, std::string version, std::string queue, json::Value with);
  json::ObjectBuilder input_payload(const Activation& at) const;

  // walk_blocks.cc
  void work(Activation& at, const dsl::ForTask& task);
  void next_iteration(Execution& loop, std::uint32_t index);
  void work(Activation& at, const dsl::ForkTask& task);
  void join(Execution& fork);

  // walk_try.cc
  struct Catch {
    enum class How : std::uint8_t { passes, retries, handles } how = How::passes;
    json::Value error;  // what passes on: the same, or what a failing `when` raised
    Time retry_at{};
  };
  void work(Activation& at, const dsl::TryTask& task);
  void start_attempt_timer(Execution& attempt);
  void raise(const Activation& at, json::Value error);
  void raise(Scope& scope, std::string path, Execution* execution, json::Value error);
  Catch catch_of(Scope& scope, const json::Value& error);
  Result<bool> catches(const dsl::TryTask& task, const json::Value& error, const Arguments& arguments);
  Result<std::optional<Time>> retry_time(Execution& attempt, const dsl::RetryPolicy& policy, const json::Value& error,
                                         const Arguments& arguments);
  Result<Microseconds> retry_delay(const dsl::RetryPolicy& policy, std::uint32_t number, const json::Value& error,
                                   const Arguments& arguments);
  double random_unit();

  const dsl::Program& program_;
  Frames& frames_;
  const Inputs& inputs_;
  const Time now_;
  Evaluation evaluation_;
  Changes changes_;
  const std::uint32_t first_wait_;
  std::vector<Event> events_;
  std::vector<bool> taken_back_;  // by event
  struct Beginning {
    const Execution* execution;
    std::size_t event;
  };
  std::vector<Beginning> beginnings_;
  std::size_t bytes_ = 0;
  std::uint32_t steps_ = 0;
  std::uint64_t random_;
  std::optional<Microseconds> retry_after_;  // of the failure that is being handled
  std::optional<Effect> effect_;
  bool late_ = false;
  std::optional<Problem> ignored_;
};

}  // namespace pawl::core
