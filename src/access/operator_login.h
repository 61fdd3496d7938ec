// The connection of this room's operator functions.
#pragma once

#include "access/embedded.h"
#include "pg/blocking_connection.h"

namespace pawl::access {

inline constexpr Microseconds operator_timeout = std::chrono::seconds(30);

inline std::string sql(std::string_view file) { return std::string(embedded::file(file)); }

inline Result<pg::BlockingConnection> open_as_owner(const std::string& conninfo) {
  return pg::BlockingConnection::open(conninfo, "pawl access", operator_timeout, "pawl_owner");
}

}  // namespace pawl::access
