// What a workload measured, and how it is told: a table for people, one JSON object for programs.
#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

#include "bench/costs.h"
#include "json/value.h"

namespace pawl::bench {

// Latencies in microseconds; every one is kept, so percentiles are exact.
class Latencies {
 public:
  void add(std::chrono::microseconds latency) { values_.push_back(static_cast<std::uint32_t>(latency.count())); }
  std::size_t count() const { return values_.size(); }
  // The smallest value that at least `share` (0 … 1) of all do not exceed; 0 when there are none.
  std::uint32_t percentile(double share) const;

 private:
  mutable std::vector<std::uint32_t> values_;  // sorted when it is asked
  mutable std::size_t sorted_ = 0;
};

// Latencies of something else than the whole run. `name` is a word, such as `join`; the JSON's member is
// `<name>Microseconds`.
struct NamedLatencies {
  std::string name;
  Latencies latencies;
};

struct Figure {
  std::string name;  // the JSON's member, such as `serverMemoryBytes`
  std::int64_t value = 0;
};

struct Report {
  std::string workload, unit = "runs";
  std::uint32_t in_flight = 0;
  std::uint32_t tasks = 1;             // of one run
  std::uint64_t done = 0, failed = 0;  // of the measured time; the warm-up is not in it
  double seconds = 0;
  Latencies latencies;
  std::vector<NamedLatencies> more;
  std::vector<Figure> figures;
  Costs costs;

  double per_second() const { return seconds > 0 ? static_cast<double>(done) / seconds : 0; }
  json::Value value() const;
  std::string text() const;
};

}  // namespace pawl::bench
