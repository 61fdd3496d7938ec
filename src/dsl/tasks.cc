#include "dsl/tasks.h"

#include <algorithm>
#include <array>

#include "base/limits.h"
#include "dsl/additions.h"
#include "dsl/names.h"
#include "dsl/suggest.h"

namespace pawl::dsl {
namespace {

// A kind of task is told by its keyword. Those without a reader are not supported yet.
struct TaskKind {
  std::string_view keyword;
  std::array<std::string_view, 3> members;  // beside those of every task; unused ones are empty
  Work (*read)(Context&, const Reading&);
};

constexpr std::array<std::string_view, 7> common_members{"if",      "input", "output",  "export",
                                                         "timeout", "then",  "metadata"};

constexpr std::array<TaskKind, 12> kinds{{
    {"call", {"call", "with"}, read_call},
    {"do", {"do"}, read_do},
    {"emit", {"emit"}, nullptr},
    {"for", {"for", "while", "do"}, read_for},
    {"fork", {"fork"}, read_fork},
    {"listen", {"listen", "foreach"}, nullptr},
    {"raise", {"raise"}, read_raise},
    {"run", {"run"}, nullptr},
    {"set", {"set"}, read_set},
    {"switch", {"switch"}, read_switch},
    {"try", {"try", "catch"}, read_try},
    {"wait", {"wait"}, read_wait},
}};

// The kind of the task, or null after reporting that there is none or more than one. `do` belongs to `for` too.
const TaskKind* find_kind(Context& context, const json::Value& definition, const std::string& reference) {
  const TaskKind* found = nullptr;
  for (const TaskKind& kind : kinds) {
    if (definition.find(kind.keyword) == nullptr) continue;
    if (kind.keyword == "for" && found != nullptr && found->keyword == "do") found = nullptr;
    if (found != nullptr) {
      context.problems.error(
          "ambiguous-task", reference,
          "the task is both \"" + std::string(found->keyword) + "\" and \"" + std::string(kind.keyword) + "\"",
          "make two tasks of it");
      return nullptr;
    }
    found = &kind;
  }
  if (found != nullptr) return found;
  std::array<std::string_view, kinds.size()> keywords;
  std::ranges::transform(kinds, keywords.begin(), &TaskKind::keyword);
  std::string hint;
  for (const json::Member& member : definition.members()) {
    if (hint.empty() && std::ranges::find(common_members, member.key()) == common_members.end()) {
      hint = did_you_mean(member.key(), keywords);
    }
  }
  if (hint.empty()) hint = "a task has one of call, do, for, fork, raise, set, switch, try, wait";
  context.problems.error("unknown-task", reference, "nothing here says what the task does", std::move(hint), Part::key);
  return nullptr;
}

void check_task_members(Context& context, const Reading& reading, const TaskKind& kind) {
  std::vector<std::string_view> known(common_members.begin(), common_members.end());
  std::ranges::copy_if(kind.members, std::back_inserter(known), [](auto name) { return !name.empty(); });
  check_members(context, reading.definition, reading.reference, {known});
}

// What every task may have, in the order of rule D1.
void read_common(Context& context, const Reading& reading, Task& task) {
  const auto member = [&](std::string_view name) { return reading.definition.find(name); };
  if (const json::Value* value = member("if")) {
    task.condition = read_expression(context, *value, reading.at("if"), reading.view(Site::before));
  }
  if (const json::Value* value = member("timeout")) {
    task.timeout = read_timeout(context, *value, reading.at("timeout"), reading.view(Site::before));
  }
  if (const json::Value* value = member("input")) {
    task.input_from = read_data_member(context, *value, reading.at("input"), "from", reading.view(Site::before));
  }
  if (const json::Value* value = member("output")) {
    task.output_as = read_data_member(context, *value, reading.at("output"), "as", reading.view(Site::work));
  }
  if (const json::Value* value = member("export")) {
    task.export_as = read_data_member(context, *value, reading.at("export"), "as", reading.view(Site::after));
  }
  if (const json::Value* value = member("then")) {
    task.then = read_then(context, *value, reading.at("then"), reading.siblings);
  }
  task.queue = context.queue;
  if (const json::Value* value = member("metadata")) {
    const bool is_try = member("try") != nullptr;
    auto queue = read_task_metadata(context, *value, reading.at("metadata"), is_try);
    if (queue) task.queue = std::move(*queue);
  }
}

// Rule S4: these characters of a name have a meaning in an execution id.
std::string percent_encode_marks(std::string_view text) {
  std::string encoded;
  for (const char c : text) {
    switch (c) {
      case '%':
        encoded += "%25";
        break;
      case '[':
        encoded += "%5B";
        break;
      case ']':
        encoded += "%5D";
        break;
      case '!':
        encoded += "%21";
        break;
      case '>':
        encoded += "%3E";
        break;
      default:
        encoded += c;
    }
  }
  return encoded;
}

// A list without an owner that is not the main one is a function's.
std::string segment_of(const Item& item, const Scope& scope, ListIndex list) {
  const bool is_function = scope.owner == no_task && list != main_list;
  const std::string inside = percent_encode_marks(std::string_view(item.reference).substr(scope.reference.size()));
  return is_function ? ">" + inside : inside;
}

Task blank_task() {
  return Task{.name = {},
              .reference = {},
              .segment = {},
              .locals = {},
              .definition = {},
              .condition = {},
              .timeout = {},
              .input_from = {},
              .output_as = {},
              .export_as = {},
              .then = {},
              .queue = {},
              .work = SetTask{nothing()}};
}

void read_task(Context& context, const Item& item, const Reading& reading, Task& task) {
  task.name = item.name;
  task.reference = item.reference;
  task.locals = reading.scope.locals;
  task.definition = *item.definition;
  if (!expect_object(context, *item.definition, item.reference, "a task")) return;
  const TaskKind* kind = find_kind(context, *item.definition, item.reference);
  read_common(context, reading, task);
  if (kind == nullptr) return;
  check_task_members(context, reading, *kind);
  if (kind->read == nullptr) return unsupported(context, reading.at(kind->keyword), kind->keyword);
  task.work = kind->read(context, reading);
}

void report_long_reference(Context& context, const std::string& reference) {
  context.problems.error(
      "invalid-name", reference,
      "the names around this task are longer than " + std::to_string(reference_bytes_at_most) + " bytes together", "",
      Part::key);
}

// False after reporting, once, that the program would be too large.
bool has_room_for(Context& context, std::span<const Item> items) {
  if (context.program.tasks.size() + items.size() <= program_tasks_at_most) return true;
  if (!context.too_many_tasks) {
    context.problems.error("too-many-tasks", items.front().reference,
                           "a definition has at most " + std::to_string(program_tasks_at_most) + " tasks", "",
                           Part::key);
  }
  context.too_many_tasks = true;
  return false;
}

}  // namespace

Scope inner_scope(const Reading& reading, std::span<const std::string> more) {
  Scope inner{reading.index, reading.reference, reading.scope.locals};
  inner.locals.insert(inner.locals.end(), more.begin(), more.end());
  return inner;
}

ListIndex add_list(Context& context, TaskIndex owner) {
  context.program.lists.push_back({{}, owner});
  return static_cast<ListIndex>(context.program.lists.size() - 1);
}

std::vector<Item> read_items(Context& context, const json::Value& list, const std::string& pointer) {
  std::vector<Item> items;
  if (!list.is_array()) {
    wrong_type(context, list, pointer, "a list of tasks",
               list.is_object() ? "begin each task with a hyphen: - name:" : "");
    return items;
  }
  std::unordered_map<std::string_view, std::size_t> names;
  for (std::size_t i = 0; i < list.items().size(); ++i) {
    const json::Value& item = list.items()[i];
    const std::string place = json::append_pointer(pointer, i);
    if (!item.is_object() || item.members().size() != 1) {
      wrong_type(context, item, place, "one task, as an object with its name as only key",
                 item.is_object() ? "are the members of the task indented deeper than its name?" : "");
      continue;
    }
    const json::Member& member = item.members()[0];
    Item read{member.key(), &member.value, json::append_pointer(place, member.key())};
    const bool named = check_task_name(context, read.name, read.reference);
    if (read.reference.size() > reference_bytes_at_most) {
      if (named) report_long_reference(context, read.reference);
      continue;
    }
    // A task with a wrong name is read all the same, so that what is wrong inside it is reported too.
    if (const auto [first, is_new] = names.emplace(read.name, i); !is_new) {
      context.problems.error("duplicate-task-name", read.reference,
                             "the task at place " + std::to_string(first->second) + " of this list has the same name",
                             "then could not tell the two apart", Part::key);
    }
    items.push_back(std::move(read));
  }
  return items;
}

void read_tasks(Context& context, ListIndex list, std::span<const Item> items, const Scope& scope) {
  if (items.empty() || !has_room_for(context, items)) return;
  const auto first = static_cast<TaskIndex>(context.program.tasks.size());
  Siblings siblings;
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto index = static_cast<TaskIndex>(first + i);
    siblings.tasks.emplace(items[i].name, index);
    siblings.names.push_back(items[i].name);
    context.program.lists[list].tasks.push_back(index);
    context.program.tasks.push_back(blank_task());
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    const auto index = static_cast<TaskIndex>(first + i);
    Task task = blank_task();
    task.list = list;
    task.position = static_cast<std::uint32_t>(i);
    task.segment = segment_of(items[i], scope, list);
    read_task(context, items[i], {*items[i].definition, items[i].reference, index, scope, siblings}, task);
    context.program.tasks[index] = std::move(task);
  }
}

