#include "expr/native.h"

#include <string>
#include <unordered_map>
#include <vector>

namespace pawl::expr {

namespace {

struct Registry {
  std::vector<Native> list;
  std::unordered_map<std::string, std::size_t> by_name;

  Registry() {
    for (const auto part : {core_natives(), path_natives(), string_natives(), array_natives(), math_natives(),
                            regex_natives(), date_natives()}) {
      list.insert(list.end(), part.begin(), part.end());
    }
    for (std::size_t i = 0; i < list.size(); ++i) by_name.emplace(key(list[i].name, list[i].arity), i);
  }

  static std::string key(std::string_view name, std::size_t arity) {
    return std::string(name) + "/" + std::to_string(arity);
  }
};

// Made once, never changed.
const Registry& registry() {
  static const Registry made;
  return made;
}

}  // namespace

std::span<const Native> natives() {
  static const std::span<const Native> list = registry().list;
  return list;
}

std::size_t find_native(std::string_view name, std::size_t arity) {
  const auto found = registry().by_name.find(Registry::key(name, arity));
  return found == registry().by_name.end() ? natives().size() : found->second;
}

}  // namespace pawl::expr
