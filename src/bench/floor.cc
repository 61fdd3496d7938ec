#include "bench/floor.h"

#include <boost/asio/io_context.hpp>
#include <chrono>
#include <utility>

#include "base/hash.h"
#include "base/random.h"
#include "base/uuid.h"
#include "pg/connection.h"

namespace pawl::bench {
namespace {

using std::chrono::seconds;
using Steady = std::chrono::steady_clock;

constexpr std::uint32_t runs_a_batch = 500, events_a_run = 3;
constexpr Microseconds patience = seconds(60);

constexpr const char* set_up = R"(
DROP SCHEMA IF EXISTS pawl_bench CASCADE;
CREATE SCHEMA pawl_bench;
CREATE TABLE pawl_bench.workflow_runs (LIKE pawl.workflow_runs INCLUDING ALL);
CREATE TABLE pawl_bench.workflow_events (LIKE pawl.workflow_events INCLUDING ALL);
)";

constexpr pg::Statement insert_runs{"bench_runs", R"(
INSERT INTO pawl_bench.workflow_runs
  (tenant_id, run_id, definition_id, version_id, lane, status, revision, root_run_id, trigger_kind, started_at, updated_at, ended_at, outcome)
SELECT $1, run_id, $2, $2, 0, 'completed', 3, run_id, 'api', $4, $4, $4, 'completed'
FROM unnest($3::uuid[]) AS run_id)"};

constexpr pg::Statement insert_events{"bench_events", R"(
INSERT INTO pawl_bench.workflow_events (tenant_id, run_id, seq, ts, type, path, epoch, payload)
SELECT $1, run_id, seq, $2, type, path, 1, payload
FROM unnest($3::uuid[], $4::int4[], $5::text[], $6::text[], $7::jsonb[]) AS e(run_id, seq, type, path, payload))"};

struct Event {
  std::int32_t seq;
  std::string_view type, path, payload;
};
// What a run of `start` writes.
constexpr Event events[events_a_run] = {
    {1, "run.started", "",
     R"({"definition":"bench/start","input":{"n":1},"trigger":{"kind":"api"},"version":"1.0.0"})"},
    {2, "task.completed", "/do/0/only", R"({"output":{"ok":true}})"},
    {3, "run.completed", "", R"({"output":{"ok":true}})"}};

class Floor {
 public:
  Floor(boost::asio::io_context& io, const Spec& spec) : connection_(io), spec_(spec), random_(secret_seed()) {}

  pg::Awaitable<pg::Outcome<Report>> run() {
    auto opened = co_await connection_.open({.conninfo = spec_.database, .application_name = "pawl bench"});
    if (!opened) co_return std::unexpected(opened.error());
    auto made = co_await connection_.run_script(set_up, patience);
    if (!made) co_return std::unexpected(made.error());
    const auto before = read_usage({}, spec_.database);
    Report report;
    report.workload = "floor";
    report.in_flight = 1;
    const Steady::time_point warm = Steady::now() + (spec_.count ? seconds(0) : seconds(1));
    const Steady::time_point until = warm + seconds(spec_.seconds);
    Steady::time_point now = Steady::now();
    Steady::time_point first = warm;
    std::uint64_t runs = 0;
    while (spec_.count ? report.done < *spec_.count : now < until) {
      auto written = co_await connection_.run(batch(), patience);
      if (!written) co_return std::unexpected(written.error());
      const Steady::time_point sent = std::exchange(now, Steady::now());
      runs += runs_a_batch;
      if (sent < warm) {
        first = now;
        continue;
      }
      report.done += runs_a_batch;
      report.latencies.add(std::chrono::duration_cast<Microseconds>(now - sent));
    }
    report.seconds = std::chrono::duration<double>(now - first).count();
    const auto after = read_usage({}, spec_.database);
    if (before && after) report.costs = costs_between(*before, *after, runs);
    auto dropped = co_await connection_.run_script("DROP SCHEMA pawl_bench CASCADE", patience);
    if (!dropped) co_return std::unexpected(dropped.error());
    co_return report;
  }

 private:
  pg::Pipeline batch() {
    const Time now = std::chrono::time_point_cast<Microseconds>(std::chrono::system_clock::now());
    pg::Array<Uuid> ids, event_ids;
    pg::Array<std::int32_t> seqs;
    pg::Array<std::string_view> types, paths;
    pg::Array<pg::Jsonb> payloads;
    for (std::uint32_t i = 0; i < runs_a_batch; ++i) {
      const Uuid id = Uuid::version7(now, random_.next(), random_.next());
      ids.add(id);
      for (const Event& event : events) {
        event_ids.add(id);
        seqs.add(event.seq);
        types.add(event.type);
        paths.add(event.path);
        payloads.add(pg::Jsonb{event.payload});
      }
    }
    pg::Pipeline pipeline;
    pipeline.begin();
    pipeline.add(insert_runs, pg::Params().add(tenant_).add(tenant_).add(ids).add(now));
    pipeline.add(insert_events,
                 pg::Params().add(tenant_).add(now).add(event_ids).add(seqs).add(types).add(paths).add(payloads));
    pipeline.commit();
    return pipeline;
  }

  pg::Connection connection_;
  const Spec& spec_;
  Random random_;
  const Uuid tenant_ = Uuid::version8(sha256("bench"));
};

}  // namespace

Result<Report> run_floor(const Spec& spec) {
  boost::asio::io_context io(1);
  Floor floor(io, spec);
  auto report = pg::run_to_end(io, floor.run());
  if (!report) {
    return fail({.status = 500,
                 .code = "bench-failed",
                 .title = "The floor could not be measured",
                 .detail = report.error().message,
                 .instance = {},
                 .hint = {}});
  }
  return std::move(*report);
}

}  // namespace pawl::bench
