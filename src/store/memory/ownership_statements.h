// The statements of engine-protocol.md section 5: nodes, loops and lanes.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "ports/storage.h"
#include "store/memory/statement.h"

namespace pawl::store::memory {

// `registered`, `renewed` get the server's time.
Statement upsert_node(ports::NodeInfo node, std::shared_ptr<Time> registered);
Statement insert_loop(Uuid loop, Uuid node, BackendId backend);
// Waits for the commit in flight: its fence holds the row FOR SHARE. A loop that is fenced already, or unknown, is no
// error.
Statement fence_update(Uuid loop);
// After the fence of `to`, in one transaction with it. `taken` gets the lanes that were `from`'s at that moment.
Statement lanes_update(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                       std::shared_ptr<std::vector<ports::OwnedLane>> taken);
Statement end_lease(Uuid node);
Statement fence_loops_of(Uuid node);
Statement renew_lease(Uuid node, std::shared_ptr<ports::Renewal> renewed);  // P0002 when there is no such node
Statement read_loops(std::shared_ptr<ports::Renewal> renewed, std::function<bool(BackendId)> backend_exists);

}  // namespace pawl::store::memory
