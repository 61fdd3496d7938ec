// Execution ids (rule S4): finding the open scope and execution that a path of an event names.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "core/frames.h"
#include "dsl/program.h"

namespace pawl::core {

struct Location {
  Scope* scope = nullptr;              // that the task runs in; null: an enclosing task is not open (any more)
  dsl::TaskIndex task = dsl::no_task;  // set when scope is
  std::uint32_t visit = 1;
  Execution* execution = nullptr;      // when the task itself is open
  Execution* outermost_try = nullptr;  // the outermost open try on the way, whether or not the rest is open
};

// Nullopt when the path cannot be one of this program. `frames` must have a main scope.
std::optional<Location> locate(const dsl::Program& program, Frames& frames, std::string_view path);

// The path of the loop's execution with the mark of one iteration: /do/1/loop[2]~3.
std::string iteration_prefix(const dsl::Program& program, const Execution& loop, std::uint32_t index);

}  // namespace pawl::core
