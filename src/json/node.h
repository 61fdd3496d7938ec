// The shared part of a value: for the .cc files of this room only.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "json/value.h"

namespace pawl::json::detail {

// Sizes and depths are kept as the value is made, so that budgets can ask in O(1).
struct Node {
  std::atomic<std::uint32_t> references{1};
  std::uint32_t depth = 0;
  std::size_t bytes = 0;
  Node* next_dead = nullptr;  // links nodes that wait for their destruction: no recursion, no allocation
};

struct StringNode : Node {
  std::string text;
};

struct ArrayNode : Node {
  std::vector<Value> items;
};

struct ObjectNode : Node {
  std::vector<Member> members;
};

struct DigitsNode : Node {
  double nearest = 0;
  std::string text;
};

// Shared parts count each time, so that a value of a few nodes may have the size of 2^500.
inline std::size_t add_saturating(std::size_t a, std::size_t b) { return a + b < a ? SIZE_MAX : a + b; }
inline std::size_t subtract_saturating(std::size_t a, std::size_t b) { return a == SIZE_MAX || b > a ? a : a - b; }

// The bytes of compact text that the parts of a container take, with the comma or colon after them.
inline constexpr std::size_t brackets_bytes = 2;
inline std::size_t item_bytes(const Value& item) { return add_saturating(item.size_bytes(), 1); }
inline std::size_t name_bytes(const Value& name) { return add_saturating(name.size_bytes(), 1); }

}  // namespace pawl::json::detail
