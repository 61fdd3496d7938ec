// Paths: arrays of keys, each a string, a number or a slice {start, end}. No recursion: a path is walked down, and the
// containers are put back on the way up.
#include <algorithm>
#include <cmath>
#include <vector>

#include "expr/operations.h"
#include "json/merge_sort.h"

namespace pawl::expr {

using json::Value;

namespace {

std::string kind_name(const Value& value) { return std::string(json::name_of(value.kind())); }

bool is_slice(const Value& key) { return key.is_object(); }

Value slice_end(const Value& key, std::string_view which) {
  const Value* found = key.find(which);
  return found == nullptr ? Value() : *found;
}

// The position that a key names in an array, or -1 when it lies before the first item.
double position_of(const Value& key, std::size_t size) {
  const double position = std::floor(key.number());
  return position < 0 ? position + static_cast<double>(size) : position;
}

Outcome put_slice(Meter& meter, const Value& array, const Value& key, const Value& value) {
  if (!value.is_array()) return raise("A slice of an array can only be assigned another array");
  std::size_t begin = 0, end = 0;
  if (!slice_bounds(slice_end(key, "start"), slice_end(key, "end"), array.size(), begin, end)) {
    return raise("Start and end indices of an array slice must be numbers");
  }
  const std::size_t size = array.size() - (end - begin) + value.size();
  meter.array(size);
  meter.steps(size);
  std::vector<Value> items(array.items().begin(), array.items().begin() + static_cast<std::ptrdiff_t>(begin));
  items.insert(items.end(), value.items().begin(), value.items().end());
  items.insert(items.end(), array.items().begin() + static_cast<std::ptrdiff_t>(end), array.items().end());
  return Value::array(std::move(items));
}

Outcome put_position(Meter& meter, Value array, const Value& key, Value value) {
  const double position = position_of(key, array.size());
  if (std::isnan(position)) return raise("Cannot set array element at NaN index");
  if (position < 0) return raise("Out of bounds negative array index");
  const auto most = static_cast<double>(meter.budget().array_items);
  if (position >= most) meter.array(meter.budget().array_items + 1);
  const auto index = static_cast<std::size_t>(position);
  if (index >= array.size()) meter.steps(index - array.size());
  while (array.size() < index) array = put_item(meter, std::move(array), Value());
  if (index == array.size()) return put_item(meter, std::move(array), std::move(value));
  if (array.is_shared()) {
    meter.array(array.size());
    meter.steps(array.size());
  }
  array = json::with_item(std::move(array), index, std::move(value));
  meter.depth(array);
  return array;
}

// container[key] = value
Outcome put(Meter& meter, Value container, const Value& key, Value value) {
  if (key.is_string() && (container.is_object() || container.is_null())) {
    if (container.is_null()) container = Value::object();
    return put_member(meter, std::move(container), key, std::move(value));
  }
  if (key.is_number() && (container.is_array() || container.is_null())) {
    if (container.is_null()) container = Value::array();
    return put_position(meter, std::move(container), key, std::move(value));
  }
  if (is_slice(key) && (container.is_array() || container.is_null())) return put_slice(meter, container, key, value);
  if (is_slice(key)) return raise("Cannot update field at object index of " + kind_name(container));
  if (key.is_array() && container.is_array()) return raise("Cannot update field at array index of array");
  Outcome read = index(meter, container, key);
  return read ? raise("Invalid path component " + described(key)) : read;
}

// Takes what stands at the key out of the container, leaving null, or copies a slice; null where there is nothing.
Outcome take(Meter& meter, Value& container, const Value& key) {
  if (container.is_object() && key.is_string()) {
    if (container.find(key.text()) == nullptr) return Value();
    if (container.is_shared()) {
      meter.object(container.size());
      meter.steps(container.size());
    }
    return json::take_member(container, key.text());
  }
  if (container.is_array() && key.is_number()) {
    const double position = position_of(key, container.size());
    if (!(position >= 0 && position < static_cast<double>(container.size()))) return Value();
    if (container.is_shared()) {
      meter.array(container.size());
      meter.steps(container.size());
    }
    return json::take_item(container, static_cast<std::size_t>(position));
  }
  return index(meter, container, key);
}

// Whether the container has something at the key that must be put back after `take`.
bool holds(const Value& container, const Value& key) {
  if (container.is_object()) return key.is_string() && container.find(key.text()) != nullptr;
  if (!container.is_array() || !key.is_number()) return false;
  const double position = position_of(key, container.size());
  return position >= 0 && position < static_cast<double>(container.size());
}

struct Level {
  Value container;
  bool held = false;
};

// Walks down, taking each part out of the one before. On an error all is put back by not having touched `root`'s other
// holders; the evaluation drops `root` itself.
Outcome descend(Meter& meter, Value root, std::span<const Value> keys, std::vector<Level>& levels) {
  Value at = std::move(root);
  for (const Value& key : keys) {
    meter.steps(1);
    const bool held = holds(at, key);
    Outcome part = take(meter, at, key);
    if (!part) return part;
    levels.push_back({std::move(at), held});
    at = std::move(*part);
  }
  return at;
}

Outcome remove_from_array(Meter& meter, const Value& array, std::span<const Value> keys) {
  std::vector<bool> removed(array.size(), false);
  meter.array(array.size());
  meter.steps(array.size() + keys.size());
  for (const Value& key : keys) {
    if (key.is_number()) {
      const double position = position_of(key, array.size());
      if (position >= 0 && position < static_cast<double>(array.size()))
        removed[static_cast<std::size_t>(position)] = true;
    } else if (is_slice(key)) {
      std::size_t begin = 0, end = 0;
      if (!slice_bounds(slice_end(key, "start"), slice_end(key, "end"), array.size(), begin, end)) {
        return raise("Start and end indices of an array slice must be numbers");
      }
      meter.steps(end - begin);
      std::fill(removed.begin() + static_cast<std::ptrdiff_t>(begin),
                removed.begin() + static_cast<std::ptrdiff_t>(end), true);
    } else {
      return raise("Cannot delete " + kind_name(key) + " element of array");
    }
  }
  std::vector<Value> kept;
  for (std::size_t i = 0; i < array.size(); ++i) {
    if (!removed[i]) kept.push_back(array.items()[i]);
  }
  return Value::array(std::move(kept));
}

Outcome remove(Meter& meter, Value container, std::span<const Value> keys) {
  if (container.is_null()) return container;
  if (container.is_array()) return remove_from_array(meter, container, keys);
  if (!container.is_object()) return raise("Cannot delete field at index of " + kind_name(container));
  for (const Value& key : keys) {
    if (!key.is_string()) return raise("Cannot delete " + kind_name(key) + " element of object");
    meter.steps(1 + container.size() / 64);
    if (container.is_shared()) meter.object(container.size());
    container = json::without_member(std::move(container), key.text());
  }
  return container;
}

Outcome ascend(Meter& meter, std::span<const Value> keys, std::vector<Level>& levels, Value part) {
  for (std::size_t i = keys.size(); i-- > 0;) {
    Outcome whole = put(meter, std::move(levels[i].container), keys[i], std::move(part));
    if (!whole) return whole;
    part = std::move(*whole);
  }
  return part;
}

// Like ascend, but leaves out what was not there before.
Outcome restore(Meter& meter, std::span<const Value> keys, std::vector<Level>& levels, Value part) {
  for (std::size_t i = keys.size(); i-- > 0;) {
    if (!levels[i].held) {
      part = std::move(levels[i].container);
      continue;
    }
    Outcome whole = put(meter, std::move(levels[i].container), keys[i], std::move(part));
    if (!whole) return whole;
    part = std::move(*whole);
  }
  return part;
}

std::unexpected<Value> no_path() { return raise("Path must be specified as an array"); }

}  // namespace

Outcome get_path(Meter& meter, const Value& root, const Value& path) {
  if (!path.is_array()) return no_path();
  Value at = root;
  for (const Value& key : path.items()) {
    meter.steps(1);
    if (at.is_null()) return at;
    Outcome part = index(meter, at, key);
    if (!part) return part;
    at = std::move(*part);
  }
  return at;
}

Outcome set_path(Meter& meter, Value root, const Value& path, Value value) {
  if (!path.is_array()) return no_path();
  meter.path(path.size());
  std::vector<Level> levels;
  levels.reserve(path.size());
  // Slices are read in full only to be replaced: the last key needs no reading.
  Outcome old = descend(meter, std::move(root), path.items(), levels);
  if (!old) return old;
  return ascend(meter, path.items(), levels, std::move(value));
}

Outcome take_path(Meter& meter, Value& root, const Value& path) {
  meter.path(path.size());
  std::vector<Level> levels;
  levels.reserve(path.size());
  Outcome taken = descend(meter, std::move(root), path.items(), levels);
  if (!taken) return taken;
  if (path.size() == 0) {
    root = Value();
    return taken;
  }
  Outcome rest = restore(meter, path.items(), levels, Value());
  if (!rest) return rest;
  root = std::move(*rest);
  return taken;
}

Outcome delete_paths(Meter& meter, Value root, const Value& paths) {
  if (!paths.is_array()) return raise("Paths must be specified as an array");
  std::vector<Value> sorted(paths.items().begin(), paths.items().end());
  for (const Value& path : sorted) {
    if (!path.is_array()) return no_path();
    if (path.size() == 0) return Value();
  }
  json::merge_sort(sorted, [&meter](const Value& a, const Value& b) {
    meter.compare(a, b);
    return Value::compare(a, b) < 0;
  });
  // From the last to the first, all of one container together, so that positions stay what they are.
  for (std::size_t end = sorted.size(); end > 0;) {
    const auto last = sorted[end - 1].items();
    const auto parent = last.first(last.size() - 1);
    std::vector<Value> keys;
    std::size_t begin = end;
    while (begin > 0) {
      const auto other = sorted[begin - 1].items();
      meter.steps(parent.size() + 1);
      if (other.size() != last.size() || !std::equal(parent.begin(), parent.end(), other.begin())) break;
      keys.push_back(other.back());
      --begin;
    }
    std::vector<Level> levels;
    Outcome container = descend(meter, std::move(root), parent, levels);
    if (!container) return container;
    const bool nothing = container->is_null();
    Outcome rest = nothing ? std::move(container) : remove(meter, std::move(*container), keys);
    if (!rest) return rest;
    Outcome whole =
        nothing ? restore(meter, parent, levels, std::move(*rest)) : ascend(meter, parent, levels, std::move(*rest));
    if (!whole) return whole;
    root = std::move(*whole);
    end = begin;
  }
  return root;
}

}  // namespace pawl::expr
