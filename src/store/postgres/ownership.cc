// PostgresStorage: nodes, loops and lanes (engine-protocol.md section 5). Times are compared in SQL.
#include <algorithm>
#include <map>
#include <utility>

#include "store/postgres/ask.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

constexpr int fence_attempts = 5;       // each waits two seconds for the commit in flight
constexpr std::int16_t run_format = 1;  // the newest format of runs that this version can fold

template <class... Values>
pg::Params params_of(const Values&... values) {
  pg::Params params;
  (params.add(values), ...);
  return params;
}

pg::Params params_of_node(const ports::NodeInfo& node) {
  return params_of(node.node, node.name, node.address, run_format, node.lease);
}

Problem unavailable(std::string code, std::string title) {
  return {.status = 503, .code = std::move(code), .title = std::move(title), .detail = {}, .instance = {}, .hint = {}};
}

// Backends by (pid, start). A start that is not shown to us belongs to another login's session: taken for alive.
class Backends {
 public:
  explicit Backends(const pg::Rows& rows) {
    for (std::size_t i = 0; i < rows.size(); ++i) starts_[rows.get<std::int32_t>(i, 0)] = rows.maybe<Time>(i, 1);
  }
  bool exists(std::int32_t pid, Time start) const {
    const auto found = starts_.find(pid);
    return found != starts_.end() && (!found->second || *found->second == start);
  }

 private:
  std::map<std::int32_t, std::optional<Time>> starts_;
};

std::vector<ports::LoopView> read_loops(const pg::Rows& loops, const pg::Rows& lanes, const Backends& backends) {
  std::vector<ports::LoopView> views;
  views.reserve(loops.size());
  for (std::size_t i = 0; i < loops.size(); ++i) {
    const bool gone = !backends.exists(loops.get<std::int32_t>(i, 3), loops.get<Time>(i, 4));
    views.push_back({.loop = loops.get<Uuid>(i, 0),
                     .node = loops.get<Uuid>(i, 1),
                     .live = loops.get<bool>(i, 2),
                     .owner_gone = gone || loops.get<bool>(i, 5),
                     .lanes = {}});
  }
  for (std::size_t i = 0; i < lanes.size(); ++i) {  // both are sorted by loop
    const auto view = std::ranges::lower_bound(views, lanes.get<Uuid>(i, 0), {}, &ports::LoopView::loop);
    if (view == views.end() || view->loop != lanes.get<Uuid>(i, 0)) continue;
    view->lanes.push_back({.lane = static_cast<ports::Lane>(lanes.get<std::int16_t>(i, 1)),
                           .epoch = static_cast<std::uint32_t>(lanes.get<std::int32_t>(i, 2))});
  }
  return views;
}

}  // namespace

void PostgresStorage::register_node(ports::NodeInfo node, Done<Time> then) {
  node_ = std::move(node);
  ask<Time>(
      pg::Pipeline().add(statement("owner_register_node.sql"), params_of_node(node_)),
      [](const pg::Results& results) -> Result<Time> { return results[0].get<Time>(0, 0); }, std::move(then));
}

void PostgresStorage::register_loop(Uuid loop, Uuid node, Done<void> then) {
  if (!commits_->is_open()) {
    return reconnect([this, loop, node, then = std::move(then)](Result<void> connected) mutable {
      if (!connected) return then(std::move(connected));
      register_loop(loop, node, std::move(then));
    });
  }
  pg::Pipeline pipeline;
  pipeline.begin()
      .add(statement("session_name.sql"), params_of(loop))
      .add(statement("session_login_role.sql"))
      .add(statement("session_own_backend.sql"))
      .commit();
  commits_->send(std::move(pipeline), settings_.load_timeout,
                 [this, loop, node, then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
                   if (!answer) return then(fail(pg::problem_of(answer.error())));
                   insert_loop(loop, node, answer->at(3).get<Time>(0, 1), std::move(then));
                 });
}

void PostgresStorage::insert_loop(Uuid loop, Uuid node, Time backend_start, Done<void> then) {
  commits_->send(pg::Pipeline().add(statement("owner_register_loop.sql"), params_of(loop, node, backend_start)),
                 settings_.load_timeout, [then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
                   if (!answer) return then(fail(pg::problem_of(answer.error())));
                   then({});
                 });
}

void PostgresStorage::fence_loop(Uuid loop, Done<void> then) { try_fence(loop, 1, std::move(then)); }

