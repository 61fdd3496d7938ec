// The tasks that compute and steer: set, do, switch, for, fork, wait.
#include <array>

#include "dsl/names.h"
#include "dsl/tasks.h"

namespace pawl::dsl {
namespace {

SwitchCase read_case(Context& context, const Reading& reading, const json::Member& member, const std::string& pointer) {
  static constexpr std::array<std::string_view, 2> known{"when", "then"};
  SwitchCase read{std::string(member.key()), std::nullopt, {}};
  if (!check_members(context, member.value, pointer, {known})) return read;
  if (const json::Value* when = member.value.find("when")) {
    read.when = read_expression(context, *when, json::append_pointer(pointer, "when"), reading.view(Site::work));
  }
  if (const json::Value* then = require(context, member.value, pointer, "then")) {
    read.then = read_then(context, *then, json::append_pointer(pointer, "then"), reading.siblings);
  }
  return read;
}

// `each` and `at`, with their defaults. They must differ, or one would hide the other.
std::array<std::string, 2> read_loop_variables(Context& context, const json::Value& loop, const std::string& pointer) {
  std::array<std::string, 2> names{"item", "index"};
  static constexpr std::array<std::string_view, 2> members{"each", "at"};
  for (std::size_t i = 0; i < members.size(); ++i) {
    const json::Value* value = loop.find(members[i]);
    if (value == nullptr || !check_variable_name(context, *value, json::append_pointer(pointer, members[i]))) continue;
    names[i] = value->text();
  }
  if (names[0] == names[1]) {
    context.problems.error("duplicate-variable", pointer, "each and at are both $" + names[0],
                           "name one of them otherwise");
  }
  return names;
}

std::variant<expr::Template, expr::Expression> read_items_of_loop(Context& context, const json::Value& value,
                                                                  const std::string& pointer, const View& view) {
  if (value.is_array()) {
    for (std::size_t i = 0; i < value.items().size(); ++i) {
      if (value.items()[i].is_object()) continue;
      wrong_type(context, value.items()[i], json::append_pointer(pointer, i), "an object",
                 "an array of other values is written as an expression: ${ [1, 2] }");
      break;
    }
    return read_template(context, value, pointer, view);
  }
  if (!value.is_string()) {
    wrong_type(context, value, pointer, "an expression or an array of objects");
    return nothing();
  }
  if (auto expression = read_expression(context, value, pointer, view)) return std::move(*expression);
  return nothing();
}

}  // namespace

Work read_set(Context& context, const Reading& reading) {
  const json::Value& value = *reading.definition.find("set");
  const std::string pointer = reading.at("set");
  if (value.is_object() && value.members().empty()) {
    context.problems.error("invalid-value", pointer, "there is nothing to set", "an empty object is written ${ {} }");
  }
  return SetTask{read_data(context, value, pointer, reading.view(Site::work))};
}

Work read_do(Context& context, const Reading& reading) {
  return DoTask{read_list(context, *reading.definition.find("do"), reading.at("do"), inner_scope(reading))};
}

Work read_switch(Context& context, const Reading& reading) {
  const json::Value& list = *reading.definition.find("switch");
  const std::string pointer = reading.at("switch");
  SwitchTask task;
  if (!list.is_array()) {
    wrong_type(context, list, pointer, "a list of cases",
               list.is_object() ? "begin each case with a hyphen: - name:" : "");
    return task;
  }
  if (list.items().empty()) context.problems.error("invalid-value", pointer, "a switch has at least one case");
  std::unordered_map<std::string_view, std::size_t> names;
  bool has_default = false;
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const json::Value& item = list.items()[i];
    const std::string place = json::append_pointer(pointer, i);
    if (!item.is_object() || item.members().size() != 1) {
      wrong_type(context, item, place, "one case, as an object with its name as only key");
      continue;
    }
    const json::Member& member = item.members()[0];
    const std::string at = json::append_pointer(place, member.key());
    if (!names.emplace(member.key(), i).second) {
      context.problems.error("duplicate-case-name", at, "an earlier case of this switch has the same name", "",
                             Part::key);
    }
    const bool is_default = member.value.is_object() && member.value.find("when") == nullptr;
    if (is_default && has_default) {
      context.problems.error("duplicate-default", at, "an earlier case of this switch has no when either",
                             "only one case can be the default", Part::key);
    }
    has_default = has_default || is_default;
    task.cases.push_back(read_case(context, reading, member, at));
  }
  return task;
}

Work read_for(Context& context, const Reading& reading) {
  static constexpr std::array<std::string_view, 3> known{"each", "in", "at"};
  const json::Value& loop = *reading.definition.find("for");
  const std::string pointer = reading.at("for");
  ForTask task{.each = "item", .at = "index", .in = nothing(), .while_ = std::nullopt, .list = main_list};
  if (check_members(context, loop, pointer, {known})) {
    auto [each, at] = read_loop_variables(context, loop, pointer);
    task.each = std::move(each);
    task.at = std::move(at);
    if (const json::Value* in = require(context, loop, pointer, "in")) {
      task.in = read_items_of_loop(context, *in, json::append_pointer(pointer, "in"), reading.view(Site::work));
    }
  }
  const std::array<std::string, 2> variables{task.each, task.at};
  const Scope body = inner_scope(reading, variables);
  if (const json::Value* condition = reading.definition.find("while")) {
    task.while_ = read_expression(context, *condition, reading.at("while"), {Site::work, body.locals});
  }
  if (const json::Value* list = require(context, reading.definition, reading.reference, "do")) {
    task.list = read_list(context, *list, reading.at("do"), body);
  }
  return task;
}

// Each branch is a list of its own, of one task: no `then` leads from one to another (rule F4).
Work read_fork(Context& context, const Reading& reading) {
  static constexpr std::array<std::string_view, 2> known{"branches", "compete"};
  const json::Value& fork = *reading.definition.find("fork");
  const std::string pointer = reading.at("fork");
  ForkTask task;
  if (!check_members(context, fork, pointer, {known})) return task;
  if (const json::Value* compete = fork.find("compete")) {
    const std::string place = json::append_pointer(pointer, "compete");
    if (!compete->is_boolean()) {
      wrong_type(context, *compete, place, "true or false");
    } else if (compete->boolean()) {
      unsupported(context, place, "compete: true");
    }
  }
  const json::Value* branches = require(context, fork, pointer, "branches");
  if (branches == nullptr) return task;
  const auto items = read_items(context, *branches, json::append_pointer(pointer, "branches"));
  const Scope scope = inner_scope(reading);
  for (const Item& item : items) {
    const ListIndex list = add_list(context, reading.index);
    task.branches.push_back(list);
    read_tasks(context, list, std::span(&item, 1), scope);
  }
  return task;
}

Work read_wait(Context& context, const Reading& reading) {
  const json::Value& value = *reading.definition.find("wait");
  return WaitTask{read_duration(context, value, reading.at("wait"), reading.view(Site::work))};
}

}  // namespace pawl::dsl
