// Loops and branches (language-semantics.md section 4, "for" and "fork").
#include "core/errors.h"
#include "core/walker.h"
#include "json/builder.h"

namespace pawl::core {

using json::Value;

void Walker::work(Activation& at, const dsl::ForTask& task) {
  auto items = evaluation_.value(task.in, at.input, {.activation = &at, .input = &at.input});
  if (!items) return raise(at, error_of(items.error(), at.task->reference));
  if (items->is_null()) items = Value::array();
  if (!items->is_array()) {
    return raise(at, make_error(StandardError::expression, 400, "for.in is not an array", at.task->reference));
  }
  json::ObjectBuilder payload = input_payload(at);
  payload.add("items", std::move(*items));
  next_iteration(begin(at, EventType::task_started, std::move(payload)), 0);
}

void Walker::next_iteration(Execution& loop, std::uint32_t index) {
  const dsl::Task& task = task_of(loop);
  const auto& kind = std::get<dsl::ForTask>(task.work);
  const Value value = loop.scopes.empty() ? loop.input : loop.scopes.front()->value;
  if (index >= loop.items.items().size()) return complete(activation_of(loop), value, task.then);
  if (kind.while_) {
    const Activation at = activation_of(loop);
    std::vector<Value> locals = loop.scope->locals;
    locals.push_back(loop.items.items()[index]);
    locals.push_back(Value::integer(index));
    const auto holds =
        evaluation_.test(*kind.while_, value, {.activation = &at, .locals = &locals, .input = &loop.input});
    if (!holds) return raise(at, error_of(holds.error(), task.reference));
    if (!*holds) return complete(at, value, task.then);
  }
  emit_with(loop, EventType::iteration_started, loop.path, Value::object({{"index", Value::integer(index)}}));
}

void Walker::work(Activation& at, const dsl::ForkTask& task) {
  const auto& then = at.task->then;
  if (task.branches.empty()) return complete(std::move(at), Value::array(), then);
  begin(at, EventType::task_started, input_payload(at));
}

namespace {

// Applies what a branch changed of the fork's context: the top-level keys it added, changed or removed; where either is
// not an object, the branch's value replaces all.
Value merged(const Value& context, const Value& base, const Value& branch) {
  if (Value::identical(base, branch) || base == branch) return context;
  if (!base.is_object() || !branch.is_object() || !context.is_object()) return branch;
  // Both are sorted by key: one pass, however many members there are.
  const auto theirs = context.members(), ours = branch.members();
  json::ObjectBuilder result(theirs.size() + ours.size());
  auto their = theirs.begin();
  const auto keep_below = [&](const std::string_view* key) {
    for (; their != theirs.end() && (key == nullptr || their->key() < *key); ++their) {
      if (base.find(their->key()) == nullptr)
        result.add_named(their->name, their->value);  // else the branch removed it
    }
  };
  for (const json::Member& member : ours) {
    const std::string_view key = member.key();
    keep_below(&key);
    const bool is_theirs = their != theirs.end() && their->key() == key;
    const Value* before = base.find(key);
    if (before == nullptr || *before != member.value) {
      result.add_named(member.name, member.value);
    } else if (is_theirs) {
      result.add_named(their->name, their->value);
    }
    if (is_theirs) ++their;
  }
  keep_below(nullptr);
  return result.finish();
}

}  // namespace

void Walker::join(Execution& fork) {
  json::ArrayBuilder outputs(fork.scopes.size());
  const Value base = fork.context_before;
  Value context = base;
  for (const auto& branch : fork.scopes) {
    outputs.add(branch->value);
    context = merged(context, base, *branch->context);
  }
  // The joined context is the task's doing: it stands in the task's own end (and `export.as` sees it as the old value).
  context_of(*fork.scope) = context;
  complete(activation_of(fork), outputs.finish(), task_of(fork).then);
}

}  // namespace pawl::core
