// A stable sort that is safe with an order that is none (NaN, kept digits against doubles): std::sort may then read out
// of bounds, and std::stable_sort of libstdc++ 12 uses functions that C++23 deprecates.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <utility>
#include <vector>

namespace pawl::json {

// Bottom-up merging: n log n comparisons, one buffer of n.
template <class T, class Less>
void merge_sort(std::vector<T>& items, Less less) {
  std::vector<T> merged;
  merged.reserve(items.size());
  for (std::size_t width = 1; width < items.size(); width *= 2) {
    merged.clear();
    for (std::size_t begin = 0; begin < items.size(); begin += 2 * width) {
      std::size_t left = begin, right = std::min(begin + width, items.size());
      const std::size_t left_end = right, right_end = std::min(begin + 2 * width, items.size());
      while (left < left_end && right < right_end) {
        merged.push_back(std::move(less(items[right], items[left]) ? items[right++] : items[left++]));
      }
      while (left < left_end) merged.push_back(std::move(items[left++]));
      while (right < right_end) merged.push_back(std::move(items[right++]));
    }
    items.swap(merged);
  }
}

}  // namespace pawl::json
