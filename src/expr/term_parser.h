// The terms of the grammar: what stands between operators.
#pragma once

#include <vector>

#include "expr/tree_builder.h"

namespace pawl::expr {

class TermParser : protected TreeBuilder {
 protected:
  using TreeBuilder::TreeBuilder;
  virtual ~TermParser() = default;

  NodeId postfix();
  NodeId pattern();

  // Of the grammar around terms (parser.cc).
  virtual NodeId pipe() = 0;
  virtual NodeId attempt() = 0;

 private:
  void pattern_member(std::vector<NodeId>& parts);
  NodeId literal_key();
  NodeId field(NodeId of);
  NodeId index_by_string(NodeId of, std::uint32_t offset);
  NodeId brackets(NodeId of);
  NodeId primary();
  NodeId number();
  NodeId variable();
  NodeId word();
  NodeId call();
  NodeId fold();
  NodeId conditional();
  NodeId array();
  NodeId object();
  void object_member(std::vector<NodeId>& parts);
  void variable_member(std::vector<NodeId>& parts);
  NodeId member_value();
  NodeId member_term();
  NodeId string_or_format();
  NodeId wrapped(NodeId id);
};

}  // namespace pawl::expr
