// Limits of core/ alone.
#pragma once

#include <chrono>

namespace pawl::core {

// The longest delay before a retry, whatever a policy or a service's Retry-After says.
inline constexpr std::chrono::hours retry_delay_longest{24};

}  // namespace pawl::core
