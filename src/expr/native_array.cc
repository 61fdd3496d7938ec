// Functions about arrays, and about objects as lists of entries.
#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "expr/native.h"
#include "expr/operations.h"
#include "json/builder.h"
#include "json/merge_sort.h"

namespace pawl::expr {

using json::Value;

namespace {

std::unexpected<Value> not_sortable(const Value& x) {
  return raise(described(x) + " cannot be sorted, as it is not an array");
}

// Items with the keys that they are ordered by.
struct Keyed {
  Value key, item;
};

// `keys` are arrays of the results of the key function, as `map([f])` makes them: one for each item.
bool fits(const Value& x, const Value& keys) { return x.is_array() && keys.is_array() && x.size() == keys.size(); }

std::unexpected<Value> do_not_fit(const Value& x, const Value& keys) {
  return raise(described(x) + " and " + described(keys) + " cannot be sorted, as they are not both arrays");
}

std::vector<Keyed> keyed(Meter& meter, const Value& x, const Value& keys) {
  meter.array(x.size() * 2);
  meter.steps(x.size());
  std::vector<Keyed> list;
  list.reserve(x.size());
  for (std::size_t i = 0; i < x.size(); ++i) list.push_back({keys.items()[i], x.items()[i]});
  return list;
}

void sort_keyed(Meter& meter, std::vector<Keyed>& list) {
  json::merge_sort(list, [&meter](const Keyed& a, const Keyed& b) {
    meter.compare(a.key, b.key);
    return Value::compare(a.key, b.key) < 0;
  });
}

Outcome sort(NativeCall& call) {
  if (!call.input.is_array()) return not_sortable(call.input);
  call.meter.array(call.input.size());
  std::vector<Value> items(call.input.items().begin(), call.input.items().end());
  json::merge_sort(items, [&call](const Value& a, const Value& b) {
    call.meter.compare(a, b);
    return Value::compare(a, b) < 0;
  });
  return Value::array(std::move(items));
}

Outcome sort_by(NativeCall& call) {
  if (!fits(call.input, call.arguments[0])) return do_not_fit(call.input, call.arguments[0]);
  std::vector<Keyed> list = keyed(call.meter, call.input, call.arguments[0]);
  sort_keyed(call.meter, list);
  json::ArrayBuilder sorted(list.size());
  for (Keyed& one : list) sorted.add(std::move(one.item));
  return sorted.finish();
}

Outcome group_by(NativeCall& call) {
  if (!fits(call.input, call.arguments[0])) return do_not_fit(call.input, call.arguments[0]);
  std::vector<Keyed> list = keyed(call.meter, call.input, call.arguments[0]);
  sort_keyed(call.meter, list);
  json::ArrayBuilder groups;
  for (std::size_t begin = 0; begin < list.size();) {
    json::ArrayBuilder group;
    std::size_t end = begin;
    do {
      call.meter.array(1);
      group.add(std::move(list[end].item));
      ++end;
      if (end < list.size()) call.meter.compare(list[begin].key, list[end].key);
    } while (end < list.size() && Value::compare(list[begin].key, list[end].key) == 0);
    groups.add(group.finish());
    begin = end;
  }
  return groups.finish();
}

Outcome unique_by(NativeCall& call) {
  if (!fits(call.input, call.arguments[0])) return do_not_fit(call.input, call.arguments[0]);
  std::vector<Keyed> list = keyed(call.meter, call.input, call.arguments[0]);
  sort_keyed(call.meter, list);
  json::ArrayBuilder kept;
  for (std::size_t i = 0; i < list.size(); ++i) {
    if (i > 0) call.meter.compare(list[i - 1].key, list[i].key);
    if (i == 0 || Value::compare(list[i - 1].key, list[i].key) != 0) kept.add(list[i].item);
  }
  return kept.finish();
}

Outcome unique(NativeCall& call) {
  Outcome sorted = sort(call);
  if (!sorted) return sorted;
  json::ArrayBuilder kept;
  const Value* last = nullptr;
  for (const Value& item : sorted->items()) {
    if (last != nullptr) call.meter.compare(*last, item);
    if (last == nullptr || Value::compare(*last, item) != 0) kept.add(item);
    last = &item;
  }
  return kept.finish();
}

// Of equals the first is the least and the last is the greatest, as in jq.
Outcome extreme(NativeCall& call, const Value& keys, bool greatest) {
  if (!fits(call.input, keys))
    return raise(described(call.input) + " and " + described(keys) + " cannot be iterated over");
  std::size_t best = 0;
  for (std::size_t i = 1; i < call.input.size(); ++i) {
    call.meter.compare(keys.items()[best], keys.items()[i]);
    const auto order = Value::compare(keys.items()[i], keys.items()[best]);
    if (greatest ? order >= 0 : order < 0) best = i;
  }
  return call.input.size() == 0 ? Value() : call.input.items()[best];
}

Outcome min(NativeCall& call) { return extreme(call, call.input, false); }
Outcome max(NativeCall& call) { return extreme(call, call.input, true); }
Outcome min_by(NativeCall& call) { return extreme(call, call.arguments[0], false); }
Outcome max_by(NativeCall& call) { return extreme(call, call.arguments[0], true); }

Outcome add(NativeCall& call) {
  if (!call.input.is_array() && !call.input.is_object()) {
    return raise("Cannot iterate over " + (call.input.is_null() ? std::string("null") : described(call.input)));
  }
  Value sum;
  auto plus = [&](const Value& item) -> Outcome {
    call.meter.steps(1);
    return arithmetic(call.meter, Arithmetic::add, std::move(sum), item);
  };
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    Outcome next = plus(call.input.is_array() ? call.input.items()[i] : call.input.members()[i].value);
    if (!next) return next;
    sum = std::move(*next);
  }
  return sum;
}

// jq's own is [.[length - 1 - range(0; length)]]: nothing to look up where the length is 0.
Outcome reverse(NativeCall& call) {
  const Value& x = call.input;
  if (x.is_boolean()) return raise(described(x) + " has no length");
  if (!x.is_array()) {
    const bool is_empty = x.is_number() ? x.number() == 0 : x.size() == 0;
    if (is_empty) return Value::array();
    return raise("Cannot index " + std::string(json::name_of(x.kind())) + " with number");
  }
  call.meter.array(x.size());
  call.meter.steps(x.size());
  return Value::array({x.items().rbegin(), x.items().rend()});
}

// Levels that are open wait in a list.
Outcome flatten_to(NativeCall& call, double levels) {
  if (!call.input.is_array() && !call.input.is_object()) {
    return raise("Cannot iterate over " + (call.input.is_null() ? std::string("null") : described(call.input)));
  }
  if (levels < 0) return raise("flatten depth must not be negative");
  struct Open {
    Value container;
    std::size_t next = 0;
  };
  json::ArrayBuilder flat;
  std::vector<Open> open{{call.input}};
  while (!open.empty()) {
    if (open.back().next == open.back().container.size()) {
      open.pop_back();
      continue;
    }
    const std::size_t at = open.back().next++;
    const Value& container = open.back().container;
    Value item = container.is_array() ? container.items()[at] : container.members()[at].value;
    call.meter.steps(1);
    if (item.is_array() && static_cast<double>(open.size()) <= levels) {
      open.push_back({std::move(item)});
    } else {
      call.meter.array(1);
      if (flat.size() >= call.meter.budget().array_items) call.meter.array(flat.size() + 1);
      flat.add(std::move(item));
    }
  }
  return flat.finish();
}

Outcome flatten(NativeCall& call) { return flatten_to(call, static_cast<double>(call.meter.budget().depth) + 1); }

Outcome flatten_some(NativeCall& call) {
  if (!call.arguments[0].is_number()) return raise("flatten depth must not be negative");
  return flatten_to(call, call.arguments[0].number());
}

Outcome to_entries(NativeCall& call) {
  const Value& x = call.input;
  if (!x.is_object() && !x.is_array()) return raise(described(x) + " has no keys");
  call.meter.array(x.size());
  call.meter.steps(x.size());
  json::ArrayBuilder entries(x.size());
  const Value key = Value::string("key"), value = Value::string("value");
  auto add = [&](const Value& name, const Value& item) {
    call.meter.object(2);
    entries.add(Value::object(std::vector<json::Member>{{key, name}, {value, item}}));
  };
  for (const json::Member& member : x.members()) add(member.name, member.value);
  std::int64_t position = 0;
  for (const Value& item : x.items()) add(Value::integer(position++), item);
  return entries.finish();
}

// The first of these that the entry has and that is neither null nor false; false when only that is there.
Value first_of(const Value& entry, std::span<const std::string_view> names) {
  Value found;
  for (std::string_view name : names) {
    const Value* member = entry.find(name);
    if (member == nullptr || member->is_null()) continue;
    if (member->is_truthy()) return *member;
    found = *member;
  }
  return found;
}

Outcome from_entries(NativeCall& call) {
  constexpr std::string_view keys[] = {"key", "k", "name", "Name", "Key", "K"};
  constexpr std::string_view values[] = {"v", "Value", "V"};
  if (!call.input.is_array() && !call.input.is_object()) {
    return raise("Cannot iterate over " + (call.input.is_null() ? std::string("null") : described(call.input)));
  }
  call.meter.object(call.input.size());
  json::ObjectBuilder object(call.input.size());
  for (std::size_t i = 0; i < call.input.size(); ++i) {
    const Value& entry = call.input.is_array() ? call.input.items()[i] : call.input.members()[i].value;
    call.meter.steps(1);
    if (!entry.is_object()) return raise("Cannot index " + std::string(json::name_of(entry.kind())) + " with \"key\"");
    Value key = first_of(entry, keys);
    if (key.is_null()) key = Value::string("null");
    if (key.is_boolean() || key.is_number()) key = Value::string(json::to_text(key));
    if (!key.is_string()) return raise("Cannot use " + described(key) + " as object key");
    const Value* value = entry.find("value");  // also when it is null
    object.add_named(std::move(key), value != nullptr ? *value : first_of(entry, values));
  }
  return object.finish();
}

Outcome transpose(NativeCall& call) {
  if (!call.input.is_array()) return raise("Cannot iterate over " + described(call.input));
  std::size_t longest = 0;
  for (const Value& row : call.input.items()) {
    if (!row.is_array() && !row.is_null())
      return raise("Cannot index " + std::string(json::name_of(row.kind())) + " with number");
    longest = std::max(longest, row.size());
  }
  json::ArrayBuilder columns(longest);
  for (std::size_t i = 0; i < longest; ++i) {
    call.meter.array(call.input.size());
    call.meter.steps(call.input.size());
    json::ArrayBuilder column(call.input.size());
    for (const Value& row : call.input.items()) column.add(i < row.size() ? row.items()[i] : Value());
    columns.add(column.finish());
  }
  return columns.finish();
}

Outcome bsearch(NativeCall& call) {
  if (!call.input.is_array()) return raise(described(call.input) + " cannot be searched from");
  std::size_t begin = 0, end = call.input.size();
  while (begin < end) {
    const std::size_t middle = begin + (end - begin) / 2;
    call.meter.compare(call.input.items()[middle], call.arguments[0]);
    const auto order = Value::compare(call.input.items()[middle], call.arguments[0]);
    if (order == 0) return Value::integer(static_cast<std::int64_t>(middle));
    if (order < 0) {
      begin = middle + 1;
    } else {
      end = middle;
    }
  }
  return Value::integer(-1 - static_cast<std::int64_t>(begin));
}

constexpr Native list[] = {{"sort", 0, sort},
                           {"_sort_by", 1, sort_by},
                           {"_group_by", 1, group_by},
                           {"_unique_by", 1, unique_by},
                           {"_min_by", 1, min_by},
                           {"_max_by", 1, max_by},
                           {"unique", 0, unique},
                           {"min", 0, min},
                           {"max", 0, max},
                           {"add", 0, add},
                           {"reverse", 0, reverse},
                           {"flatten", 0, flatten},
                           {"flatten", 1, flatten_some},
                           {"to_entries", 0, to_entries},
                           {"from_entries", 0, from_entries},
                           {"transpose", 0, transpose},
                           {"bsearch", 1, bsearch}};

}  // namespace

std::span<const Native> array_natives() { return list; }

}  // namespace pawl::expr
