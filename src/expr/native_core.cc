// Functions about values of any kind: type, length, keys, has, contains, errors, conversion to and from text.
#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "expr/native.h"
#include "expr/operations.h"
#include "expr/text.h"
#include "json/number.h"
#include "json/parse.h"

namespace pawl::expr {

using json::Kind;
using json::Value;

namespace {

std::string kind_name(const Value& value) { return std::string(json::name_of(value.kind())); }

Outcome length(NativeCall& call) {
  const Value& x = call.input;
  switch (x.kind()) {
    case Kind::null:
      return Value::integer(0);
    case Kind::boolean:
      return raise(described(x) + " has no length");
    case Kind::integer:
      return x.integer() < 0 ? negated(x) : x;
    case Kind::number:
      return Value::number(std::fabs(x.number()));
    case Kind::string:
      call.meter.text_steps(x.size());
      return Value::integer(static_cast<std::int64_t>(count_code_points(x.text())));
    default:
      return Value::integer(static_cast<std::int64_t>(x.size()));
  }
}

Outcome utf8bytelength(NativeCall& call) {
  if (!call.input.is_string()) return raise(described(call.input) + " only strings have UTF-8 byte length");
  return Value::integer(static_cast<std::int64_t>(call.input.size()));
}

Outcome keys(NativeCall& call) {
  const Value& x = call.input;
  if (!x.is_object() && !x.is_array()) return raise(described(x) + " has no keys");
  call.meter.array(x.size());
  call.meter.steps(x.size());
  std::vector<Value> found;
  found.reserve(x.size());
  for (const json::Member& member : x.members()) found.push_back(member.name);
  for (std::size_t i = 0; x.is_array() && i < x.size(); ++i)
    found.push_back(Value::integer(static_cast<std::int64_t>(i)));
  return Value::array(std::move(found));
}

Outcome has(NativeCall& call) {
  const Value& key = call.arguments[0];
  if (call.input.is_object() && key.is_string()) return Value(call.input.find(key.text()) != nullptr);
  if (call.input.is_array() && key.is_number()) {
    const double at = key.number();
    return Value(at >= 0 && at < static_cast<double>(call.input.size()));
  }
  if (call.input.is_null()) return Value(false);
  return raise("Cannot check whether " + kind_name(call.input) + " has a " +
               (key.is_string() ? "string" : kind_name(key)) + " key");
}

// Pairs still to be checked wait in a list: no recursion. An array contains another when each of its items is contained
// in some item, which has to be tried out: a pair that is tried has a list of its own, so this part does recurse, one
// level of arrays at a time, within the depth that values may have.
bool contains(Meter& meter, const Value& x, const Value& part) {
  meter.compare(x, part);
  if (x.kind() != part.kind() && !(x.is_number() && part.is_number())) return false;
  if (part.is_object()) {
    return std::ranges::all_of(part.members(), [&](const json::Member& member) {
      const Value* found = x.find(member.key());
      return found != nullptr && contains(meter, *found, member.value);
    });
  }
  if (part.is_array()) {
    return std::ranges::all_of(part.items(), [&](const Value& wanted) {
      return std::ranges::any_of(x.items(), [&](const Value& item) { return contains(meter, item, wanted); });
    });
  }
  if (part.is_string()) {
    meter.text_steps(x.size());
    return x.text().find(part.text()) != std::string_view::npos;
  }
  return x == part;
}

Outcome checked_contains(Meter& meter, const Value& x, const Value& part) {
  const bool comparable = x.kind() == part.kind() || (x.is_number() && part.is_number());
  if (!comparable) return raise(described(x) + " and " + described(part) + " cannot have their containment checked");
  return Value(contains(meter, x, part));
}

Outcome contains_it(NativeCall& call) { return checked_contains(call.meter, call.input, call.arguments[0]); }
Outcome inside(NativeCall& call) { return checked_contains(call.meter, call.arguments[0], call.input); }

Outcome error_of_input(NativeCall& call) { return std::unexpected(call.input); }
Outcome error(NativeCall& call) { return std::unexpected(call.arguments[0]); }

Outcome type(NativeCall& call) { return Value::string(json::name_of(call.input.kind())); }

Outcome to_string(NativeCall& call) {
  if (call.input.is_string()) return call.input;
  return Value::string(text_of(call.meter, call.input));
}

Outcome to_json(NativeCall& call) { return Value::string(text_of(call.meter, call.input)); }

Outcome from_json(NativeCall& call) {
  if (!call.input.is_string()) return raise(described(call.input) + " only strings can be parsed");
  const std::string_view text = call.input.text();
  call.meter.text_steps(text.size());
  call.meter.bytes(text.size() * 8);  // the shortest values take two bytes of text and sixteen of memory
  if (text == "nan" || text == "NaN") return Value();
  // No array has more items than the budget allows when all values together, itself included, are one more.
  const Budget& budget = call.meter.budget();
  const json::Limits limits{
      .bytes = text.size(), .depth = budget.depth, .nodes = std::max(budget.array_items, budget.array_items + 1)};
  auto parsed = json::parse(text, limits);
  if (!parsed) {
    return raise(parsed.error().detail + " at " + parsed.error().instance + " (while parsing '" +
                 std::string(text.substr(0, byte_of_code_point(text, 40))) + "')");
  }
  return std::move(*parsed);
}

// What jq takes for a number beside JSON's: space around it, a plus, 01, .5 and 5.
std::string freely_written_number(std::string_view text) {
  constexpr std::string_view space = " \t\r\n";
  text.remove_prefix(std::min(text.find_first_not_of(space), text.size()));
  text = text.substr(0, text.find_last_not_of(space) + 1);
  const bool is_negative = text.starts_with('-');
  if (is_negative || text.starts_with('+')) text.remove_prefix(1);
  if (text.empty() || (text[0] != '.' && (text[0] < '0' || text[0] > '9')) || text == ".") return {};
  return (is_negative ? "-" : "") + number_of_json(text);
}

Outcome to_number(NativeCall& call) {
  const Value& x = call.input;
  if (x.is_number()) return x;
  if (!x.is_string()) return raise(described(x) + " cannot be parsed as a number");
  call.meter.text_steps(x.size());
  auto number = json::parse_number(freely_written_number(x.text()));
  if (!number && number.error() == json::NumberError::malformed) {
    if (x.text() == "nan") return Value();
    return raise(described(x) + " cannot be parsed as a number");
  }
  if (!number) return raise(described(x) + " is beyond the range of numbers");
  return std::move(*number);
}

Outcome to_boolean(NativeCall& call) {
  const Value& x = call.input;
  if (x.is_boolean()) return x;
  if (x.is_string() && x.text() == "true") return Value(true);
  if (x.is_string() && x.text() == "false") return Value(false);
  return raise(described(x) + " cannot be parsed as a boolean");
}

Outcome to_array(NativeCall& call) {
  if (call.input.is_array()) return call.input;
  call.meter.array(1);
  return Value::array({call.input});
}

Outcome now(NativeCall& call) { return Value::number(static_cast<double>(call.now.time_since_epoch().count()) / 1e6); }

// jq has these for its own decimal numbers: ours keep the digits of literals, but compute with doubles.
Outcome have_literal_numbers(NativeCall&) { return Value(true); }
Outcome have_decnum(NativeCall&) { return Value(false); }

constexpr Native list[] = {{"length", 0, length},
                           {"utf8bytelength", 0, utf8bytelength},
                           {"keys", 0, keys},
                           {"keys_unsorted", 0, keys},
                           {"has", 1, has},
                           {"contains", 1, contains_it},
                           {"inside", 1, inside},
                           {"error", 0, error_of_input},
                           {"error", 1, error},
                           {"type", 0, type},
                           {"tostring", 0, to_string},
                           {"tojson", 0, to_json},
                           {"fromjson", 0, from_json},
                           {"tonumber", 0, to_number},
                           {"toboolean", 0, to_boolean},
                           {"toarray", 0, to_array},
                           {"now", 0, now},
                           {"have_literal_numbers", 0, have_literal_numbers},
                           {"have_decnum", 0, have_decnum}};

}  // namespace

std::span<const Native> core_natives() { return list; }

}  // namespace pawl::expr
