// Tasks and lists of tasks (rules S2–S4, F1, D1).
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "dsl/context.h"
#include "dsl/programs.h"

namespace pawl::dsl {

// A task as it stands in a list: its name, its definition and its reference, which is the pointer to it.
struct Item {
  std::string_view name;
  const json::Value* definition = nullptr;
  std::string reference;
};

// What `then` may name: the tasks of one list, in order.
struct Siblings {
  std::unordered_map<std::string_view, TaskIndex> tasks;
  std::vector<std::string_view> names;
};

// A task that is being read, and where it stands.
struct Reading {
  const json::Value& definition;
  const std::string& reference;
  TaskIndex index;
  const Scope& scope;
  const Siblings& siblings;

  View view(Site site) const { return {site, scope.locals}; }
  std::string at(std::string_view member) const { return json::append_pointer(reference, member); }
};

// The items of a `do`, `try` or `branches`: shape and names are checked, what has no shape is left out.
std::vector<Item> read_items(Context& context, const json::Value& list, const std::string& pointer);

// Reads the items into the list, which exists already.
void read_tasks(Context& context, ListIndex list, std::span<const Item> items, const Scope& scope);

// A new list with the tasks at the pointer.
ListIndex read_list(Context& context, const json::Value& list, const std::string& pointer, const Scope& scope);

// An empty new list.
ListIndex add_list(Context& context, TaskIndex owner);

// A flow directive or the name of a sibling.
Then read_then(Context& context, const json::Value& value, const std::string& pointer, const Siblings& siblings);

// A timeout object, or the name of one of use.timeouts (rule P1).
std::optional<Duration> read_timeout(Context& context, const json::Value& value, const std::string& pointer,
                                     const View& view);

// The member of a data object, {from} or {as}; `schema` in it is not supported yet.
std::optional<Data> read_data_member(Context& context, const json::Value& value, const std::string& pointer,
                                     std::string_view member, const View& view);

// Each reads what is special to one kind of task.
Work read_set(Context& context, const Reading& reading);
Work read_do(Context& context, const Reading& reading);
Work read_switch(Context& context, const Reading& reading);
Work read_for(Context& context, const Reading& reading);
Work read_fork(Context& context, const Reading& reading);
Work read_try(Context& context, const Reading& reading);
Work read_raise(Context& context, const Reading& reading);
Work read_wait(Context& context, const Reading& reading);
Work read_call(Context& context, const Reading& reading);

// The scope of a list inside the task, with more variables.
Scope inner_scope(const Reading& reading, std::span<const std::string> more = {});

}  // namespace pawl::dsl
