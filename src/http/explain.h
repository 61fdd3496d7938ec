// What holds a run: the document of GET /v1/runs/{id}/explain, of what the database says and what the owner of the run
// remembers. A pure function.
#pragma once

#include <optional>
#include <vector>

#include "base/time.h"
#include "engine/api.h"
#include "json/value.h"
#include "store/reads.h"

namespace pawl::http {

struct Explained {
  store::RunHolds holds;
  // Of holds.work, in its order; empty when this server does not own the run: then only the database speaks.
  std::vector<engine::WorkView> remembered;
  bool owned_here = false;
  Time now{};
};

// {id, status, owner: {node, live, here}, holds: [{kind, because, path?, …}], cut?}. A run that has ended is held by
// nothing; one that has not is always held by something.
json::Value explanation(const Explained& explained);

}  // namespace pawl::http
