// The processor time of a PostgreSQL on this machine, from /proc.
#pragma once

#include <optional>

namespace pawl::bench {

// Of all processes of the PostgreSQL that the session `backend` belongs to, also of those that have ended; nothing when
// there is no such process of PostgreSQL here.
std::optional<double> postgres_seconds(int backend);

}  // namespace pawl::bench
