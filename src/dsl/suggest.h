// "Did you mean": the candidate that a misspelt name is closest to.
#pragma once

#include <span>
#include <string>
#include <string_view>

namespace pawl::dsl {

// The candidate within one edit for every three bytes of `name` (at most three edits), the closest first, then the
// first in order; empty when there is none. An edit inserts, removes or replaces a byte or swaps two neighbours; case
// does not count. Names longer than 64 bytes get no suggestion; no more than the first 100 candidates are looked at.
std::string_view closest(std::string_view name, std::span<const std::string_view> candidates);

// `did you mean "x"?`, or empty.
std::string did_you_mean(std::string_view name, std::span<const std::string_view> candidates);

}  // namespace pawl::dsl
