// When a session's plans are too old. Statements run with generic plans, since planning costs as much as writing a
// small batch; but a plan that was made while a table was empty may use any index, and autovacuum notices growth after
// a minute only. So all are made anew each time the rows written have doubled, and after some seconds, since others
// write too.
#pragma once

#include <chrono>
#include <cstddef>

namespace pawl::store {

class PlanAge {
 public:
  using Instant = std::chrono::steady_clock::time_point;

  static constexpr std::size_t first_rows = 100;
  static constexpr std::chrono::seconds longest{10};

  // True: the plans are to be discarded before this commit.
  bool too_old(Instant now) {
    const bool due = rows_ >= limit_ || now - made_ >= longest;
    if (!due) return false;
    if (rows_ >= limit_) limit_ *= 2;
    rows_ = 0;
    made_ = now;
    return true;
  }
  void wrote(std::size_t rows) { rows_ += rows; }

 private:
  std::size_t rows_ = 0, limit_ = first_rows;
  Instant made_{};
};

}  // namespace pawl::store
