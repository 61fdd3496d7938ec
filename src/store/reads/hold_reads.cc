#include "store/reads/pipeline.h"

namespace pawl::store {

namespace {

OpenWork open_work(const pg::Rows& rows, std::size_t row) {
  return {.invocation = rows.get<Uuid>(row, 0),
          .path = std::string(rows.text(row, 1)),
          .queue = std::string(rows.text(row, 2)),
          .action = std::string(rows.text(row, 3)),
          .status = std::string(rows.text(row, 4)),
          .worker = rows.maybe_text(row, 7),
          .attempt = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 5)),
          .deaths = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 6)),
          .leased_until = rows.maybe<Time>(row, 8),
          .available_at = rows.get<Time>(row, 9)};
}

OpenWait open_wait(const pg::Rows& rows, std::size_t row) {
  return {.path = std::string(rows.text(row, 0)),
          .kind = std::string(rows.text(row, 1)),
          .attempt = rows.maybe_text(row, 3),
          .due_at = rows.maybe<Time>(row, 2)};
}

pg::Params of_run(Uuid tenant, Uuid run) {
  pg::Params params;
  params.add(tenant).add(run);
  return params;
}

}  // namespace

void Reads::holds(Uuid tenant, Uuid run, Done<std::optional<RunHolds>> then) {
  pg::Params work = of_run(tenant, run), waits = of_run(tenant, run), lane;
  work.add(one_more(holds_most));
  waits.add(one_more(holds_most));
  lane.add(static_cast<std::int16_t>(run.lane()));
  pg::Pipeline pipeline = as_tenant(tenant);
  pipeline.add(statement("read_run.sql"), of_run(tenant, run))
      .add(statement("read_open_work.sql"), std::move(work))
      .add(statement("read_open_waits.sql"), std::move(waits))
      .add(statement("read_lane_owner.sql"), std::move(lane));
  ask<std::optional<RunHolds>>(
      std::move(pipeline),
      [](const pg::Results& results) -> Result<std::optional<RunHolds>> {
        if (results[first].empty()) return std::nullopt;
        RunHolds holds{.run = run_row(results[first], 0), .work = {}, .waits = {}, .owner = {}};
        const pg::Rows &worked = results[first + 1], &waited = results[first + 2], &owner = results[first + 3];
        for (std::size_t i = 0; i < worked.size() && i < holds_most; ++i) holds.work.push_back(open_work(worked, i));
        for (std::size_t i = 0; i < waited.size() && i < holds_most; ++i) holds.waits.push_back(open_wait(waited, i));
        holds.cut = worked.size() > holds_most || waited.size() > holds_most;
        if (!owner.empty()) {
          holds.owner = owner.maybe_text(0, 0);
          holds.owner_is_live = owner.maybe<bool>(0, 1).value_or(false);
        }
        return holds;
      },
      std::move(then));
}

}  // namespace pawl::store
