#include "store/memory/ownership_statements.h"

#include <map>

#include "base/limits.h"

namespace pawl::store::memory {

namespace {

RowId loop_row(Uuid loop) { return {RowId::Table::loops, {}, loop, 0}; }
RowId node_row(Uuid node) { return {RowId::Table::nodes, {}, node, 0}; }

// The lanes of one owner are locked as one: whoever takes some of them waits for whoever takes others. That delays more
// than PostgreSQL's row locks would, and allows nothing that they would not.
RowId lanes_of(const std::optional<Uuid>& owner) { return {RowId::Table::lanes, {}, owner.value_or(Uuid{}), 0}; }

LaneRow lane_row(const Transaction& transaction, ports::Lane lane) {
  const LaneRow* row = transaction.lanes.find(lane);
  return row ? *row : LaneRow{};
}

bool live(const Transaction& transaction, Uuid loop) {
  const LoopRow* row = transaction.loops.find(loop);
  return row && row->live;
}

void fence(Transaction& transaction, Uuid loop) {
  LoopRow row = *transaction.loops.find(loop);
  row.live = false;
  transaction.loops.put(loop, row);
}

std::vector<Uuid> live_loops_of(const Transaction& transaction, Uuid node) {
  std::vector<Uuid> loops;
  for (const auto& [loop, row] : transaction.committed().loops) {
    if (row.node == node && row.live) loops.push_back(loop);
  }
  return loops;
}

}  // namespace

Statement upsert_node(ports::NodeInfo node, std::shared_ptr<Time> registered) {
  const auto locks = [id = node.node](const Transaction&) { return std::vector<LockWish>{{node_row(id)}}; };
  return {"node", locks, [node, registered](Scene& scene) -> Outcome {
            scene.transaction.nodes.put(node.node, {node, scene.now + node.lease});
            *registered = scene.now;
            return {};
          }};
}

Statement insert_loop(Uuid loop, Uuid node, BackendId backend) {
  const auto locks = [loop](const Transaction&) { return std::vector<LockWish>{{loop_row(loop)}}; };
  return {"loop", locks, [=](Scene& scene) -> Outcome {
            if (!scene.transaction.nodes.find(node)) return raise("23503", "the loop's node is not registered");
            if (scene.transaction.loops.find(loop)) return raise("23505", "a loop's id is never used again");
            scene.transaction.loops.put(loop, {node, backend, true});
            return {};
          }};
}

Statement fence_update(Uuid loop) {
  const auto locks = [loop](const Transaction& transaction) -> std::vector<LockWish> {
    if (!live(transaction, loop)) return {};
    return {{loop_row(loop)}};
  };
  return {"loops", locks, [loop](Scene& scene) -> Outcome {
            if (live(scene.transaction, loop)) fence(scene.transaction, loop);
            return {};
          }};
}

Statement lanes_update(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                       std::shared_ptr<std::vector<ports::OwnedLane>> taken) {
  const auto locks = [from](const Transaction&) { return std::vector<LockWish>{{lanes_of(from)}}; };
  return {"lanes", locks, [=, wanted = std::move(lanes)](Scene& scene) -> Outcome {
            taken->clear();
            for (const ports::Lane lane : wanted) {
              LaneRow row = lane_row(scene.transaction, lane);
              if (row.loop != from) continue;
              row.loop = to;
              ++row.epoch;
              scene.transaction.lanes.put(lane, row);
              taken->push_back({lane, row.epoch});
            }
            return {};
          }};
}

Statement end_lease(Uuid node) {
  const auto locks = [node](const Transaction&) { return std::vector<LockWish>{{node_row(node)}}; };
  return {"node", locks, [node](Scene& scene) -> Outcome {
            const NodeRow* found = scene.transaction.nodes.find(node);
            if (!found) return {};
            NodeRow row = *found;
            row.lease_until = scene.now;
            scene.transaction.nodes.put(node, std::move(row));
            return {};
          }};
}

Statement fence_loops_of(Uuid node) {
  const auto locks = [node](const Transaction& transaction) {
    std::vector<LockWish> wishes;
    for (const Uuid& loop : live_loops_of(transaction, node)) wishes.push_back({loop_row(loop)});
    return wishes;
  };
  return {"loops", locks, [node](Scene& scene) -> Outcome {
            for (const Uuid& loop : live_loops_of(scene.transaction, node)) fence(scene.transaction, loop);
            return {};
          }};
}

Statement renew_lease(Uuid node, std::shared_ptr<ports::Renewal> renewed) {
  const auto locks = [node](const Transaction&) { return std::vector<LockWish>{{node_row(node)}}; };
  return {"node", locks, [node, renewed](Scene& scene) -> Outcome {
            const NodeRow* found = scene.transaction.nodes.find(node);
            if (!found) return raise("P0002", "the node is not registered");
            NodeRow row = *found;
            row.lease_until = scene.now + row.info.lease;
            renewed->database_time = scene.now;
            scene.transaction.nodes.put(node, std::move(row));
            return {};
          }};
}

Statement read_loops(std::shared_ptr<ports::Renewal> renewed, std::function<bool(BackendId)> backend_exists) {
  return {"loops", {}, [renewed, backend_exists](Scene& scene) -> Outcome {
            renewed->loops.clear();
            std::map<Uuid, ports::LoopView> by_loop;
            for (const auto& [lane, row] : scene.transaction.committed().lanes) {
              if (row.loop) by_loop[*row.loop].lanes.push_back({lane, row.epoch});
            }
            for (auto& [loop, view] : by_loop) {
              const LoopRow* row = scene.transaction.loops.find(loop);
              const NodeRow* node = scene.transaction.nodes.find(row->node);
              view.loop = loop;
              view.node = row->node;
              view.live = row->live;
              view.owner_gone = !backend_exists(row->backend) || node->lease_until < scene.now;
              renewed->loops.push_back(std::move(view));
            }
            return {};
          }};
}

}  // namespace pawl::store::memory
