// The built-in functions: those written in jq (library.cc), compiled once for the process, and how names that no
// program may use are refused.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "expr/code.h"

namespace pawl::expr {

// Immutable once made; programs refer to its functions, so that using one costs nothing when a program is compiled.
class Library {
 public:
  static const Library& instance();

  const Function* find(std::string_view name, std::size_t arity) const;  // null when there is none

  // Names and arities of everything that a program may call, as jq's `builtins` lists them: "map/1".
  std::vector<std::string> names() const;

 private:
  Library();

  std::vector<std::unique_ptr<Function>> functions_;
  std::unordered_map<std::string, const Function*> by_name_;  // "map/1"
};

// Functions that the compiler writes out in place; they have names like the others.
std::vector<std::string> special_forms();  // "map/1"

// J1: names that read the environment, files or other inputs.
bool is_forbidden(std::string_view name, std::size_t arity);

// Functions of jq 1.7 that this version does not have.
bool is_unsupported(std::string_view name, std::size_t arity);

}  // namespace pawl::expr
