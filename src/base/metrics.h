// A registry of counters, gauges and histograms with the Prometheus text exposition (version 0.0.4).
// A metric is looked up once and kept by reference; updating it is a relaxed atomic add, safe from any thread.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace pawl {

class Counter {
 public:
  void add(std::uint64_t n = 1) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::uint64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::uint64_t> value_{0};
};

class Gauge {
 public:
  void set(std::int64_t v) { value_.store(v, std::memory_order_relaxed); }
  void add(std::int64_t n) { value_.fetch_add(n, std::memory_order_relaxed); }
  std::int64_t value() const { return value_.load(std::memory_order_relaxed); }

 private:
  std::atomic<std::int64_t> value_{0};
};

// Fixed upper bounds (the last bucket is +Inf). Values in the metric's base unit (seconds, bytes).
class Histogram {
 public:
  explicit Histogram(std::span<const double> bounds);
  void observe(double value);
  std::string expose(std::string_view name, std::string_view labels) const;

 private:
  std::vector<double> bounds_;
  std::unique_ptr<std::atomic<std::uint64_t>[]> counts_;
  std::atomic<double> sum_{0};
};

// Bounds for latencies in seconds: 0.5 ms … 10 s.
std::span<const double> latency_bounds();

class Metrics {
 public:
  Metrics();
  ~Metrics();
  // `name` as Prometheus has it (pawl_commits_total), `labels` ready made (`queue="default"`) or empty. The same pair
  // gives the same object; the same name with another type ends the program. References stay good as long as the
  // registry.
  Counter& counter(std::string_view name, std::string_view help, std::string_view labels = {});
  Gauge& gauge(std::string_view name, std::string_view help, std::string_view labels = {});
  Histogram& histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                       std::string_view labels = {});
  std::string expose() const;

 private:
  struct Family;
  Family& family(std::string_view name, std::string_view help, std::string_view type);

  mutable std::mutex mutex_;
  std::vector<std::unique_ptr<Family>> families_;  // sorted by name
};

}  // namespace pawl
