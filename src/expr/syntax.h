// The syntax tree of a program: nodes in one vector, so that no depth of nesting costs C++ stack to free.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

#include "json/value.h"

namespace pawl::expr {

using NodeId = std::uint32_t;
inline constexpr NodeId no_node = 0;  // node 0 is never used

enum class NodeKind : std::uint8_t {
  identity,          // .
  recurse,           // ..
  constant,          // value
  variable,          // $name
  location,          // $__loc__
  format,            // @name alone
  text,              // a string with programs in it: list of parts; name is the format, or empty
  field,             // a?.value       (a is no_node for .)
  index,             // a?[b]
  slice,             // a?[b?:c?]
  iterate,           // a?[]
  optional,          // a?, where a is a field, index, slice or iterate, and may fail in that last step alone
  attempt,           // try a catch b?
  array,             // [a?]
  object,            // list of key, value, key, value …
  negate,            // -a
  pipe,              // list
  comma,             // list
  arithmetic,        // a op b; the name is the operator
  comparison,        // a op b
  conjunction,       // a and b
  disjunction,       // a or b
  alternative,       // a // b
  update,            // a op b: = |= += -= *= /= %= //=
  conditional,       // if a then b else c? end
  reduce,            // reduce a as list[0] (b; c)
  foreach,           // foreach a as list[0] (b; c; d?)
  binding,           // a as list[0] ?// list[1] … | b
  label,             // label $name | a
  leave,             // break $name
  call,              // name(list)
  define,            // the functions of list, then a
  function,          // def name(list): a;  calls inside have nodes b … c
  parameter,         // name; value_parameter when written $name
  pattern_variable,  // $name
  pattern_array,     // list
  pattern_object,    // list of key, pattern, key, pattern …; a variable as key binds too, its pattern may be no_node
};

struct Node {
  NodeKind kind = NodeKind::identity;
  bool value_parameter = false;
  std::uint32_t offset = 0;  // in the source
  NodeId a = no_node, b = no_node, c = no_node, d = no_node;
  std::uint32_t list_begin = 0, list_size = 0;
  std::string_view name;
  json::Value value;
};

struct Syntax {
  std::vector<Node> nodes;
  std::vector<NodeId> lists;
  NodeId root = no_node;

  const Node& operator[](NodeId id) const { return nodes[id]; }
  std::span<const NodeId> list(const Node& node) const { return {lists.data() + node.list_begin, node.list_size}; }
};

}  // namespace pawl::expr
