#include "bench/report.h"

#include <gtest/gtest.h>

namespace pawl::bench {
namespace {

TEST(Latencies, PercentilesAreValuesThatWereMeasured) {
  Latencies latencies;
  for (int i = 100; i >= 1; --i) latencies.add(std::chrono::microseconds(i));
  EXPECT_EQ(latencies.percentile(0.5), 50U);
  EXPECT_EQ(latencies.percentile(0.99), 99U);
  EXPECT_EQ(latencies.percentile(1.0), 100U);
  EXPECT_EQ(latencies.percentile(0.0), 1U);
  latencies.add(std::chrono::microseconds(1));
  EXPECT_EQ(latencies.percentile(0.01), 1U);
}

TEST(Latencies, NoneGiveZero) { EXPECT_EQ(Latencies().percentile(0.5), 0U); }

TEST(Report, SaysWhatItMeasured) {
  Report report;
  report.workload = "start";
  report.in_flight = 2;
  report.done = 100;
  report.seconds = 2;
  report.latencies.add(std::chrono::microseconds(1500));
  EXPECT_EQ(
      report.text(),
      "start, 2 in flight: 50 runs/s (100 in 2.00 s)\n  latency  p50 1.50 ms  p95 1.50 ms  p99 1.50 ms  p99.9 1.50 ms");
  EXPECT_EQ(report.value().find("perSecond")->integer(), 50);
}

}  // namespace
}  // namespace pawl::bench
