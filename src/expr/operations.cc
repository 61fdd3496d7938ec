#include "expr/operations.h"

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <vector>

#include "base/encoding.h"
#include "expr/text.h"
#include "json/write.h"

namespace pawl::expr {

using json::Value;

namespace {

std::string_view kind_name(const Value& value) { return json::name_of(value.kind()); }

std::unexpected<Value> cannot(const Value& left, const Value& right, std::string_view what) {
  return raise(described(left) + " and " + described(right) + " cannot be " + std::string(what));
}

bool is_plain_integer(const Value& value) { return value.is_integer(); }

// 64-bit integers exactly, on overflow as doubles (J3).
Value add_numbers(const Value& left, const Value& right) {
  std::int64_t sum = 0;
  if (is_plain_integer(left) && is_plain_integer(right) &&
      !__builtin_add_overflow(left.integer(), right.integer(), &sum)) {
    return Value::integer(sum);
  }
  return Value::number(left.number() + right.number());
}

Value subtract_numbers(const Value& left, const Value& right) {
  std::int64_t difference = 0;
  if (is_plain_integer(left) && is_plain_integer(right) &&
      !__builtin_sub_overflow(left.integer(), right.integer(), &difference)) {
    return Value::integer(difference);
  }
  return Value::number(left.number() - right.number());
}

Value multiply_numbers(const Value& left, const Value& right) {
  std::int64_t product = 0;
  if (is_plain_integer(left) && is_plain_integer(right) &&
      !__builtin_mul_overflow(left.integer(), right.integer(), &product)) {
    return Value::integer(product);
  }
  return Value::number(left.number() * right.number());
}

Outcome divide_numbers(const Value& left, const Value& right) {
  if (right.number() == 0) return cannot(left, right, "divided because the divisor is zero");
  constexpr std::int64_t least = std::numeric_limits<std::int64_t>::min();
  if (is_plain_integer(left) && is_plain_integer(right) && !(left.integer() == least && right.integer() == -1) &&
      left.integer() % right.integer() == 0) {
    return Value::integer(left.integer() / right.integer());
  }
  return Value::number(left.number() / right.number());
}

std::int64_t truncated(double number) {
  constexpr double two_to_63 = 9223372036854775808.0;
  if (number >= two_to_63) return std::numeric_limits<std::int64_t>::max();
  if (number < -two_to_63) return std::numeric_limits<std::int64_t>::min();
  return static_cast<std::int64_t>(number);
}

// Both sides truncated, the sign of the left (J3).
Outcome modulo_numbers(const Value& left, const Value& right) {
  if (std::isnan(left.number()) || std::isnan(right.number())) return Value::raw_number(std::nan(""));
  const std::int64_t a = is_plain_integer(left) ? left.integer() : truncated(left.number());
  const std::int64_t b = is_plain_integer(right) ? right.integer() : truncated(right.number());
  if (b == 0) return cannot(left, right, "divided (remainder) because the divisor is zero");
  return Value::integer(b == -1 ? 0 : a % b);
}

Outcome add(Meter& meter, Value left, Value right) {
  if (left.is_null()) return right;
  if (right.is_null()) return left;
  if (left.is_number() && right.is_number()) return add_numbers(left, right);
  if (left.kind() != right.kind()) return cannot(left, right, "added");
  if (left.is_string()) {
    const std::size_t size = left.size() + right.size();
    if (size > meter.budget().string_bytes || left.is_shared()) {
      meter.text(size);
    } else {
      meter.text_steps(right.size());
      meter.bytes(right.size());
    }
    return json::with_text(std::move(left), right.text());
  }
  if (left.is_array()) {
    meter.array(left.is_shared() ? left.size() + right.size() : right.size());
    if (left.size() + right.size() > meter.budget().array_items) meter.array(left.size() + right.size());
    meter.steps((left.is_shared() ? left.size() : 0) + right.size());
    return json::with_items(std::move(left), right.items());
  }
  if (left.is_object()) {
    if (right.size() > left.size() / 2) {  // merge by sorting
      std::vector<json::Member> members(left.members().begin(), left.members().end());
      meter.object(left.size() + right.size());
      meter.steps(left.size() + right.size());
      members.insert(members.end(), right.members().begin(), right.members().end());
      return Value::object(std::move(members));
    }
    for (const json::Member& member : right.members())
      left = put_member(meter, std::move(left), member.name, member.value);
    return left;
  }
  return cannot(left, right, "added");
}

Outcome subtract(Meter& meter, const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return subtract_numbers(left, right);
  if (!left.is_array() || !right.is_array()) return cannot(left, right, "subtracted");
  std::vector<Value> kept;
  meter.array(left.size());
  for (const Value& item : left.items()) {
    const bool removed = std::ranges::any_of(right.items(), [&](const Value& other) {
      meter.compare(item, other);
      return item == other;
    });
    if (!removed) kept.push_back(item);
  }
  return Value::array(std::move(kept));
}

Outcome repeated(Meter& meter, const Value& text, const Value& times) {
  const double count = times.number();
  if (!(count > 0)) return Value();
  const std::size_t most = meter.budget().string_bytes;
  const double copies = std::max(1.0, std::floor(count < 1 ? 1 : count));
  const double size = copies * static_cast<double>(text.size());
  meter.text(size > static_cast<double>(most) ? most + 1 : static_cast<std::size_t>(size));
  std::string out;
  for (std::size_t i = 0; i < static_cast<std::size_t>(copies) && !text.text().empty(); ++i) out += text.text();
  return Value::string(out);
}

// jq's deep merge: members that are objects on both sides are merged, others are the right one's. Without recursion:
// pairs of objects yet to merge wait in a list, and results are put together from the last to the first.
Value merged(Meter& meter, const Value& left, const Value& right) {
  struct Pair {
    Value left, right;
    std::size_t parent;
    Value name;
  };
  std::vector<Pair> pairs{{left, right, 0, {}}};
  for (std::size_t i = 0; i < pairs.size(); ++i) {
    const Value right_side = pairs[i].right;
    for (const json::Member& member : right_side.members()) {
      meter.steps(1);
      const Value* other = pairs[i].left.find(member.key());
      if (other != nullptr && other->is_object() && member.value.is_object()) {
        pairs.push_back({*other, member.value, i, member.name});
      } else {
        pairs[i].left = put_member(meter, std::move(pairs[i].left), member.name, member.value);
      }
    }
  }
  for (std::size_t i = pairs.size(); i-- > 1;) {
    Pair& parent = pairs[pairs[i].parent];
    parent.left = put_member(meter, std::move(parent.left), pairs[i].name, std::move(pairs[i].left));
  }
  return std::move(pairs[0].left);
}

Outcome multiply(Meter& meter, const Value& left, const Value& right) {
  if (left.is_number() && right.is_number()) return multiply_numbers(left, right);
  if (left.is_string() && right.is_number()) return repeated(meter, left, right);
  if (left.is_number() && right.is_string()) return repeated(meter, right, left);
  if (left.is_object() && right.is_object()) return merged(meter, left, right);
  return cannot(left, right, "multiplied");
}

}  // namespace

Outcome split_text(Meter& meter, std::string_view text, std::string_view separator);

Outcome arithmetic(Meter& meter, Arithmetic which, Value left, Value right) {
  switch (which) {
    case Arithmetic::add: {
      Outcome sum = add(meter, std::move(left), std::move(right));
      return sum;
    }
    case Arithmetic::subtract:
      return subtract(meter, left, right);
    case Arithmetic::multiply:
      return multiply(meter, left, right);
    case Arithmetic::divide:
      if (left.is_number() && right.is_number()) return divide_numbers(left, right);
      if (left.is_string() && right.is_string()) return split_text(meter, left.text(), right.text());
      return cannot(left, right, "divided");
    case Arithmetic::modulo:
      if (left.is_number() && right.is_number()) return modulo_numbers(left, right);
      return cannot(left, right, "divided");
  }
  return Value();
}

bool compare(Meter& meter, Comparison which, const Value& left, const Value& right) {
  meter.compare(left, right);
  if (which == Comparison::equal) return left == right;
  if (which == Comparison::not_equal) return !(left == right);
  // jq: nan is less than everything, itself included.
  if (left.is_number() && right.is_number() && (std::isnan(left.number()) || std::isnan(right.number()))) {
    const bool less = std::isnan(left.number());
    return (which == Comparison::less || which == Comparison::less_or_equal) ? less : !less;
  }
  const auto order = Value::compare(left, right);
  switch (which) {
    case Comparison::less:
      return order < 0;
    case Comparison::less_or_equal:
      return order <= 0;
    case Comparison::greater:
      return order > 0;
    default:
      return order >= 0;
  }
}

Outcome negated(const Value& value) {
  if (!value.is_number()) return raise(described(value) + " cannot be negated");
  if (value.is_integer() && value.integer() != std::numeric_limits<std::int64_t>::min()) {
    return Value::integer(-value.integer());
  }
  return Value::number(-value.number());
}

Outcome index(Meter& meter, const Value& x, const Value& key) {
  const bool is_slice = key.is_object() && (key.find("start") != nullptr || key.find("end") != nullptr);
  if (x.is_object() && key.is_string()) {
    const Value* found = x.find(key.text());
    return found == nullptr ? Value() : *found;
  }
  if (x.is_array() && key.is_number()) {
    const double position = std::floor(key.number());
    const auto size = static_cast<double>(x.size());
    const double at = position < 0 ? position + size : position;
    return at >= 0 && at < size ? x.items()[static_cast<std::size_t>(at)] : Value();
  }
  if ((x.is_array() || x.is_string() || x.is_null()) && is_slice) {
    const Value* from = key.find("start");
    const Value* to = key.find("end");
    return slice(meter, x, from == nullptr ? Value() : *from, to == nullptr ? Value() : *to);
  }
  if (x.is_null() && (key.is_string() || key.is_number() || key.is_null())) return Value();
  if (x.is_array() && key.is_array()) {
    std::vector<Value> found;
    const auto items = x.items(), wanted = key.items();
    for (std::size_t i = 0; !wanted.empty() && i + wanted.size() <= items.size(); ++i) {
      meter.steps(1);
      bool equal = true;
      for (std::size_t j = 0; equal && j < wanted.size(); ++j) {
        meter.compare(items[i + j], wanted[j]);
        equal = items[i + j] == wanted[j];
      }
      if (equal) found.push_back(Value::integer(static_cast<std::int64_t>(i)));
    }
    return wanted.empty() ? Value() : Value::array(std::move(found));
  }
  if (key.is_string())
    return raise("Cannot index " + std::string(kind_name(x)) + " with \"" + std::string(key.text()) + "\"");
  return raise("Cannot index " + std::string(kind_name(x)) + " with " + std::string(kind_name(key)));
}

bool slice_bounds(const Value& from, const Value& to, std::size_t size, std::size_t& begin, std::size_t& end) {
  if (!(from.is_null() || from.is_number()) || !(to.is_null() || to.is_number())) return false;
  const auto count = static_cast<double>(size);
  auto clamped = [count](double bound) {
    if (std::isnan(bound)) return 0.0;
    return std::clamp(bound < 0 ? bound + count : bound, 0.0, count);
  };
  const double first = from.is_null() ? 0 : std::floor(clamped(from.number()));
  const double last = to.is_null() || std::isnan(to.number()) ? count : std::ceil(clamped(to.number()));
  begin = static_cast<std::size_t>(first);
  end = std::max(begin, static_cast<std::size_t>(last));
  return true;
}

Outcome slice(Meter& meter, const Value& x, const Value& from, const Value& to) {
  if (!x.is_null() && !x.is_array() && !x.is_string()) {
    return raise("Cannot index " + std::string(kind_name(x)) + " with object");
  }
  std::size_t begin = 0, end = 0, size = x.size();
  if (x.is_string()) {
    meter.text_steps(size);
    size = count_code_points(x.text());
  }
  if (!slice_bounds(from, to, size, begin, end)) {
    return raise("Start and end indices of an array slice must be numbers");
  }
  if (x.is_null()) return Value();
  if (x.is_array()) {
    meter.array(end - begin);
    meter.steps(end - begin);
    const auto items = x.items().subspan(begin, end - begin);
    return Value::array({items.begin(), items.end()});
  }
  const std::size_t first = byte_of_code_point(x.text(), begin);
  const std::string_view rest = x.text().substr(first);
  const std::string_view piece = rest.substr(0, byte_of_code_point(rest, end - begin));
  meter.text(piece.size());
  return Value::string(piece);
}

std::string shortened(const Value& value) {
  constexpr std::size_t longest = 14, kept = 11;  // as jq 1.7 has them
  if (value.size_bytes() > 4'096 && !value.is_string()) return "...";
  std::string text = value.is_string() && value.size() > 64
                         ? json::to_text(Value::string(value.text().substr(0, byte_of_code_point(value.text(), 32))))
                         : json::to_text(value);
  if (text.size() <= longest) return text;
  return text.substr(0, utf8_cut(text, kept)) + "...";
}

std::string described(const Value& value) { return std::string(kind_name(value)) + " (" + shortened(value) + ")"; }

std::string text_of(Meter& meter, const Value& value) {
  meter.text_steps(value.size_bytes());
  if (value.size_bytes() > meter.budget().string_bytes * 2) meter.text(value.size_bytes() / 2);
  std::string text;
  json::write(value, text);
  meter.text(text.size());
  return text;
}

Value put_member(Meter& meter, Value object, Value name, Value value) {
  constexpr std::size_t members_a_step = 64;  // moving them up makes room for the new one
  const auto members = object.members();
  if (object.is_shared()) {
    meter.object(members.size() + 1);
    meter.steps(members.size());
  } else {
    meter.bytes(sizeof(json::Member));
    const auto after =
        std::upper_bound(members.begin(), members.end(), name.text(),
                         [](std::string_view key, const json::Member& member) { return key < member.key(); });
    meter.steps(1 + static_cast<std::size_t>(members.end() - after) / members_a_step);
  }
  Value result = json::with_named_member(std::move(object), std::move(name), std::move(value));
  meter.depth(result);
  return result;
}

Value put_item(Meter& meter, Value array, Value item) {
  if (array.is_shared() || array.size() >= meter.budget().array_items) {
    meter.array(array.size() + 1);
    meter.steps(array.size());
  } else {
    meter.bytes(sizeof(Value));
  }
  Value result = json::with_item(std::move(array), std::move(item));
  meter.depth(result);
  return result;
}

}  // namespace pawl::expr
