// Rows of the engine's ownership that mean nothing any more. Each start of a server, and each commit connection that is
// made anew, leaves one behind.
#pragma once

#include <cstdint>

#include "base/problem.h"
#include "pg/pool.h"

namespace pawl::db {

// Deletes loops without lanes that are fenced or whose node has long been dead, and nodes without loops: at most a
// thousand of each. On a connection as pawl_engine, which may call the function that does it and not delete by itself.
// Returns how many loops.
pg::Awaitable<Result<std::int64_t>> forget_dead_loops(pg::Pool& pool);

}  // namespace pawl::db
