// What operators and indices do to values, with jq's messages for what cannot be done.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "expr/code.h"
#include "expr/meter.h"
#include "expr/native.h"
#include "json/value.h"

namespace pawl::expr {

Outcome arithmetic(Meter& meter, Arithmetic which, json::Value left, json::Value right);
bool compare(Meter& meter, Comparison which, const json::Value& left, const json::Value& right);
Outcome negated(const json::Value& value);

// x[key]: members, items (negative from the end), slices by {start, end}, indices of an array in an array; null of
// null.
Outcome index(Meter& meter, const json::Value& x, const json::Value& key);
Outcome slice(Meter& meter, const json::Value& x, const json::Value& from, const json::Value& to);

// The items [begin, end) that a slice of `size` items with these bounds (numbers or null) has. False for other bounds.
bool slice_bounds(const json::Value& from, const json::Value& to, std::size_t size, std::size_t& begin,
                  std::size_t& end);

// Paths are arrays of keys. Each is charged per key.
Outcome get_path(Meter& meter, const json::Value& root, const json::Value& path);
Outcome set_path(Meter& meter, json::Value root, const json::Value& path, json::Value value);
// The value at the path, with null left in its place, so that nobody else holds it.
Outcome take_path(Meter& meter, json::Value& root, const json::Value& path);
Outcome delete_paths(Meter& meter, json::Value root, const json::Value& paths);

// The kind and a piece of the text of a value, as messages show it: `number (5)`.
std::string described(const json::Value& value);
std::string shortened(const json::Value& value);  // the piece alone
// The text of a value as `tojson` gives it, charged.
std::string text_of(Meter& meter, const json::Value& value);

// Puts a member in place, charging for the copy or the move that it takes.
json::Value put_member(Meter& meter, json::Value object, json::Value name, json::Value value);
json::Value put_item(Meter& meter, json::Value array, json::Value item);

}  // namespace pawl::expr
