// Where PostgreSQL's programs are.
#pragma once

#include <filesystem>
#include <vector>

#include "base/problem.h"

namespace pawl::db {

inline constexpr int oldest_postgres = 15;

// Folders that may hold initdb and postgres: those of Debian's packages, the newest first, then those of PATH.
std::vector<std::filesystem::path> postgres_folders();

// The folder of the programs for a cluster: of its own major version when `cluster` holds one (PG_VERSION), else the
// newest from 15 on. Codes: postgres-not-found, postgres-version-mismatch.
Result<std::filesystem::path> find_postgres(const std::filesystem::path& cluster,
                                            const std::vector<std::filesystem::path>& folders);

}  // namespace pawl::db
