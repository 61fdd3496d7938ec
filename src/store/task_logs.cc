#include "store/task_logs.h"

#include <string_view>
#include <utility>

#include "base/limits.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

Problem overloaded() {
  return {.status = 429,
          .code = "overloaded",
          .title = "More is waiting than can be kept",
          .detail = "too many requests with log lines are being written",
          .instance = "log_requests",
          .hint = "send lines in batches, and these again after a second"};
}

pg::Pipeline pipeline_of(const Uuid& tenant, const std::vector<TaskLog>& items) {
  pg::Array<std::int32_t> item, attempt, lease, of_item;
  pg::Array<Uuid> invocation;
  pg::Array<Time> ts;
  pg::Array<std::string_view> level, message;
  pg::Array<bool> cut;
  for (std::size_t i = 0; i < items.size(); ++i) {
    item.add(static_cast<std::int32_t>(i));
    invocation.add(items[i].invocation);
    attempt.add(static_cast<std::int32_t>(items[i].attempt));
    lease.add(static_cast<std::int32_t>(items[i].lease));
    for (const TaskLogLine& line : items[i].lines) {
      of_item.add(static_cast<std::int32_t>(i));
      ts.add(line.ts);
      level.add(line.level);
      message.add(line.message);
      cut.add(line.cut);
    }
  }
  pg::Params find, open, lock, append;
  find.add(tenant).add(item).add(invocation).add(attempt).add(lease);
  open.add(tenant).add(invocation);
  lock.add(tenant).add(invocation);
  append.add(tenant).add(item).add(invocation).add(attempt).add(lease);
  append.add(of_item).add(ts).add(level).add(message).add(cut);
  append.add(static_cast<std::int32_t>(limits::log_lines_of_task))
      .add(static_cast<std::int32_t>(limits::log_lines_of_run));
  pg::Pipeline pipeline;
  pipeline.begin()
      .add(statement("logs_find_tasks.sql"), std::move(find))
      .add(statement("logs_open_counts.sql"), std::move(open))
      .add(statement("logs_lock_runs.sql"), std::move(lock))
      .add(statement("logs_append.sql"), std::move(append))
      .commit();
  return pipeline;
}

std::vector<TaskLogAnswer> read_answers(const pg::Results& results, std::size_t count) {
  std::vector<TaskLogAnswer> answers(count);
  const pg::Rows& known = results[1];
  for (std::size_t i = 0; i < known.size(); ++i) {
    answers[static_cast<std::size_t>(known.get<std::int32_t>(i, 0))].token =
        known.get<bool>(i, 1) ? TaskLogAnswer::Token::current : TaskLogAnswer::Token::stale;
  }
  const pg::Rows& appended = results[4];
  for (std::size_t i = 0; i < appended.size(); ++i) {
    answers[static_cast<std::size_t>(appended.get<std::int32_t>(i, 0))].dropped =
        static_cast<std::uint64_t>(appended.get<std::int64_t>(i, 1));
  }
  return answers;
}

}  // namespace

TaskLogs::TaskLogs(boost::asio::io_context& io, TaskLogSettings settings)
    : settings_(std::move(settings)),
      pool_(io, pg::PoolOptions{.connect = {.conninfo = settings_.conninfo,
                                            .role = "pawl_engine",
                                            .settings = {{"lock_timeout", "5s"}, {"statement_timeout", "10s"}},
                                            .application_name = "pawl logs"},
                                .connections = settings_.connections}) {}

void TaskLogs::append(Uuid tenant, std::vector<TaskLog> items, Done<std::vector<TaskLogAnswer>> then) {
  if (items.empty()) return then(std::vector<TaskLogAnswer>());
  if (writing_ >= requests_at_once) return then(fail(overloaded()));
  std::size_t& of_tenant = writing_of_[tenant];
  if (of_tenant >= requests_of_tenant_at_once) return then(fail(overloaded()));
  ++writing_;
  ++of_tenant;
  pool_.send(pipeline_of(tenant, items), settings_.timeout,
             [this, tenant, count = items.size(), then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
               done(tenant);
               if (!answer) return then(fail(pg::problem_of(answer.error())));
               then(read_answers(*answer, count));
             });
}

void TaskLogs::done(const Uuid& tenant) {
  --writing_;
  const auto of_tenant = writing_of_.find(tenant);
  if (--of_tenant->second == 0) writing_of_.erase(of_tenant);
}

}  // namespace pawl::store
