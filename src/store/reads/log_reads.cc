#include "store/reads/pipeline.h"

namespace pawl::store {

namespace {

LogLine log_line(const pg::Rows& rows, std::size_t row) {
  return {.line = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 0)),
          .attempt = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 4)),
          .ts = rows.get<Time>(row, 1),
          .level = std::string(rows.text(row, 2)),
          .path = std::string(rows.text(row, 3)),
          .message = std::string(rows.text(row, 6)),
          .cut = rows.get<bool>(row, 5)};
}

}  // namespace

void Reads::logs(Uuid tenant, Uuid run, std::uint32_t after, std::uint32_t limit, Done<std::optional<LogPage>> then) {
  const std::uint32_t most = bounded(limit);
  pg::Params exists, lines, counts;
  exists.add(tenant).add(run);
  lines.add(tenant)
      .add(run)
      .add(static_cast<std::int32_t>(std::min<std::uint32_t>(after, INT32_MAX)))
      .add(one_more(most));
  counts.add(tenant).add(run);
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run_exists.sql"), std::move(exists))
      .add(statement("read_logs.sql"), std::move(lines))
      .add(statement("read_log_counts.sql"), std::move(counts));
  ask<std::optional<LogPage>>(
      std::move(pipeline),
      [most](const pg::Results& results) -> Result<std::optional<LogPage>> {
        if (results[first].empty()) return std::nullopt;
        const pg::Rows& rows = results[first + 1];
        LogPage page;
        for (std::size_t i = 0; i < rows.size() && i < most; ++i) page.lines.push_back(log_line(rows, i));
        if (rows.size() > most) page.next_after = page.lines.back().line;
        const pg::Rows& counted = results[first + 2];
        if (!counted.empty()) page.dropped = static_cast<std::uint64_t>(counted.get<std::int64_t>(0, 0));
        return page;
      },
      std::move(then));
}

}  // namespace pawl::store
