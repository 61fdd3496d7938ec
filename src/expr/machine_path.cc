// Steps into values, and the paths of them when they are followed.
#include "expr/machine.h"
#include "expr/operations.h"

namespace pawl::expr {

using json::Value;

Machine::Next Machine::field(const Value& key) {
  const Value& x = stack_.top();
  if (!leads_on(x, &key)) return Next::fail;
  if (x.is_object() && !paths_.active()) {
    const Value* found = x.find(key.text());
    stack_.replace(found == nullptr ? Value() : *found);
    return Next::go_on;
  }
  Outcome part = index(meter_, x, key);
  if (part && paths_.active()) append(key, *part);
  return replace(std::move(part));
}

Machine::Next Machine::index_top() {
  const Value x = stack_.pop();
  Value key = stack_.pop();
  if (!leads_on(x, &key)) return Next::fail;
  Outcome part = index(meter_, x, key);
  if (part && paths_.active()) append(std::move(key), *part);
  return put(std::move(part));
}

Machine::Next Machine::slice_top(std::uint16_t bounds) {
  const Value x = stack_.pop();
  const Value to = (bounds & 2) != 0 ? stack_.pop() : Value();
  const Value from = (bounds & 1) != 0 ? stack_.pop() : Value();
  if (!paths_.active()) return put(slice(meter_, x, from, to));
  Value key = Value::object({{"start", from}, {"end", to}});
  if (!leads_on(x, &key)) return Next::fail;
  Outcome part = slice(meter_, x, from, to);
  if (part) append(std::move(key), *part);
  return put(std::move(part));
}

Machine::Next Machine::follow() {
  Value at = stack_.pop();
  const Value path = stack_.pop();
  if (!paths_.active()) return put(get_path(meter_, at, path));
  if (!leads_on(at, &path)) return Next::fail;
  Outcome end = get_path(meter_, at, path);
  if (end) {
    for (const Value& key : path.items()) append(key, Value());
    paths_.at = *end;
  }
  return put(std::move(end));
}

bool Machine::leads_on(const Value& from, const Value* key) {
  if (!paths_.active() || Value::identical(from, paths_.at)) return true;
  const std::string what = key == nullptr ? "iterate through " : "access element " + shortened(*key) + " of ";
  pending_ = Value::string("Invalid path expression near attempt to " + what + shortened(from));
  return false;
}

void Machine::append(Value key, const Value& at) {
  meter_.path(paths_.path.size() + 1);
  if (paths_.path.is_shared()) meter_.steps(1 + paths_.path.size() / 4);
  meter_.bytes(sizeof(Value) * (paths_.path.is_shared() ? paths_.path.size() + 1 : 1));
  paths_.path = json::with_item(std::move(paths_.path), std::move(key));
  paths_.at = at;
}

void Machine::path_begin(std::uint32_t slots) {
  const auto depth = static_cast<std::int64_t>(paths_.inner);
  const std::int64_t inner = paths_.following ? depth : -1 - depth;
  slot(slots) = std::move(paths_.path);
  slot(slots + 1) = std::move(paths_.at);
  slot(slots + 2) = Value::integer(inner);
  paths_ = {.following = true, .inner = 0, .path = Value::array(), .at = stack_.top()};
}

Machine::Next Machine::path_end(std::uint32_t slots) {
  if (!Value::identical(stack_.top(), paths_.at)) {
    return fail_with(Value::string("Invalid path expression with result " + shortened(stack_.top())));
  }
  stack_.replace(std::move(paths_.path));
  const std::int64_t inner = slot(slots + 2).integer();
  paths_.following = inner >= 0;
  paths_.inner = static_cast<std::uint32_t>(inner >= 0 ? inner : -1 - inner);
  paths_.path = slot(slots);
  paths_.at = slot(slots + 1);
  return Next::go_on;
}

// The state of reduce and foreach has a path, if the value is where the path leads. Without one the slot is null, and a
// step from the state is then no path.
void Machine::store_state(std::uint32_t slots) {
  Value value = stack_.pop();
  if (paths_.active()) slot(slots + 1) = Value::identical(value, paths_.at) ? paths_.path : Value();
  slot(slots) = std::move(value);
}

void Machine::take_state(std::uint32_t slots) {
  Value value = std::exchange(slot(slots), Value());
  if (paths_.active() && slot(slots + 1).is_array()) {
    paths_.path = slot(slots + 1);
    paths_.at = value;
  }
  stack_.push(std::move(value));
}

Machine::Next Machine::make_path(std::uint32_t keys, std::uint32_t slot_index) {
  std::vector<Value> path(keys);
  for (std::uint32_t i = keys; i-- > 0;) path[i] = stack_.pop();
  slot(slot_index) = Value::array(std::move(path));
  return Next::go_on;
}

Machine::Next Machine::modify(const Instruction& i) {
  Value& state = slot(i.b);
  const Value& path = slot(i.b + 1);
  switch (i.op) {
    case Op::modify_begin:
      state = stack_.pop();
      slot(i.b + 2) = Value::array();
      return Next::go_on;
    case Op::modify_take:
      return put(take_path(meter_, state, path));
    case Op::modify_put: {
      Outcome changed = set_path(meter_, std::move(state), path, stack_.pop());
      if (!changed) return fail_with(std::move(changed.error()));
      state = std::move(*changed);
      return Next::go_on;
    }
    case Op::modify_drop:
      slot(i.b + 2) = put_item(meter_, std::move(slot(i.b + 2)), path);
      return Next::go_on;
    default: {  // modify_end
      const Value& paths = slot(i.b + 2);
      if (paths.size() == 0) {
        stack_.replace(std::exchange(state, Value()));
        return Next::go_on;
      }
      return replace(delete_paths(meter_, std::exchange(state, Value()), paths));
    }
  }
}

}  // namespace pawl::expr
