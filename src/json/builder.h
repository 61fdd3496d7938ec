// Builders of arrays and objects, for whoever makes a value piece by piece. Used once: `finish` ends the builder.
#pragma once

#include <cstddef>
#include <string_view>
#include <utility>
#include <vector>

#include "json/value.h"

namespace pawl::json {

class ArrayBuilder {
 public:
  ArrayBuilder() = default;
  explicit ArrayBuilder(std::size_t expected) { items_.reserve(expected); }
  ArrayBuilder& add(Value item) {
    items_.push_back(std::move(item));
    return *this;
  }
  std::size_t size() const { return items_.size(); }
  Value finish() { return Value::array(std::move(items_)); }

 private:
  std::vector<Value> items_;
};

// Members in any order; of two with the same key the last wins.
class ObjectBuilder {
 public:
  ObjectBuilder() = default;
  explicit ObjectBuilder(std::size_t expected) { members_.reserve(expected); }
  ObjectBuilder& add(std::string_view key, Value value) { return add_named(Value::string(key), std::move(value)); }
  // With a name that is a string value already, which is then shared.
  ObjectBuilder& add_named(Value name, Value value) {
    members_.push_back({std::move(name), std::move(value)});
    return *this;
  }
  std::size_t size() const { return members_.size(); }
  Value finish() { return Value::object(std::move(members_)); }

 private:
  std::vector<Member> members_;
};

}  // namespace pawl::json
