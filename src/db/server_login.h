// The login of servers: a NOINHERIT member of pawl_engine and pawl_reader, so that without a SET ROLE it may do
// nothing.
#pragma once

namespace pawl::db {

inline constexpr char server_login[] = "pawl_server";
inline constexpr char engine_role[] = "pawl_engine";  // commits
inline constexpr char reader_role[] = "pawl_reader";  // reads, as a tenant
inline constexpr char owner_role[] = "pawl_owner";    // migrations, tenants, tokens, upkeep

}  // namespace pawl::db
