// Equality and order of values (rule J3 for numbers, jq's order for the rest).
#include <algorithm>
#include <cmath>

#include "json/number.h"
#include "json/value.h"

namespace pawl::json {

namespace {

std::strong_ordering order(double a, double b) {
  if (a < b) return std::strong_ordering::less;
  return a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

std::strong_ordering compare_numbers(const Value& a, const Value& b) {
  if (a.is_integer() && b.is_integer()) return a.integer() <=> b.integer();
  if (!a.digits().empty() && !b.digits().empty()) return compare_digits(a.digits(), b.digits());
  const double x = a.number(), y = b.number();
  if (std::isnan(x) || std::isnan(y)) {
    if (std::isnan(x) && std::isnan(y)) return std::strong_ordering::equal;
    return std::isnan(x) ? std::strong_ordering::less : std::strong_ordering::greater;
  }
  return order(x, y);
}

int rank(const Value& value) {
  switch (value.kind()) {
    case Kind::null:
      return 0;
    case Kind::boolean:
      return value.boolean() ? 2 : 1;
    case Kind::integer:
    case Kind::number:
      return 3;
    case Kind::string:
      return 4;
    case Kind::array:
      return 5;
    case Kind::object:
      return 6;
  }
  return 0;
}

std::strong_ordering compare_objects(const Value& a, const Value& b) {
  const auto left = a.members(), right = b.members();
  const std::size_t both = std::min(left.size(), right.size());
  for (std::size_t i = 0; i < both; ++i) {
    if (auto keys = left[i].key() <=> right[i].key(); keys != 0) return keys;
  }
  if (left.size() != right.size()) return left.size() <=> right.size();
  for (std::size_t i = 0; i < both; ++i) {
    if (auto values = Value::compare(left[i].value, right[i].value); values != 0) return values;
  }
  return std::strong_ordering::equal;
}

}  // namespace

std::strong_ordering Value::compare(const Value& a, const Value& b) noexcept {
  if (identical(a, b)) return std::strong_ordering::equal;
  if (const int x = rank(a), y = rank(b); x != y) return x <=> y;
  switch (a.kind()) {
    case Kind::null:
    case Kind::boolean:
      return std::strong_ordering::equal;
    case Kind::integer:
    case Kind::number:
      return compare_numbers(a, b);
    case Kind::string:
      return a.text() <=> b.text();
    case Kind::array: {
      const auto left = a.items(), right = b.items();
      for (std::size_t i = 0; i < std::min(left.size(), right.size()); ++i) {
        if (auto items = compare(left[i], right[i]); items != 0) return items;
      }
      return left.size() <=> right.size();
    }
    case Kind::object:
      return compare_objects(a, b);
  }
  return std::strong_ordering::equal;
}

bool Value::equal(const Value& a, const Value& b) noexcept {
  if (a.is_number() && b.is_number()) {
    return !std::isnan(a.number()) && !std::isnan(b.number()) && compare_numbers(a, b) == 0;
  }
  if (identical(a, b)) return true;
  if (a.tag_ != b.tag_ || a.size() != b.size()) return false;
  switch (a.kind()) {
    case Kind::string:
      return a.text() == b.text();
    case Kind::array:
      return std::ranges::equal(a.items(), b.items(), equal);
    case Kind::object:
      return std::ranges::equal(a.members(), b.members(), [](const Member& x, const Member& y) {
        return x.key() == y.key() && equal(x.value, y.value);
      });
    default:
      return false;
  }
}

}  // namespace pawl::json
