// Evaluating a task's expressions: which value each argument of rule D2 has, built only when the program uses it.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/problem.h"
#include "core/frames.h"
#include "dsl/program.h"
#include "expr/budget.h"
#include "expr/expression.h"
#include "expr/template.h"
#include "json/value.h"

namespace pawl::core {

// One activation of a task while it is looked at: open (execution set) or begun and ended in one go.
struct Activation {
  Scope* scope = nullptr;
  const dsl::Task* task = nullptr;
  std::string path;
  std::uint32_t visit = 1;
  json::Value raw, input;  // raw and transformed input
  Time started_at{};
  std::optional<Time> timeout_due;  // evaluated at step 2 of D1; a wait only if the task stays open
  Execution* execution = nullptr;
};

// The arguments of one evaluation. Null pointers: the place does not have them (the compiler has refused their use).
struct Arguments {
  const Activation* activation = nullptr;            // null for the workflow's own input.from and output.as
  const std::vector<json::Value>* locals = nullptr;  // instead of the scope's
  const json::Value* input = nullptr;
  const json::Value* output = nullptr;
  const json::Value* raw_output = nullptr;  // $task.output
};

class Evaluation {
 public:
  // `budget` is that of one evaluation; `used` counts over all.
  Evaluation(const dsl::Program& program, const Frames& frames, const expr::Budget& budget, Time now)
      : program_(program), frames_(frames), budget_(budget), now_(now) {}

  using Source = std::variant<expr::Template, expr::Expression>;
  Result<json::Value> value(const Source& source, const json::Value& dot, const Arguments& arguments);
  Result<json::Value> value(const expr::Template& source, const json::Value& dot, const Arguments& arguments);
  Result<json::Value> value(const expr::Expression& source, const json::Value& dot, const Arguments& arguments);
  Result<bool> test(const expr::Expression& condition, const json::Value& dot, const Arguments& arguments);

  // From `start`. An expression that gives no ISO 8601 text is an `expression` problem.
  Result<Time> instant(const dsl::Duration& duration, Time start, const json::Value& dot, const Arguments& arguments);
  Result<Microseconds> length(const dsl::Duration& duration, const json::Value& dot, const Arguments& arguments);

  std::uint64_t steps_used() const { return steps_used_; }

 private:
  template <class Source_>
  std::vector<json::Value> variables(const Source_& source, const Arguments& arguments) const;
  template <class Run>
  auto metered(Run&& run);
  json::Value task_argument(const Arguments& arguments) const;
  json::Value workflow_argument() const;
  Time now_of(const Arguments& arguments) const;

  const dsl::Program& program_;
  const Frames& frames_;
  const expr::Budget budget_;
  const Time now_;
  std::uint64_t steps_used_ = 0;
};

}  // namespace pawl::core
