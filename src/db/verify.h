// `pawl verify`: laws 2, 3 and 5 of a live database, as far as SQL can tell; read only, in one snapshot, so that it may
// run beside a working server.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "base/problem.h"
#include "base/uuid.h"

namespace pawl::db {

struct Violation {
  int law = 0;
  Uuid tenant, run;
  std::string what;
};

struct VerifyOptions {
  std::uint32_t violations_per_check = 1'000;  // the rest of a check's is not listed
};

struct Verified {
  std::vector<Violation> violations;   // by law
  std::uint64_t runs = 0, events = 0;  // looked at
};

// Blocks. The login must be able to become pawl_owner: row-level security would hide violations from any other. Codes:
// database-denied, database-unavailable.
Result<Verified> verify(const std::string& conninfo, const VerifyOptions& options = {});

}  // namespace pawl::db
