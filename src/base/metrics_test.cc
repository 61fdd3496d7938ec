#include "base/metrics.h"

#include "gtest/gtest.h"

#include <thread>

namespace pawl {
namespace {

TEST(Metrics, TheSamePairIsTheSameObject) {
  Metrics metrics;
  Counter& a = metrics.counter("pawl_commits_total", "Commits.", R"(loop="0")");
  EXPECT_EQ(&metrics.counter("pawl_commits_total", "Commits.", R"(loop="0")"), &a);
  EXPECT_NE(&metrics.counter("pawl_commits_total", "Commits.", R"(loop="1")"), &a);
  EXPECT_NE(&metrics.counter("pawl_starts_total", "Starts.", R"(loop="0")"), &a);
}

TEST(Metrics, ExposesByName) {
  Metrics metrics;
  metrics.gauge("pawl_runs_open", "Open runs.").set(-2);
  metrics.counter("pawl_commits_total", "Commits,\nby \\ loop.", R"(loop="1")").add(3);
  metrics.counter("pawl_commits_total", "Commits.", R"(loop="0")").add();
  EXPECT_EQ(metrics.expose(),
            "# HELP pawl_commits_total Commits,\\nby \\\\ loop.\n"
            "# TYPE pawl_commits_total counter\n"
            "pawl_commits_total{loop=\"1\"} 3\n"
            "pawl_commits_total{loop=\"0\"} 1\n"
            "# HELP pawl_runs_open Open runs.\n"
            "# TYPE pawl_runs_open gauge\n"
            "pawl_runs_open -2\n");
}

TEST(Metrics, HistogramCountsUpToAndWithItsBounds) {
  Metrics metrics;
  const std::vector<double> bounds{0.5, 2};
  Histogram& h = metrics.histogram("pawl_wait_seconds", "Waits.", bounds, R"(queue="default")");
  for (const double value : {0.25, 0.5, 1.0, 2.0, 4.25}) h.observe(value);
  EXPECT_EQ(metrics.expose(),
            "# HELP pawl_wait_seconds Waits.\n"
            "# TYPE pawl_wait_seconds histogram\n"
            "pawl_wait_seconds_bucket{queue=\"default\",le=\"0.5\"} 2\n"
            "pawl_wait_seconds_bucket{queue=\"default\",le=\"2\"} 4\n"
            "pawl_wait_seconds_bucket{queue=\"default\",le=\"+Inf\"} 5\n"
            "pawl_wait_seconds_sum{queue=\"default\"} 8\n"
            "pawl_wait_seconds_count{queue=\"default\"} 5\n");
}

TEST(Metrics, HistogramWithoutLabels) {
  Histogram h(latency_bounds());
  h.observe(0.0004);
  const std::string text = h.expose("x", "");
  EXPECT_TRUE(text.starts_with("x_bucket{le=\"0.0005\"} 1\nx_bucket{le=\"0.001\"} 1\n")) << text;
  EXPECT_TRUE(text.ends_with("x_bucket{le=\"10\"} 1\nx_bucket{le=\"+Inf\"} 1\nx_sum 0.0004\nx_count 1\n")) << text;
}

TEST(Metrics, AddsFromManyThreads) {
  Metrics metrics;
  {
    std::vector<std::jthread> threads;
    for (int i = 0; i < 4; ++i) {
      threads.emplace_back([&] {
        for (int n = 0; n < 1'000; ++n) {
          metrics.counter("c", "C.").add();
          metrics.histogram("h", "H.", latency_bounds()).observe(1);
        }
      });
    }
  }
  EXPECT_EQ(metrics.counter("c", "C.").value(), 4'000U);
  EXPECT_NE(metrics.expose().find("h_sum 4000\nh_count 4000\n"), std::string::npos);
}

TEST(MetricsDeathTest, OneNameHasOneType) {
  Metrics metrics;
  metrics.counter("c", "C.");
  EXPECT_DEATH(metrics.gauge("c", "C."), "");
}

}  // namespace
}  // namespace pawl
