// Tenants, as the operator makes them. Each function blocks, on a connection of its own, whose login must be able to
// become pawl_owner. Codes of all: database-unavailable, database-denied, database-not-migrated.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "base/time.h"
#include "base/uuid.h"

namespace pawl::access {

inline constexpr std::size_t tenant_name_bytes = 63;

struct Tenant {
  Uuid id;
  std::string name;
  Time created_at{};
};

// 1 to 63 bytes of UTF-8 without control characters. Code invalid-name.
Result<void> check_tenant_name(std::string_view name);

Result<Tenant> create_tenant(const std::string& conninfo,
                             const std::string& name);  // codes invalid-name, tenant-exists
Result<Tenant> ensure_tenant(const std::string& conninfo, const std::string& name);  // made unless it is there
Result<Tenant> find_tenant(const std::string& conninfo, const std::string& name);    // code tenant-not-found
Result<std::vector<Tenant>> list_tenants(const std::string& conninfo);               // by name

}  // namespace pawl::access
