#include "bench/report.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdio>

#include "json/builder.h"

namespace pawl::bench {
namespace {

struct Percentile {
  const char* name;   // a member's
  const char* label;  // as people write it
  double share;
};
constexpr Percentile percentiles[] = {
    {"p50", "p50", 0.5}, {"p95", "p95", 0.95}, {"p99", "p99", 0.99}, {"p999", "p99.9", 0.999}};

std::string fixed(double value, int digits) {
  char text[64];
  std::snprintf(text, sizeof text, "%.*f", digits, value);
  return text;
}

json::Value rounded(double value) { return json::Value::number(std::round(value * 1e3) / 1e3); }

json::Value percentiles_of(const Latencies& latencies) {
  json::ObjectBuilder value;
  for (const Percentile& each : percentiles)
    value.add(each.name, json::Value::integer(latencies.percentile(each.share)));
  return value.finish();
}

std::string line_of(const std::string& name, const Latencies& latencies) {
  std::string text = "\n  " + name;
  for (const Percentile& each : percentiles)
    text += std::string("  ") + each.label + " " + fixed(latencies.percentile(each.share) / 1e3, 2) + " ms";
  return text;
}

// One figure of the costs, as it is known of all runs together.
struct Cost {
  const char *member, *label, *unit;
  std::optional<double> total;
  double scale;    // from the total's unit to the member's
  bool each_task;  // stated for each task, too
};

std::optional<double> real(const std::optional<std::int64_t>& value) {
  return value ? std::optional(static_cast<double>(*value)) : std::nullopt;
}

std::array<Cost, 5> costs_of(const Usage& spent) {
  return {{{"serverMicroseconds", "server", " µs", spent.server_seconds, 1e6, false},
           {"postgresMicroseconds", "PostgreSQL", " µs", spent.postgres_seconds, 1e6, false},
           {"clientMicroseconds", "client", " µs", spent.client_seconds, 1e6, false},
           {"walBytes", "WAL", " B", real(spent.wal_bytes), 1, true},
           {"rows", "rows", "", real(spent.rows), 1, true}}};
}

json::Value costs_value(const Costs& costs, std::uint32_t tasks) {
  json::ObjectBuilder value, run, task;
  value.add("runs", json::Value::integer(static_cast<std::int64_t>(costs.runs)));
  const auto runs = static_cast<double>(costs.runs);
  for (const Cost& cost : costs_of(costs.spent)) {
    if (!cost.total) continue;
    run.add(cost.member, rounded(*cost.total * cost.scale / runs));
    if (cost.each_task) task.add(cost.member, rounded(*cost.total * cost.scale / runs / tasks));
  }
  value.add("perRun", run.finish()).add("perTask", task.finish());
  return value.finish();
}

std::string costs_text(const Costs& costs, std::uint32_t tasks) {
  std::string run = "\n  per run", task = "\n  per task";
  const auto runs = static_cast<double>(costs.runs);
  for (const Cost& cost : costs_of(costs.spent)) {
    if (!cost.total) continue;
    const double each = *cost.total * cost.scale / runs;
    run += std::string("  ") + cost.label + " " + fixed(each, 1) + cost.unit;
    if (cost.each_task) task += std::string("  ") + cost.label + " " + fixed(each / tasks, 1) + cost.unit;
  }
  const bool tells_more = tasks > 1 && (costs.spent.wal_bytes || costs.spent.rows);
  return tells_more ? run + task : run;
}

}  // namespace

std::uint32_t Latencies::percentile(double share) const {
  if (values_.empty()) return 0;
  if (sorted_ != values_.size()) {
    std::ranges::sort(values_);
    sorted_ = values_.size();
  }
  const auto rank = static_cast<std::size_t>(std::ceil(share * static_cast<double>(values_.size())));
  return values_[std::clamp<std::size_t>(rank, 1, values_.size()) - 1];
}

json::Value Report::value() const {
  json::ObjectBuilder value;
  value.add("workload", workload).add("unit", unit).add("inFlight", json::Value::integer(in_flight));
  value.add("done", json::Value::integer(static_cast<std::int64_t>(done)));
  value.add("failed", json::Value::integer(static_cast<std::int64_t>(failed)));
  value.add("seconds", rounded(seconds));
  value.add("perSecond", json::Value::number(std::round(per_second())));
  value.add("tasksPerSecond", json::Value::number(std::round(per_second() * tasks)));
  value.add("latencyMicroseconds", percentiles_of(latencies));
  for (const NamedLatencies& each : more) value.add(each.name + "Microseconds", percentiles_of(each.latencies));
  for (const Figure& figure : figures) value.add(figure.name, json::Value::integer(figure.value));
  if (costs.runs > 0) value.add("costs", costs_value(costs, tasks));
  return value.finish();
}

std::string Report::text() const {
  std::string text =
      workload + ", " + std::to_string(in_flight) + " in flight: " + fixed(per_second(), 0) + " " + unit + "/s";
  if (tasks > 1) text += ", " + fixed(per_second() * tasks, 0) + " tasks/s";
  text += " (" + std::to_string(done) + " in " + fixed(seconds, 2) + " s";
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  text += ")";
  if (latencies.count() > 0) text += line_of("latency", latencies);
  for (const NamedLatencies& each : more) text += line_of(each.name, each.latencies);
  for (const Figure& figure : figures) text += "\n  " + figure.name + "  " + std::to_string(figure.value);
  if (costs.runs > 0) text += costs_text(costs, tasks);
  return text;
}

}  // namespace pawl::bench
