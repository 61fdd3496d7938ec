// The log's partitions: made ahead, so that rows seldom land in the DEFAULT partition.
#pragma once

#include <string>
#include <vector>

#include "base/problem.h"
#include "pg/pool.h"

namespace pawl::db {

inline constexpr Microseconds upkeep_period = std::chrono::hours(1);

// Makes the current month's partition and the next three's, and what is missing in between, on a connection that may do
// so (pawl_owner or pawl_engine); returns the names of those made. A month that cannot be made now (its rows are in the
// DEFAULT partition, a lock is held) is a warning in the log and no error: its rows go to the DEFAULT partition
// meanwhile.
pg::Awaitable<Result<std::vector<std::string>>> maintain_partitions(pg::Pool& pool);

// The same, blocking, on a connection of its own: at a server's start.
Result<std::vector<std::string>> maintain_partitions(const std::string& conninfo, const std::string& role);

}  // namespace pawl::db
