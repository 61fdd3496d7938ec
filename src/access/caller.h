// Who sent a request: everything it may see and do follows from the tenant.
#pragma once

#include "base/uuid.h"

namespace pawl::access {

struct Caller {
  Uuid tenant;
  Uuid token_id;
  bool operator==(const Caller&) const = default;
};

}  // namespace pawl::access
