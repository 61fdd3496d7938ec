#include "access/tenants.h"

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

#include "access/operator_login.h"
#include "base/encoding.h"
#include "base/random.h"

namespace pawl::access {

namespace {

Tenant tenant_of(const pg::Rows& rows, std::size_t row) {
  return {.id = rows.get<Uuid>(row, 0), .name = std::string(rows.text(row, 1)), .created_at = rows.get<Time>(row, 2)};
}

Result<std::optional<Tenant>> insert(const std::string& conninfo, const std::string& name) {
  if (auto valid = check_tenant_name(name); !valid) return fail(std::move(valid.error()));
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  const auto now = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
  const Uuid id = Uuid::version7(now, secret_seed(), secret_seed());
  auto rows = connection->run(sql("create_tenant.sql"), std::move(pg::Params().add(id).add(name)));
  if (!rows) return fail(std::move(rows.error()));
  if (rows->empty()) return std::optional<Tenant>();
  return tenant_of(*rows, 0);
}

}  // namespace

Result<void> check_tenant_name(std::string_view name) {
  const bool fits =
      !name.empty() && name.size() <= tenant_name_bytes && is_utf8(name) &&
      std::ranges::none_of(name, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (fits) return {};
  return fail({.status = 400,
               .code = "invalid-name",
               .title = "Not a name for a tenant",
               .detail = "A tenant's name has 1 to 63 bytes of UTF-8 and no control characters.",
               .instance = "name",
               .hint = {}});
}

Result<Tenant> create_tenant(const std::string& conninfo, const std::string& name) {
  auto made = insert(conninfo, name);
  if (!made) return fail(std::move(made.error()));
  if (*made) return std::move(**made);
  return fail({.status = 409,
               .code = "tenant-exists",
               .title = "There is a tenant of that name",
               .detail = name,
               .instance = "name",
               .hint = "pawl tenants list shows all."});
}

Result<Tenant> ensure_tenant(const std::string& conninfo, const std::string& name) {
  auto made = insert(conninfo, name);
  if (!made) return fail(std::move(made.error()));
  if (*made) return std::move(**made);
  return find_tenant(conninfo, name);
}

Result<Tenant> find_tenant(const std::string& conninfo, const std::string& name) {
  if (auto valid = check_tenant_name(name); !valid) return fail(std::move(valid.error()));
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  auto rows = connection->run(sql("find_tenant.sql"), std::move(pg::Params().add(name)));
  if (!rows) return fail(std::move(rows.error()));
  if (!rows->empty()) return tenant_of(*rows, 0);
  return fail({.status = 404,
               .code = "tenant-not-found",
               .title = "There is no tenant of that name",
               .detail = name,
               .instance = "tenant",
               .hint = "pawl tenants list shows all; pawl tenants create makes one."});
}

Result<std::vector<Tenant>> list_tenants(const std::string& conninfo) {
  auto connection = open_as_owner(conninfo);
  if (!connection) return fail(std::move(connection.error()));
  auto rows = connection->run(sql("list_tenants.sql"));
  if (!rows) return fail(std::move(rows.error()));
  std::vector<Tenant> tenants;
  for (std::size_t i = 0; i < rows->size(); ++i) tenants.push_back(tenant_of(*rows, i));
  return tenants;
}

}  // namespace pawl::access
