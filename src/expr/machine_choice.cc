// Choices: making them, going back to them, dropping them.
#include <algorithm>
#include <cmath>

#include "expr/machine.h"
#include "expr/operations.h"

namespace pawl::expr {

using json::Value;

void Machine::choose(Choice::Kind kind, std::uint32_t instruction, std::uint32_t other) {
  if (choices_.size() + 1 > charged_choices_) {
    meter_.bytes(sizeof(Choice));
    charged_choices_ = choices_.size() + 1;
  }
  if (stack_.size() > charged_entries_) {
    meter_.bytes((stack_.size() - charged_entries_) * (sizeof(Value) + sizeof(Value) / 2));
    charged_entries_ = stack_.size();
  }
  choices_.push_back({.kind = kind,
                      .instruction = instruction,
                      .frame = frame_,
                      .frames = static_cast<std::uint32_t>(frames_.size()),
                      .slots = static_cast<std::uint32_t>(slots_.size()),
                      .closures = static_cast<std::uint32_t>(closures_.size()),
                      .top = stack_.position(),
                      .entries = stack_.size(),
                      .other = other,
                      .number = {},
                      .paths = paths_});
  protect();
}

void Machine::protect() {
  if (choices_.empty()) {
    stack_.protect(0);
    protected_frames_ = protected_slots_ = protected_closures_ = 0;
    return;
  }
  const Choice& youngest = choices_.back();
  stack_.protect(youngest.entries);
  protected_frames_ = youngest.frames;
  protected_slots_ = youngest.slots;
  protected_closures_ = youngest.closures;
}

void Machine::cut_to(std::size_t choices) {
  while (choices_.size() > choices) choices_.pop_back();
  protect();
}

void Machine::go_back(const Choice& choice) {
  frames_.resize(choice.frames);
  slots_.resize(choice.slots);
  closures_.resize(choice.closures);
  stack_.restore(choice.top, choice.entries);
  paths_ = choice.paths;
  frame_ = choice.frame;
  function_ = frames_[frame_].function;
  instruction_ = choice.instruction;
}

bool Machine::backtrack() {
  while (!choices_.empty()) {
    Choice& choice = choices_.back();
    switch (choice.kind) {
      case Choice::Kind::iterate:
        go_back(choice);
        next_item();
        return true;
      case Choice::Kind::range:
        go_back(choice);
        next_number();
        return true;
      case Choice::Kind::attempt:
      case Choice::Kind::attempt_end:
        break;
      case Choice::Kind::mark:
      case Choice::Kind::alternative:
      case Choice::Kind::fork:
        if (choice.instruction == nowhere) break;
        if (choice.kind == Choice::Kind::alternative && slots_[choice.other].boolean()) break;
        go_back(choice);
        cut_to(choices_.size() - 1);
        return true;
    }
    cut_to(choices_.size() - 1);
  }
  return false;
}

// An error raised after try_end comes from outside of the `try`: its choice is dropped with all that it encloses.
bool Machine::unwind(Value error) {
  while (!choices_.empty()) {
    const Choice& choice = choices_.back();
    if (choice.kind == Choice::Kind::attempt_end) {
      cut_to(choice.other);
      continue;
    }
    if (choice.kind != Choice::Kind::attempt) {
      cut_to(choices_.size() - 1);
      continue;
    }
    const bool handled = choice.instruction != nowhere;
    if (handled) go_back(choice);
    cut_to(choices_.size() - 1);
    if (!handled) return backtrack();
    stack_.replace(std::move(error));
    return true;
  }
  error_ = std::move(error);
  return false;
}

Machine::Next Machine::try_end(std::uint32_t slot_index) {
  const auto attempt = static_cast<std::size_t>(slot(slot_index).integer());
  if (choices_.size() == attempt + 1) {
    cut_to(attempt);  // it cannot give another result
  } else {
    choose(Choice::Kind::attempt_end, nowhere, static_cast<std::uint32_t>(attempt));
  }
  return Next::go_on;
}

Machine::Next Machine::alternative_test(std::uint32_t slot_index) {
  if (!stack_.top().is_truthy()) return Next::backtrack;
  const auto alternative = static_cast<std::size_t>(slot(slot_index).integer());
  if (choices_.size() == alternative + 1) {
    cut_to(alternative);
  } else {
    slot(slot_index + 1) = Value(true);
  }
  return Next::go_on;
}

// The choice keeps the container on its stack and the position of the next item.
Machine::Next Machine::iterate() {
  const Value& container = stack_.top();
  if (!container.is_array() && !container.is_object()) {
    return fail_with(
        Value::string("Cannot iterate over " + (container.is_null() ? std::string("null") : described(container))));
  }
  if (!leads_on(container, nullptr)) return Next::fail;
  if (container.size() == 0) return Next::backtrack;
  choose(Choice::Kind::iterate, instruction_);
  next_item();
  return Next::go_on;
}

void Machine::next_item() {
  Choice& choice = choices_.back();
  const std::uint32_t position = choice.other++;
  const bool is_last = choice.other == stack_.top().size();
  if (is_last) cut_to(choices_.size() - 1);
  const Value container = stack_.pop();
  if (container.is_array()) {
    const Value& item = container.items()[position];
    if (paths_.active()) append(Value::integer(position), item);
    stack_.push(item);
  } else {
    const json::Member& member = container.members()[position];
    if (paths_.active()) append(member.name, member.value);
    stack_.push(member.value);
  }
}

Machine::Next Machine::range() {
  const Value &from = stack_.top(), &to = stack_.below(1), &by = stack_.below(2);
  if (!from.is_number() || !to.is_number() || !by.is_number()) {
    return fail_with(Value::string("Range bounds must be numeric"));
  }
  const bool rising = by.number() > 0 && Value::compare(from, to) < 0;
  const bool falling = by.number() < 0 && Value::compare(from, to) > 0;
  if (!rising && !falling) return Next::backtrack;
  choose(Choice::Kind::range, instruction_);
  choices_.back().number = from;
  next_number();
  return Next::go_on;
}

void Machine::next_number() {
  Choice& choice = choices_.back();
  const Value number = choice.number;
  const Value &to = stack_.below(1), &by = stack_.below(2);
  Value following = *arithmetic(meter_, Arithmetic::add, number, by);
  const bool more = by.number() > 0 ? Value::compare(following, to) < 0 : Value::compare(following, to) > 0;
  if (more) {
    choice.number = std::move(following);
  } else {
    cut_to(choices_.size() - 1);
  }
  stack_.drop();
  stack_.drop();
  stack_.replace(number);
}

Machine::Next Machine::limit_begin(std::uint32_t slots) {
  const Value count = stack_.pop();
  if (!count.is_number()) return fail_with(Value::string("Invalid arguments to limit"));
  if (count.number() == 0) return Next::backtrack;
  slot(slots) = Value::integer(static_cast<std::int64_t>(choices_.size()));
  slot(slots + 1) = Value::number(count.number());
  choose(Choice::Kind::mark, nowhere);
  return Next::go_on;
}

// A negative limit is none (jq 1.7).
Machine::Next Machine::limit_count(std::uint32_t slots) {
  const double left = slot(slots + 1).number() - 1;
  slot(slots + 1) = Value::number(left);
  if (left <= 0 && left > -1) cut_to(static_cast<std::size_t>(slot(slots).integer()));
  return Next::go_on;
}

}  // namespace pawl::expr