void PostgresStorage::try_fence(Uuid loop, int attempt, Done<void> then) {
  side_.send(pg::Pipeline().add(statement("owner_fence_loop.sql"), params_of(loop)), settings_.load_timeout,
             [this, loop, attempt, then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
               if (answer) return then({});
               // lock_not_available: a stopped owner's commit holds the row, and no timeout of the server ends it.
               if (answer.error().sqlstate != "55P03") return then(fail(pg::problem_of(answer.error())));
               if (attempt == fence_attempts)
                 return then(fail(unavailable("loop-not-fenced", "A loop's commit does not end")));
               end_backend_of(loop, [this, loop, attempt, then = std::move(then)](Result<void> ended) mutable {
                 if (!ended) return then(std::move(ended));
                 try_fence(loop, attempt + 1, std::move(then));
               });
             });
}

void PostgresStorage::end_backend_of(Uuid loop, Done<void> then) {
  ask<std::pair<std::int32_t, Time>>(
      pg::Pipeline().add(statement("owner_find_backend.sql"), params_of(loop)),
      [](const pg::Results& results) -> Result<std::pair<std::int32_t, Time>> {
        if (results[0].empty()) return std::pair(std::int32_t{0}, Time());
        return std::pair(results[0].get<std::int32_t>(0, 0), results[0].get<Time>(0, 1));
      },
      [this, then = std::move(then)](Result<std::pair<std::int32_t, Time>> backend) mutable {
        if (!backend) return then(fail(std::move(backend.error())));
        pg::Pipeline pipeline;
        pipeline.begin()
            .add(statement("session_login_role.sql"))
            .add(statement("owner_end_backend.sql"), params_of(backend->first, backend->second))
            .commit();
        tell(std::move(pipeline), std::move(then));
      });
}

void PostgresStorage::take_lanes(Uuid to, std::optional<Uuid> from, std::vector<ports::Lane> lanes,
                                 Done<std::vector<ports::OwnedLane>> then) {
  pg::Array<std::int16_t> wanted;
  for (const ports::Lane lane : lanes) wanted.add(static_cast<std::int16_t>(lane));
  pg::Pipeline pipeline;
  pipeline.begin()
      .add(statement("commit_fence.sql"), params_of(to))
      .add(statement("owner_take_lanes.sql"), params_of(to, from, wanted))
      .commit();
  side_.send(std::move(pipeline), settings_.load_timeout,
             [then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
               if (!answer && answer.error().sqlstate == "PW001")
                 return then(fail(unavailable("loop-fenced", "The loop is fenced")));
               if (!answer) return then(fail(pg::problem_of(answer.error())));
               const pg::Rows& rows = answer->at(2);
               std::vector<ports::OwnedLane> taken;
               for (std::size_t i = 0; i < rows.size(); ++i) {
                 taken.push_back({.lane = static_cast<ports::Lane>(rows.get<std::int16_t>(i, 0)),
                                  .epoch = static_cast<std::uint32_t>(rows.get<std::int32_t>(i, 1))});
               }
               std::ranges::sort(taken, {}, &ports::OwnedLane::lane);
               then(std::move(taken));
             });
}

void PostgresStorage::forget_node(Uuid node, Done<void> then) {
  pg::Pipeline pipeline;
  pipeline.begin()
      .add(statement("owner_fence_node.sql"), params_of(node))
      .add(statement("owner_forget_node.sql"), params_of(node))
      .commit();
  tell(std::move(pipeline), std::move(then));
}

void PostgresStorage::renew(Uuid node, Done<ports::Renewal> then) {
  // One that has slept for hours may have been forgotten meanwhile: it registers itself again.
  const bool registered_here = node == node_.node;
  pg::Pipeline pipeline;
  pipeline.begin()
      .add(statement(registered_here ? "owner_register_node.sql" : "owner_renew_node.sql"),
           registered_here ? params_of_node(node_) : params_of(node, node_.lease))
      .add(statement("owner_list_loops.sql"))
      .add(statement("owner_list_lanes.sql"))
      .add(statement("session_login_role.sql"))
      .add(statement("owner_list_backends.sql"))
      .commit();
  ask<ports::Renewal>(
      std::move(pipeline),
      [](const pg::Results& results) -> Result<ports::Renewal> {
        if (results[1].empty()) return fail(unavailable("node-unknown", "This node is not registered"));
        return ports::Renewal{.loops = read_loops(results[2], results[3], Backends(results[5])),
                              .database_time = results[1].get<Time>(0, 0)};
      },
      std::move(then));
}

}  // namespace pawl::store
