#include "expr/machine.h"

#include <cmath>
#include <utility>

#include "expr/formats.h"
#include "expr/operations.h"

namespace pawl::expr {

using json::Value;

Machine::Machine(const Code& code, const Frame& frame, Budget& budget)
    : code_(code), frame_of_program_(frame), meter_(budget) {
  stack_.push(frame.input);
  frames_.push_back({code.main, no_frame, no_frame, 0, 0, 0});
  slots_.resize(code.main->slots);
  function_ = code.main;
}

std::optional<Value> Machine::next() {
  if (error_) return std::nullopt;
  if (std::exchange(started_, true) && !backtrack()) return std::nullopt;
  for (;;) {
    meter_.steps(1);
    switch (step(function_->code[instruction_++])) {
      case Next::go_on:
        break;
      case Next::backtrack:
        if (!backtrack()) return std::nullopt;
        break;
      case Next::fail:
        if (!fail()) return std::nullopt;
        break;
      case Next::done:
        return stack_.pop();
    }
  }
}

bool Machine::fail() {
  Value error = std::move(*pending_);
  pending_.reset();
  return unwind(std::move(error));
}

Machine::Next Machine::fail_with(Value error) {
  pending_ = std::move(error);
  return Next::fail;
}

void Machine::note(const Value& value) {
  if (value.kind() == json::Kind::number && !std::isfinite(value.number())) made_non_finite_ = true;
}

Machine::Next Machine::put(Outcome outcome) {
  if (!outcome) return fail_with(std::move(outcome.error()));
  note(*outcome);
  stack_.push(std::move(*outcome));
  return Next::go_on;
}

Machine::Next Machine::replace(Outcome outcome) {
  if (!outcome) return fail_with(std::move(outcome.error()));
  note(*outcome);
  stack_.replace(std::move(*outcome));
  return Next::go_on;
}

Machine::Next Machine::load(const Value& value, bool push) {
  if (push) {
    stack_.push(value);
  } else {
    stack_.replace(value);
  }
  return Next::go_on;
}

// The instructions of plain programs; the others stand in step_rare.
Machine::Next Machine::step(const Instruction& i) {
  switch (i.op) {
    case Op::constant:
      return load(constant(i.b), false);
    case Op::push_constant:
      return load(constant(i.b), true);
    case Op::load:
      return load(Value(outer_slot(i.a, i.b)), false);
    case Op::push_load:
      return load(Value(outer_slot(i.a, i.b)), true);
    case Op::load_global:
      return load(global(i.b), false);
    case Op::push_global:
      return load(global(i.b), true);
    case Op::store:
      slot(i.b) = stack_.pop();
      return Next::go_on;
    case Op::take:
      stack_.push(std::exchange(slot(i.b), Value()));
      return Next::go_on;
    case Op::duplicate:
      return load(Value(stack_.top()), true);
    case Op::swap: {
      Value top = stack_.pop(), below = stack_.pop();
      stack_.push(std::move(top));
      stack_.push(std::move(below));
      return Next::go_on;
    }
    case Op::drop:
      stack_.drop();
      return Next::go_on;
    case Op::nip: {
      Value top = stack_.pop();
      stack_.replace(std::move(top));
      return Next::go_on;
    }
    case Op::pick:
      return load(Value(stack_.below(i.a)), true);
    case Op::inner_begin:
      ++paths_.inner;
      return Next::go_on;
    case Op::inner_end:
      --paths_.inner;
      return Next::go_on;
    case Op::field:
      return field(constant(i.b));
    case Op::index:
      return index_top();
    case Op::iterate:
      return iterate();
    case Op::jump:
      instruction_ = i.b;
      return Next::go_on;
    case Op::jump_if_false:
      if (!stack_.pop().is_truthy()) instruction_ = i.b;
      return Next::go_on;
    case Op::fork:
      choose(Choice::Kind::fork, i.b);
      return Next::go_on;
    case Op::backtrack:
      return Next::backtrack;
    case Op::arithmetic:
      return arithmetic_top(i);
    case Op::comparison:
      return compare_top(i);
    case Op::collect_begin:
      slot(i.b) = Value::array();
      return Next::go_on;
    case Op::collect:
      return collect(i.b);
    case Op::object_begin:
      stack_.push(Value::object());
      return Next::go_on;
    case Op::insert:
      return insert(nullptr);
    case Op::insert_constant:
      return insert(&constant(i.b));
    case Op::call:
      call(function_->calls[i.b]);
      return Next::go_on;
    case Op::native:
      return native(i);
    case Op::finish:
      return finish();
    default:
      return step_rare(i);
  }
}

Machine::Next Machine::step_rare(const Instruction& i) {
  switch (i.op) {
    case Op::store_state:
      store_state(i.b);
      return Next::go_on;
    case Op::take_state:
      take_state(i.b);
      return Next::go_on;
    case Op::slice:
      return slice_top(i.a);
    case Op::range:
      return range();
    case Op::to_boolean:
      stack_.replace(stack_.top().is_truthy());
      return Next::go_on;
    case Op::negate:
      return i.a == 1 ? load(Value(!stack_.top().is_truthy()), false) : replace(negated(stack_.top()));
    case Op::format:
      return replace(formatted(meter_, static_cast<Format>(i.a), stack_.top()));
    case Op::concatenate:
      return concatenate(i.a);
    case Op::call_parameter: {
      const Closure closure = closures_[frames_[outer_frame(i.a)].closures + i.b];
      passed_closures_.clear();
      passed_values_.clear();
      enter(closure.function, closure.outer, false);
      return Next::go_on;
    }
    case Op::path_begin:
      path_begin(i.b);
      return Next::go_on;
    case Op::path_end:
      return path_end(i.b);
    case Op::follow:
      return follow();
    case Op::try_begin:
      slot(i.a) = Value::integer(static_cast<std::int64_t>(choices_.size()));
      choose(Choice::Kind::attempt, i.b);
      return Next::go_on;
    case Op::try_end:
      return try_end(i.a);
    case Op::alternative_begin:
      slot(i.a) = Value::integer(static_cast<std::int64_t>(choices_.size()));
      slot(i.a + 1u) = Value(false);
      choose(Choice::Kind::alternative, i.b, frames_[frame_].slots + i.a + 1u);
      return Next::go_on;
    case Op::alternative_test:
      return alternative_test(i.a);
    case Op::mark:
      slot(i.a) = Value::integer(static_cast<std::int64_t>(choices_.size()));
      choose(Choice::Kind::mark, i.b);
      return Next::go_on;
    case Op::cut:
      cut_to(static_cast<std::size_t>(slot(i.a).integer()));
      return Next::go_on;
    case Op::leave:
      cut_to(static_cast<std::size_t>(outer_slot(i.a, i.b).integer()));
      return Next::backtrack;
    case Op::limit_begin:
      return limit_begin(i.a);
    case Op::limit_count:
      return limit_count(i.a);
    case Op::make_path:
      return make_path(i.a, i.b);
    default:
      return modify(i);
  }
}

Machine::Next Machine::arithmetic_top(const Instruction& i) {
  Value top = stack_.pop(), below = stack_.pop();
  Value& left = i.b == 1 ? below : top;
  Value& right = i.b == 1 ? top : below;
  Outcome result = arithmetic(meter_, static_cast<Arithmetic>(i.a), std::move(left), std::move(right));
  if (result) meter_.depth(*result);
  return put(std::move(result));
}

Machine::Next Machine::compare_top(const Instruction& i) {
  Value top = stack_.pop(), below = stack_.pop();
  const Value& left = i.b == 1 ? below : top;
  const Value& right = i.b == 1 ? top : below;
  stack_.push(compare(meter_, static_cast<Comparison>(i.a), left, right));
  return Next::go_on;
}

Machine::Next Machine::insert(const Value* key) {
  Value value = stack_.pop();
  Value name = key != nullptr ? *key : stack_.pop();
  Value object = stack_.pop();
  if (!name.is_string()) return fail_with(Value::string("Cannot use " + described(name) + " as object key"));
  stack_.push(put_member(meter_, std::move(object), std::move(name), std::move(value)));
  return Next::go_on;
}

Machine::Next Machine::collect(std::uint32_t slot_index) {
  Value& array = slot(slot_index);
  array = put_item(meter_, std::move(array), stack_.pop());
  return Next::backtrack;
}

Machine::Next Machine::concatenate(std::uint32_t pieces) {
  std::string text;
  for (; pieces > 0; --pieces) {
    const Value piece = stack_.pop();
    meter_.text_steps(piece.size());
    if (text.size() + piece.size() > meter_.budget().string_bytes) meter_.text(text.size() + piece.size());
    text += piece.text();
  }
  meter_.text(text.size());
  stack_.push(Value::string(text));
  return Next::go_on;
}

Machine::Next Machine::native(const Instruction& i) {
  NativeCall made{meter_, regexes_, frame_of_program_.now, stack_.pop(), {}};
  arguments_.clear();
  for (std::uint16_t n = 0; n < i.a; ++n) arguments_.push_back(stack_.pop());
  made.arguments = arguments_;
  meter_.steps(1);
  Outcome result = natives()[i.b].function(made);
  if (result) meter_.depth(*result);
  return put(std::move(result));
}

}  // namespace pawl::expr
