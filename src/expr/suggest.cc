#include "expr/suggest.h"

#include <algorithm>
#include <vector>

namespace pawl::expr {

namespace {

// Levenshtein's distance, row by row.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i - 1] == b[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({row[j] + 1, row[j - 1] + 1, replaced});
    }
  }
  return row[b.size()];
}

}  // namespace

std::string did_you_mean(std::string_view name, std::span<const std::string_view> known, std::string_view prefix) {
  constexpr std::size_t longest = 64;  // a longer name is no slip of the finger
  if (name.size() > longest) return {};
  std::size_t least = std::max<std::size_t>(2, name.size() / 3) + 1;
  std::string_view best;
  for (std::string_view candidate : known) {
    if (candidate.empty() || candidate.size() > longest) continue;
    const std::size_t found = distance(name, candidate);
    if (found < least && found < candidate.size()) {
      least = found;
      best = candidate;
    }
  }
  return best.empty() ? std::string{} : "did you mean " + std::string(prefix) + std::string(best) + "?";
}

}  // namespace pawl::expr
