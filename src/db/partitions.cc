#include "db/partitions.h"

#include <boost/asio/io_context.hpp>
#include <utility>

#include "base/log.h"

namespace pawl::db {

namespace {

constexpr Microseconds upkeep_timeout = std::chrono::minutes(1);

pg::Pipeline upkeep() {
  pg::Pipeline pipeline;
  pipeline.add("SELECT pawl.maintain_workflow_events_partitions()");
  return pipeline;
}

Result<std::vector<std::string>> names_of(pg::Outcome<pg::Results> answer) {
  if (!answer) return fail(pg::problem_of(answer.error()));
  std::vector<std::string> names;
  for (std::size_t i = 0; i < answer->front().size(); ++i) {
    names.emplace_back(answer->front().text(i, 0));
    log_info("made a partition of the log", {{"partition", names.back()}});
  }
  return names;
}

}  // namespace

pg::Awaitable<Result<std::vector<std::string>>> maintain_partitions(pg::Pool& pool) {
  co_return names_of(co_await pool.run(upkeep(), upkeep_timeout));
}

Result<std::vector<std::string>> maintain_partitions(const std::string& conninfo, const std::string& role) {
  boost::asio::io_context io;
  pg::Connection connection(io);
  auto opened =
      pg::run_to_end(io, connection.open({.conninfo = conninfo, .role = role, .application_name = "pawl partitions"}));
  if (!opened) return fail(pg::problem_of(opened.error()));
  return names_of(pg::run_to_end(io, connection.run(upkeep(), upkeep_timeout)));
}

}  // namespace pawl::db
