#include "bench/tenants.h"

#include "bench/load.h"
#include "bench/served.h"

namespace pawl::bench {
namespace {

struct Measured {
  Report quiet, flood;
  std::uint64_t refused = 0, runs = 0;
};

Starting starting() {
  return {.definition = "bench/" + std::string(start_workload.name), .output = start_workload.output};
}

// The quiet tenants alone, or beside the flood.
Result<Measured> load(const Spec& quiet_spec, const Spec* flood_spec) {
  boost::asio::io_context io(1);
  const auto quiet_target = target_of(quiet_spec, quiet_spec.in_flight);
  if (!quiet_target) return fail(quiet_target.error());
  http::LoadClient quiet_client(io, *quiet_target);
  if (const auto connected = quiet_client.connect(); !connected) return fail(connected.error());
  const Spec& of_flood = flood_spec == nullptr ? quiet_spec : *flood_spec;
  auto flood_target = target_of(of_flood, flood_spec == nullptr ? 0 : of_flood.in_flight);
  if (!flood_target) return fail(flood_target.error());
  http::LoadClient flood_client(io, *flood_target);
  if (const auto connected = flood_client.connect(); !connected) return fail(connected.error());

  Starting flooding = starting();
  flooding.may_be_refused = true;
  Starts quiet(io, quiet_client, quiet_spec, starting()), flood(io, flood_client, of_flood, std::move(flooding));
  int running = flood_spec == nullptr ? 1 : 2;
  const auto one_less = [&] {
    if (--running == 0) io.stop();
  };
  if (flood_spec != nullptr) flood.begin(one_less);
  quiet.begin(one_less);
  io.run();
  if (!quiet.first_failure().empty()) return not_right("of a quiet tenant: " + quiet.first_failure());
  if (!flood.first_failure().empty()) return not_right("of the flood: " + flood.first_failure());
  Measured measured{
      .quiet = quiet.report("tenants"), .flood = {}, .refused = flood.refused(), .runs = quiet.right() + flood.right()};
  if (flood_spec != nullptr) measured.flood = flood.report("flood");
  return measured;
}

}  // namespace

Result<Report> run_tenants(const Spec& spec) {
  if (const auto deployed = deploy(spec, start_workload.definition()); !deployed) return fail(deployed.error());
  Spec quiet = spec, flood = spec;
  flood.tokens.resize(1);
  flood.count.reset();
  flood.rate.reset();
  quiet.tokens.erase(quiet.tokens.begin());
  const auto tenants = static_cast<std::uint32_t>(quiet.tokens.size());
  quiet.in_flight = tenants;
  quiet.rate = tenants;
  quiet.count.reset();
  auto alone = load(quiet, nullptr);
  if (!alone) return fail(alone.error());
  const auto before = read_usage(spec.url, spec.database);
  if (!before) return fail(before.error());
  auto beside = load(quiet, &flood);
  if (!beside) return fail(beside.error());
  const auto after = read_usage(spec.url, spec.database);
  if (!after) return fail(after.error());
  Report report = std::move(beside->quiet);
  report.figures.push_back({"quietTenants", tenants});
  report.figures.push_back({"floodPerSecond", static_cast<std::int64_t>(beside->flood.per_second())});
  report.figures.push_back({"floodRefused", static_cast<std::int64_t>(beside->refused)});
  report.more.push_back({"alone", std::move(alone->quiet.latencies)});
  report.more.push_back({"flood", std::move(beside->flood.latencies)});
  report.costs = costs_between(*before, *after, beside->runs);
  return report;
}

}  // namespace pawl::bench
