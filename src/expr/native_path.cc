// Functions about paths. (path, getpath, paths and del are in the compiler and the library.)
#include "expr/native.h"
#include "expr/operations.h"

namespace pawl::expr {

namespace {

Outcome set(NativeCall& call) {
  return set_path(call.meter, std::move(call.input), call.arguments[0], std::move(call.arguments[1]));
}

Outcome remove(NativeCall& call) { return delete_paths(call.meter, std::move(call.input), call.arguments[0]); }

constexpr Native list[] = {{"setpath", 2, set}, {"delpaths", 1, remove}};

}  // namespace

std::span<const Native> path_natives() { return list; }

}  // namespace pawl::expr
