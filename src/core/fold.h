// Replays events. Shared by apply(), which reads them from the log, and by the walker, which has just made them.
#pragma once

#include "base/problem.h"
#include "core/event.h"
#include "core/frames.h"
#include "dsl/program.h"

namespace pawl::core {

// Changes the frames as the event says; evaluates nothing. `seq` is taken as it is: apply() checks it.
Result<void> fold(const dsl::Program& program, Frames& frames, const Event& event);

}  // namespace pawl::core
