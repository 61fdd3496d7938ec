// Waits between attempts: doubling from `first` to `longest`, each drawn between half of it and the whole, so that
// those who failed together do not return together. Grows until reset().
#pragma once

#include <algorithm>

#include "base/random.h"
#include "base/time.h"

namespace pawl::pg {

class Backoff {
 public:
  Backoff(Microseconds first, Microseconds longest, std::uint64_t seed)
      : first_(first), longest_(longest), next_(first), random_(seed) {}

  Microseconds next() {
    const Microseconds whole = next_;
    next_ = std::min(longest_, next_ * 2);
    return whole / 2 + Microseconds(static_cast<std::int64_t>(static_cast<double>(whole.count()) / 2 * random_.unit()));
  }
  void reset() { next_ = first_; }

 private:
  Microseconds first_, longest_, next_;
  Random random_;
};

}  // namespace pawl::pg
