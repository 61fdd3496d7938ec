#include "store/verify_source.h"

#include <algorithm>
#include <map>
#include <utility>

#include "pg/connection.h"
#include "store/postgres/read_rows.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

constexpr std::chrono::minutes page_timeout{2};

using ByRun = std::map<ports::RunKey, VerifyRun*>;

void add_events(const ByRun& runs, const pg::Rows& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    VerifyRun& run = *runs.at({rows.get<Uuid>(i, 6), rows.get<Uuid>(i, 7)});
    if (run.unreadable) continue;
    Result<core::Event> event = read_event(rows, i);
    if (!event) {
      run.unreadable = std::move(event.error());
      run.rows.events.clear();
      run.rows.epochs.clear();
      continue;
    }
    run.rows.events.push_back(std::move(*event));
    run.rows.epochs.push_back(static_cast<std::uint32_t>(rows.get<std::int32_t>(i, 5)));
  }
}

void add_waits(const ByRun& runs, const pg::Rows& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    VerifyRun& run = *runs.at({rows.get<Uuid>(i, 0), rows.get<Uuid>(i, 1)});
    Result<ports::StoredWait> wait = read_wait(rows, i);
    if (wait) {
      run.rows.waits.push_back(std::move(wait->wait));
    } else {
      run.unreadable = std::move(wait.error());
    }
  }
}

void add_invocations(const ByRun& runs, const pg::Rows& rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    VerifyRun& run = *runs.at({rows.get<Uuid>(i, 0), rows.get<Uuid>(i, 1)});
    run.rows.invocations.push_back(
        {.id = rows.get<Uuid>(i, 2), .attempt = static_cast<std::uint32_t>(rows.get<std::int32_t>(i, 3))});
  }
}

VerifyRun run_of(const pg::Rows& rows, std::size_t row) {
  VerifyRun run;
  run.rows.tenant = rows.get<Uuid>(row, 0);
  run.rows.run = rows.get<Uuid>(row, 1);
  run.rows.revision = static_cast<std::uint32_t>(rows.get<std::int32_t>(row, 3));
  if (const auto status = core::parse_run_status(rows.text(row, 4))) run.rows.status = *status;
  run.definition = rows.get<Uuid>(row, 5);
  run.version = rows.get<Uuid>(row, 6);
  run.rows.lane_epoch = static_cast<std::uint32_t>(rows.maybe<std::int32_t>(row, 7).value_or(0));
  run.rows.quarantined = rows.get<bool>(row, 8);
  return run;
}

}  // namespace

struct VerifySource::Reader {
  boost::asio::io_context io;
  pg::Connection connection{io};
  VerifySourceOptions options;
  Uuid after_tenant{}, after_run{};
  Time after_start{};
  bool ended = false;

  pg::Outcome<pg::Results> run(pg::Pipeline pipeline) {
    return pg::run_to_end(io, connection.run(std::move(pipeline), page_timeout));
  }

  // The first round trip of a page: its runs, in a snapshot that stays open for the second.
  pg::Pipeline runs() const {
    pg::Params params;
    params.add(options.all).add(after_tenant).add(after_start).add(after_run).add(std::int64_t{options.page});
    pg::Pipeline pipeline;
    pipeline.add(statement("session_begin_snapshot.sql")).add(statement("verify_runs.sql"), std::move(params));
    return pipeline;
  }

  pg::Pipeline rows_of(const std::vector<VerifyRun>& page) const {
    pg::Array<Uuid> tenants, runs;
    for (const VerifyRun& run : page) {
      tenants.add(run.rows.tenant);
      runs.add(run.rows.run);
    }
    pg::Params params;
    params.add(tenants).add(runs);
    pg::Pipeline pipeline;
    pipeline.add(statement("verify_events.sql"), params)
        .add(statement("verify_waits.sql"), params)
        .add(statement("verify_invocations.sql"), params)
        .commit();
    return pipeline;
  }
};

VerifySource::VerifySource(std::unique_ptr<Reader> reader) : reader_(std::move(reader)) {}
VerifySource::~VerifySource() = default;
VerifySource::VerifySource(VerifySource&&) noexcept = default;

Result<VerifySource> VerifySource::open(const std::string& conninfo, VerifySourceOptions options) {
  auto reader = std::make_unique<Reader>();
  reader->options = options;
  const pg::Outcome<void> opened =
      pg::run_to_end(reader->io, reader->connection.open({.conninfo = conninfo,
                                                          .role = "pawl_engine",
                                                          .settings = {{"default_transaction_read_only", "on"},
                                                                       {"timezone", "UTC"},
                                                                       {"plan_cache_mode", "force_custom_plan"}},
                                                          .application_name = "pawl verify"}));
  if (!opened) return fail(pg::problem_of(opened.error()));
  return VerifySource(std::move(reader));
}

Result<std::vector<VerifyRun>> VerifySource::next() {
  std::vector<VerifyRun> page;
  if (reader_->ended) return page;
  const pg::Outcome<pg::Results> runs = reader_->run(reader_->runs());
  if (!runs) return fail(pg::problem_of(runs.error()));
  const pg::Rows& rows = runs->at(1);
  for (std::size_t i = 0; i < rows.size(); ++i) page.push_back(run_of(rows, i));
  if (page.empty()) reader_->ended = true;

  const pg::Outcome<pg::Results> details = reader_->run(reader_->rows_of(page));
  if (!details) return fail(pg::problem_of(details.error()));
  if (page.empty()) return page;
  ByRun by_run;
  for (VerifyRun& run : page) by_run[{run.rows.tenant, run.rows.run}] = &run;
  add_events(by_run, details->at(0));
  add_waits(by_run, details->at(1));
  add_invocations(by_run, details->at(2));
  reader_->after_tenant = page.back().rows.tenant;
  reader_->after_run = page.back().rows.run;
  reader_->after_start = rows.get<Time>(rows.size() - 1, 2);
  return page;
}

Result<std::optional<ports::StoredVersion>> VerifySource::version(Uuid tenant, Uuid version) {
  pg::Params params;
  params.add(tenant).add(version);
  const pg::Outcome<pg::Results> found =
      reader_->run(pg::Pipeline().add(statement("load_version.sql"), std::move(params)));
  if (!found) return fail(pg::problem_of(found.error()));
  return read_version(found->at(0));
}

}  // namespace pawl::store
