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

TEST(Report, CostsAreOfEachRunAndEachTask) {
  Report report;
  report.workload = "task-10";
  report.in_flight = 1;
  report.tasks = 10;
  report.done = 1;
  report.seconds = 1;
  const Usage before{.server_seconds = 1.0,
                     .postgres_seconds = {},
                     .client_seconds = 0.5,
                     .server_memory_bytes = {},
                     .wal_bytes = 1'000,
                     .rows = 7};
  const Usage after{.server_seconds = 1.5,
                    .postgres_seconds = 9.0,
                    .client_seconds = 0.75,
                    .server_memory_bytes = {},
                    .wal_bytes = 5'000,
                    .rows = 47};
  report.costs = costs_between(before, after, 2);
  EXPECT_EQ(report.text(),
            "task-10, 1 in flight: 1 runs/s, 10 tasks/s (1 in 1.00 s)\n"
            "  per run  server 250000.0 µs  client 125000.0 µs  WAL 2000.0 B  rows 20.0\n"
            "  per task  WAL 200.0 B  rows 2.0");
  const json::Value value = report.value();
  EXPECT_EQ(value.find("costs")->find("perTask")->find("walBytes")->integer(), 200);
  // What one of both readings did not know stays unknown.
  EXPECT_EQ(value.find("costs")->find("perRun")->find("postgresMicroseconds"), nullptr);
}

TEST(Report, WithoutRunsThereAreNoCosts) { EXPECT_EQ(Report().value().find("costs"), nullptr); }

TEST(Report, TellsWhatElseWasMeasured) {
  Report report;
  report.workload = "fan-100";
  report.more.push_back({"join", Latencies()});
  report.more.back().latencies.add(std::chrono::microseconds(2'000));
  report.figures.push_back({"serverMemoryBytes", 42});
  EXPECT_EQ(report.value().find("joinMicroseconds")->find("p99")->integer(), 2'000);
  EXPECT_EQ(report.value().find("serverMemoryBytes")->integer(), 42);
  EXPECT_NE(report.text().find("\n  join  p50 2.00 ms"), std::string::npos) << report.text();
}

}  // namespace
}  // namespace pawl::bench
