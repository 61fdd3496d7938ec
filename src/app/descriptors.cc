#include "app/descriptors.h"

#include <sys/resource.h>

#include <algorithm>

namespace pawl::app {
namespace {

constexpr rlim_t descriptors_wanted = 65'536;

}  // namespace

std::size_t raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) != 0) return descriptors_wanted;
  const rlim_t wanted = std::min(limit.rlim_max, descriptors_wanted);
  if (limit.rlim_cur < wanted) {
    const rlimit raised{.rlim_cur = wanted, .rlim_max = limit.rlim_max};
    if (setrlimit(RLIMIT_NOFILE, &raised) == 0) limit = raised;
  }
  return std::min(limit.rlim_cur, descriptors_wanted);
}

std::size_t client_connections(std::size_t descriptors, std::size_t most) {
  const std::size_t reserve = std::min(reserved_descriptors, descriptors / 2);
  return std::min(most, descriptors - reserve);
}

}  // namespace pawl::app
