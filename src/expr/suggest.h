// "Did you mean" for names that are not known.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pawl::expr {

// `did you mean $name?` with the known name nearest to `name` (at most two letters typed wrong, or a third of it), or
// empty.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> known, std::string_view prefix);

}  // namespace pawl::expr