ListIndex read_list(Context& context, const json::Value& list, const std::string& pointer, const Scope& scope) {
  const ListIndex index = add_list(context, scope.owner);
  read_tasks(context, index, read_items(context, list, pointer), scope);
  return index;
}

Then read_then(Context& context, const json::Value& value, const std::string& pointer, const Siblings& siblings) {
  if (!expect_string(context, value, pointer, "continue, exit, end or the name of a task")) return {};
  const std::string_view name = value.text();
  if (name == "continue") return {};
  if (name == "exit") return {Then::Kind::exit};
  if (name == "end") return {Then::Kind::end};
  if (!check_literal_name(context, name, pointer)) return {};
  if (const auto found = siblings.tasks.find(name); found != siblings.tasks.end())
    return {Then::Kind::task, found->second};
  if (!context.problems.has_room()) return {};
  std::vector<std::string_view> candidates{"continue", "exit", "end"};
  candidates.insert(candidates.end(), siblings.names.begin(), siblings.names.end());
  std::string hint = did_you_mean(name, candidates);
  if (hint.empty()) hint = "then names a task of the same list; to leave the list, use exit or end";
  context.problems.error("then-scope", pointer,
                         "no task of this list is named \"" + std::string(name.substr(0, limits::name_bytes)) + "\"",
                         std::move(hint));
  return {};
}

}  // namespace pawl::dsl
