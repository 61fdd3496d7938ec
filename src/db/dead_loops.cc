#include "db/dead_loops.h"

#include "base/log.h"

namespace pawl::db {

namespace {

constexpr Microseconds forgetting_timeout = std::chrono::seconds(30);

}  // namespace

pg::Awaitable<Result<std::int64_t>> forget_dead_loops(pg::Pool& pool) {
  pg::Pipeline pipeline;
  pipeline.add("SELECT pawl.forget_dead_loops()");
  const auto answer = co_await pool.run(std::move(pipeline), forgetting_timeout);
  if (!answer) co_return fail(pg::problem_of(answer.error()));
  const auto forgotten = answer->front().get<std::int64_t>(0, 0);
  if (forgotten > 0) log_info("forgot loops that are dead", {{"loops", forgotten}});
  co_return forgotten;
}

}  // namespace pawl::db
