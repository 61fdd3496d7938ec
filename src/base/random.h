// Randomness. Secrets come from the operating system; everything else from a seeded generator, so that the
// simulator can repeat a run. `core/` and `engine/` never call these: they are given numbers.
#pragma once

#include <cstdint>
#include <span>

namespace pawl {

void fill_secret(std::span<std::uint8_t> bytes);  // getrandom(2); never fails once the system has booted
std::uint64_t secret_seed();

// xoshiro256++ (Blackman, Vigna 2019), seeded by splitmix64. Not for secrets.
class Random {
 public:
  explicit Random(std::uint64_t seed);
  std::uint64_t next();
  std::uint64_t below(std::uint64_t bound);  // uniform in [0, bound), bound > 0
  double unit();                             // uniform in [0, 1)
  bool chance(double probability) { return unit() < probability; }

 private:
  std::uint64_t state_[4];
};

}  // namespace pawl
