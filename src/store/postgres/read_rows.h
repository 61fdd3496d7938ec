// Rows of the load statements as the values of ports/.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/problem.h"
#include "core/event.h"
#include "json/value.h"
#include "pg/rows.h"
#include "ports/storage.h"

namespace pawl::store {

// A jsonb's text. What the server stores was within our limits when it was written: none is set here but the depth's.
Result<json::Value> read_json(std::string_view text);

// Columns seq, type, ts, path, payload from `column` on. A type that is not known is a problem (a newer version wrote
// it).
Result<core::Event> read_event(const pg::Rows& rows, std::size_t row, std::size_t column = 0);

// The columns of load_invocation.sql and its like.
ports::StoredInvocation read_invocation(const pg::Rows& rows, std::size_t row);
// Those of load_run.sql, without events and invocations.
ports::StoredRun read_run(const ports::RunKey& key, const pg::Rows& rows);
// Those of load_version.sql and resolve_version.sql: none or one row.
std::optional<ports::StoredVersion> read_version(const pg::Rows& rows);
// Those of load_pending_waits.sql. A kind of wait that is not known is a problem.
Result<ports::StoredWait> read_wait(const pg::Rows& rows, std::size_t row);

}  // namespace pawl::store
