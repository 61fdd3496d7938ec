#include "base/random.h"

#include <sys/random.h>

#include <array>
#include <bit>
#include <cerrno>
#include <cstdlib>

namespace pawl {

void fill_secret(std::span<std::uint8_t> bytes) {
  while (!bytes.empty()) {
    const ssize_t got = getrandom(bytes.data(), bytes.size(), 0);
    if (got < 0) {
      if (errno == EINTR) continue;
      std::abort();  // no kernel that runs this program lacks it; a guessable secret would be worse than no server
    }
    bytes = bytes.subspan(static_cast<std::size_t>(got));
  }
}

std::uint64_t secret_seed() {
  std::array<std::uint8_t, 8> bytes;
  fill_secret(bytes);
  return std::bit_cast<std::uint64_t>(bytes);
}

// splitmix64 (Steele, Lea, Flood 2014): the seeding that the authors of xoshiro recommend; never leaves all zeros.
Random::Random(std::uint64_t seed) {
  for (std::uint64_t& word : state_) {
    seed += 0x9e3779b97f4a7c15U;
    std::uint64_t z = seed;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9U;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebU;
    word = z ^ (z >> 31);
  }
}

std::uint64_t Random::next() {
  const std::uint64_t result = std::rotl(state_[0] + state_[3], 23) + state_[0];
  const std::uint64_t t = state_[1] << 17;
  state_[2] ^= state_[0];
  state_[3] ^= state_[1];
  state_[1] ^= state_[2];
  state_[0] ^= state_[3];
  state_[2] ^= t;
  state_[3] = std::rotl(state_[3], 45);
  return result;
}

std::uint64_t Random::below(std::uint64_t bound) {
  // Of the 2^64 words, the first (2^64 mod bound) are thrown away, so that each remainder is as likely as another.
  const std::uint64_t surplus = (0 - bound) % bound;
  std::uint64_t word = next();
  while (word < surplus) word = next();
  return word % bound;
}

double Random::unit() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

}  // namespace pawl
