#include "dsl/scope.h"

#include <algorithm>

namespace pawl::dsl {
namespace {

bool allows(Site site, Argument argument) {
  switch (argument) {
    case Argument::context:
      return site != Site::workflow_input;
    case Argument::input:
      return site == Site::work || site == Site::after;
    case Argument::output:
      return site == Site::after;
    case Argument::task:
      return site == Site::before || site == Site::work || site == Site::after;
    case Argument::workflow:
    case Argument::runtime:
      return true;
  }
  return false;
}

}  // namespace

std::vector<std::string_view> visible(Site site, std::span<const std::string> locals) {
  std::vector<std::string_view> names;
  names.reserve(argument_count + locals.size());
  for (std::size_t slot = 0; slot < argument_count; ++slot) {
    names.push_back(allows(site, static_cast<Argument>(slot)) ? argument_names[slot] : std::string_view());
  }
  for (std::size_t i = 0; i < locals.size(); ++i) {
    const bool hidden = std::ranges::find(locals.subspan(i + 1), locals[i]) != locals.end();
    names.push_back(hidden ? std::string_view() : std::string_view(locals[i]));
  }
  return names;
}

std::string scope_key(Site site, std::span<const std::string> locals) {
  std::string key(1, static_cast<char>('0' + static_cast<int>(site)));
  for (const std::string& local : locals) (key += ' ') += local;
  return key;
}

bool is_reserved_variable(std::string_view name) {
  static constexpr std::array<std::string_view, 5> others{"secrets", "authorization", "ENV", "__loc__", "__prog_args"};
  return std::ranges::find(argument_names, name) != argument_names.end() ||
         std::ranges::find(others, name) != others.end();
}

}  // namespace pawl::dsl
