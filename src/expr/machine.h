// Evaluates compiled programs: a stack machine with backtracking. Neither deep data nor deep programs cost C++ stack.
//
// A *choice* is a place to go back to: which instruction, which frame, which operand stack. Backtracking goes to the
// youngest choice; a program is over when none is left. An error takes away choices until it meets that of a `try`.
// Frames, slots and closures above the youngest choice are freed when a function ends; those below it must stay, since
// going back may need them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include "base/time.h"
#include "expr/code.h"
#include "expr/expression.h"
#include "expr/meter.h"
#include "expr/native.h"
#include "expr/stack.h"
#include "json/value.h"

namespace pawl::expr {

class Machine {
 public:
  // `code` and what `frame` refers to must outlive the machine.
  Machine(const Code& code, const Frame& frame, Budget& budget);

  // The next result; nothing when there are no more, or when an error ended the evaluation. Throws Exhausted.
  std::optional<json::Value> next();

  // Whether a number came up that JSON does not have (J3): results must be cleaned then.
  bool made_non_finite() const { return made_non_finite_; }

  // What ended the evaluation, if an error did.
  const std::optional<json::Value>& error() const { return error_; }

 private:
  enum class Next : std::uint8_t { go_on, backtrack, fail, done };

  struct CallFrame {
    const Function* function;
    std::uint32_t caller;  // no_frame for the program itself
    std::uint32_t outer;   // of the function that this one was defined in
    std::uint32_t return_to;
    std::uint32_t slots;  // where its slots and closures begin
    std::uint32_t closures;
  };

  struct Closure {
    const Function* function;
    std::uint32_t outer;
  };

  // Paths are followed while `following` is set and no argument is being computed.
  struct Paths {
    bool following = false;
    std::uint32_t inner = 0;  // arguments within arguments
    json::Value path;
    json::Value at;  // the value at that path

    bool active() const { return following && inner == 0; }
  };

  struct Choice {
    enum class Kind : std::uint8_t { fork, iterate, range, attempt, attempt_end, alternative, mark } kind;
    std::uint32_t instruction;
    std::uint32_t frame, frames, slots, closures;
    std::uint32_t top, entries;
    std::uint32_t other;  // iterate: the next item; attempt_end: the attempt's choice; alternative: its slot
    json::Value number;   // range: the next one
    Paths paths;
  };

  static constexpr std::uint32_t no_frame = UINT32_MAX;

  Next step(const Instruction& instruction);
  Next step_rare(const Instruction& instruction);
  bool backtrack();                // false when no choice is left
  bool unwind(json::Value error);  // false when nothing catches it
  bool fail();                     // unwinds with pending_

  // Values
  Next load(const json::Value& value, bool push);
  const json::Value& global(std::uint32_t index) const {
    static const json::Value absent;
    return index < frame_of_program_.variables.size() ? frame_of_program_.variables[index] : absent;
  }
  json::Value& slot(std::uint32_t index) { return slots_[frames_[frame_].slots + index]; }
  json::Value& outer_slot(std::uint32_t level, std::uint32_t index) {
    return slots_[frames_[outer_frame(level)].slots + index];
  }
  std::uint32_t outer_frame(std::uint32_t level) const;
  Next put(Outcome outcome);      // pushes it or fails
  Next replace(Outcome outcome);  // the same in place of the top
  void note(const json::Value& value);
  const json::Value& constant(std::uint32_t index) const { return function_->constants[index]; }
  Next fail_with(json::Value error);

  // machine_path.cc
  Next field(const json::Value& key);
  Next index_top();
  Next slice_top(std::uint16_t bounds);
  Next follow();
  bool leads_on(const json::Value& from, const json::Value* key);  // whether a path may go on from here
  void append(json::Value key, const json::Value& at);
  void path_begin(std::uint32_t slots);
  Next path_end(std::uint32_t slots);
  void store_state(std::uint32_t slots);
  void take_state(std::uint32_t slots);
  Next modify(const Instruction& instruction);
  Next make_path(std::uint32_t keys, std::uint32_t slot_index);

  // machine_choice.cc
  void choose(Choice::Kind kind, std::uint32_t instruction, std::uint32_t other = 0);
  void protect();
  void cut_to(std::size_t choices);
  void go_back(const Choice& choice);
  Next iterate();
  void next_item();
  Next range();
  void next_number();
  Next try_end(std::uint32_t slot_index);
  Next alternative_test(std::uint32_t slot_index);
  Next limit_begin(std::uint32_t slots);
  Next limit_count(std::uint32_t slots);

  // machine_call.cc
  void call(const CallSite& site);
  void enter(const Function* function, std::uint32_t outer, bool keeps_frame);
  void shrink();
  Next finish();

  Next arithmetic_top(const Instruction& instruction);
  Next compare_top(const Instruction& instruction);
  Next insert(const json::Value* key);
  Next concatenate(std::uint32_t pieces);
  Next native(const Instruction& instruction);
  Next collect(std::uint32_t slot_index);

  const Code& code_;
  const Frame& frame_of_program_;
  Meter meter_;
  RegexCache regexes_;
  OperandStack stack_;
  std::vector<CallFrame> frames_;
  std::vector<json::Value> slots_;
  std::vector<Closure> closures_;
  std::vector<Choice> choices_;
  std::vector<Closure> passed_closures_;  // of the call being made
  std::vector<json::Value> passed_values_;
  std::vector<json::Value> arguments_;  // of the native being called
  Paths paths_;
  const Function* function_ = nullptr;  // of the current frame
  std::uint32_t frame_ = 0;
  std::uint32_t instruction_ = 0;  // the next one
  std::uint32_t protected_frames_ = 0, protected_slots_ = 0, protected_closures_ = 0;
  std::size_t charged_slots_ = 0, charged_choices_ = 0, charged_entries_ = 0;
  bool started_ = false;
  bool made_non_finite_ = false;
  std::optional<json::Value> pending_;  // the error that an instruction failed with
  std::optional<json::Value> error_;
};

}  // namespace pawl::expr
