#include "expr/result.h"

#include <cmath>
#include <limits>
#include <utility>
#include <vector>

namespace pawl::expr {

using json::Kind;
using json::Value;

Value cleaned(Value value) {
  switch (value.kind()) {
    case Kind::number: {
      const double number = value.number();
      if (std::isnan(number)) return {};
      constexpr double largest = std::numeric_limits<double>::max();
      return std::isinf(number) ? Value::raw_number(number > 0 ? largest : -largest) : value;
    }
    case Kind::array: {
      std::vector<Value> items;
      items.reserve(value.size());
      for (const Value& item : value.items()) items.push_back(cleaned(item));
      return Value::array(std::move(items));
    }
    case Kind::object: {
      std::vector<json::Member> members;
      members.reserve(value.size());
      for (const json::Member& member : value.members()) members.push_back({member.name, cleaned(member.value)});
      return Value::object(std::move(members));
    }
    default:
      return value;
  }
}

}  // namespace pawl::expr
