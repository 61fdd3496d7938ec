#include "bench/report.h"

#include <algorithm>
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
  value.add("seconds", json::Value::number(std::round(seconds * 1e3) / 1e3));
  value.add("perSecond", json::Value::number(std::round(per_second())));
  json::ObjectBuilder latency;
  for (const Percentile& each : percentiles)
    latency.add(each.name, json::Value::integer(latencies.percentile(each.share)));
  value.add("latencyMicroseconds", latency.finish());
  return value.finish();
}

std::string Report::text() const {
  std::string text =
      workload + ", " + std::to_string(in_flight) + " in flight: " + fixed(per_second(), 0) + " " + unit + "/s";
  text += " (" + std::to_string(done) + " in " + fixed(seconds, 2) + " s";
  if (failed > 0) text += ", " + std::to_string(failed) + " failed";
  text += ")";
  if (latencies.count() == 0) return text;
  text += "\n  latency";
  for (const Percentile& each : percentiles) {
    text += std::string("  ") + each.label + " " + fixed(latencies.percentile(each.share) / 1e3, 2) + " ms";
  }
  return text;
}

}  // namespace pawl::bench
