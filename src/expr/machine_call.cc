// Frames: calls, closures and returns.
#include <algorithm>

#include "expr/machine.h"

namespace pawl::expr {

using json::Value;

std::uint32_t Machine::outer_frame(std::uint32_t level) const {
  std::uint32_t at = frame_;
  for (; level > 0; --level) at = frames_[at].outer;
  return at;
}

// The frame that a function runs in sees, through `outer`, the frame that the function was defined in. Levels are
// counted by the compiler; a function of the library has no frame around it.
void Machine::call(const CallSite& site) {
  passed_closures_.clear();
  passed_values_.clear();
  for (const Argument& argument : site.arguments) {
    switch (argument.kind) {
      case Argument::Kind::closure:
        passed_closures_.push_back({argument.function, outer_frame(argument.level)});
        break;
      case Argument::Kind::parameter:
        passed_closures_.push_back(closures_[frames_[outer_frame(argument.level)].closures + argument.index]);
        break;
      case Argument::Kind::value:
        passed_closures_.push_back({nullptr, 0});
        passed_values_.push_back(slot(argument.index));
        break;
    }
  }
  enter(site.function, site.level == CallSite::no_frame ? no_frame : outer_frame(site.level), site.keeps_frame);
}

void Machine::enter(const Function* function, std::uint32_t outer, bool keeps_frame) {
  std::uint32_t caller = frame_, return_to = instruction_;
  // In tail position the caller's frame is not needed any more, unless a choice may go back to it or the callee sees
  // it.
  if (!keeps_frame && function_->code[instruction_].op == Op::finish) {
    caller = frames_[frame_].caller;
    return_to = frames_[frame_].return_to;
    if (frame_ >= protected_frames_) {
      slots_.resize(std::max(frames_[frame_].slots, protected_slots_));
      closures_.resize(std::max(frames_[frame_].closures, protected_closures_));
      frames_.resize(frame_);
    }
  }
  meter_.frames(frames_.size() + 1);
  const auto slots = static_cast<std::uint32_t>(slots_.size()), closures = static_cast<std::uint32_t>(closures_.size());
  frame_ = static_cast<std::uint32_t>(frames_.size());
  frames_.push_back({function, caller, outer, return_to, slots, closures});
  if (slots + function->slots > charged_slots_) {
    meter_.bytes((slots + function->slots - charged_slots_) * sizeof(Value));
    charged_slots_ = slots + function->slots;
  }
  slots_.resize(slots + function->slots);
  closures_.insert(closures_.end(), passed_closures_.begin(), passed_closures_.end());
  std::size_t passed = 0;
  for (std::uint16_t value_slot : function->value_slots) {
    if (value_slot != Function::no_slot) slots_[slots + value_slot] = std::move(passed_values_[passed++]);
  }
  function_ = function;
  instruction_ = 0;
}

Machine::Next Machine::finish() {
  const CallFrame& ended = frames_[frame_];
  if (ended.caller == no_frame) return Next::done;
  instruction_ = ended.return_to;
  frame_ = ended.caller;
  function_ = frames_[frame_].function;
  shrink();
  return Next::go_on;
}

// Frees what lies above the current frame and is not protected.
void Machine::shrink() {
  const CallFrame& frame = frames_[frame_];
  const std::size_t slots = std::max(frame.slots + function_->slots, protected_slots_);
  const std::size_t closures =
      std::max<std::size_t>(frame.closures + function_->value_slots.size(), protected_closures_);
  const std::size_t frames = std::max(frame_ + 1, protected_frames_);
  slots_.resize(std::min(slots, slots_.size()));
  closures_.resize(std::min(closures, closures_.size()));
  if (frames < frames_.size()) frames_.resize(frames);
}

}  // namespace pawl::expr
