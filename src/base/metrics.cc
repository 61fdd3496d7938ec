#include "base/metrics.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cstdlib>

namespace pawl {
namespace {

std::string escape_help(std::string_view help) {
  std::string out;
  for (const char c : help) {
    if (c == '\\') {
      out += "\\\\";
    } else if (c == '\n') {
      out += "\\n";
    } else {
      out += c;
    }
  }
  return out;
}

std::string series(std::string_view name, std::string_view labels, std::string_view more = {}) {
  if (labels.empty() && more.empty()) return std::string(name);
  return fmt::format("{}{{{}{}{}}}", name, labels, labels.empty() || more.empty() ? "" : ",", more);
}

}  // namespace

Histogram::Histogram(std::span<const double> bounds)
    : bounds_(bounds.begin(), bounds.end()), counts_(new std::atomic<std::uint64_t>[bounds.size() + 1]()) {}

void Histogram::observe(double value) {
  // A bucket holds what is at most its bound.
  const auto at = static_cast<std::size_t>(std::ranges::lower_bound(bounds_, value) - bounds_.begin());
  counts_[at].fetch_add(1, std::memory_order_relaxed);
  sum_.fetch_add(value, std::memory_order_relaxed);
}

std::string Histogram::expose(std::string_view name, std::string_view labels) const {
  std::string out;
  std::uint64_t total = 0;
  const std::string bucket = fmt::format("{}_bucket", name);
  for (std::size_t i = 0; i <= bounds_.size(); ++i) {
    total += counts_[i].load(std::memory_order_relaxed);
    const std::string bound = i < bounds_.size() ? fmt::format("le=\"{}\"", bounds_[i]) : "le=\"+Inf\"";
    out += fmt::format("{} {}\n", series(bucket, labels, bound), total);
  }
  out += fmt::format("{} {}\n", series(fmt::format("{}_sum", name), labels), sum_.load(std::memory_order_relaxed));
  out += fmt::format("{} {}\n", series(fmt::format("{}_count", name), labels), total);
  return out;
}

std::span<const double> latency_bounds() {
  static constexpr std::array<double, 14> bounds{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05,
                                                 0.1,    0.2,   0.5,   1,     2,    5,    10};
  return bounds;
}

// Metrics of one name. A series has one of the three members, as `type` says.
struct Metrics::Family {
  struct Series {
    std::string labels;
    Counter counter;
    Gauge gauge;
    std::unique_ptr<Histogram> histogram;
  };

  std::string name, help;
  std::string_view type;
  std::vector<std::unique_ptr<Series>> all;

  Series& at(std::string_view labels) {
    const auto found = std::ranges::find(all, labels, [](const auto& s) -> std::string_view { return s->labels; });
    if (found != all.end()) return **found;
    all.push_back(std::make_unique<Series>());
    all.back()->labels = labels;
    return *all.back();
  }
};

Metrics::Metrics() = default;
Metrics::~Metrics() = default;

Metrics::Family& Metrics::family(std::string_view name, std::string_view help, std::string_view type) {
  const auto at =
      std::ranges::lower_bound(families_, name, {}, [](const auto& f) -> std::string_view { return f->name; });
  if (at != families_.end() && (*at)->name == name) {
    if ((*at)->type != type)
      std::abort();  // one name, two types: a mistake in the program that no scraper would accept
    return **at;
  }
  return **families_.insert(at, std::make_unique<Family>(std::string(name), std::string(help), type));
}

Counter& Metrics::counter(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, "counter").at(labels).counter;
}

Gauge& Metrics::gauge(std::string_view name, std::string_view help, std::string_view labels) {
  const std::lock_guard lock(mutex_);
  return family(name, help, "gauge").at(labels).gauge;
}

Histogram& Metrics::histogram(std::string_view name, std::string_view help, std::span<const double> bounds,
                              std::string_view labels) {
  const std::lock_guard lock(mutex_);
  Family::Series& series = family(name, help, "histogram").at(labels);
  if (!series.histogram) series.histogram = std::make_unique<Histogram>(bounds);
  return *series.histogram;
}

std::string Metrics::expose() const {
  const std::lock_guard lock(mutex_);
  std::string out;
  for (const auto& family : families_) {
    out += fmt::format("# HELP {} {}\n# TYPE {} {}\n", family->name, escape_help(family->help), family->name,
                       family->type);
    for (const auto& one : family->all) {
      if (one->histogram) {
        out += one->histogram->expose(family->name, one->labels);
      } else if (family->type == "counter") {
        out += fmt::format("{} {}\n", series(family->name, one->labels), one->counter.value());
      } else {
        out += fmt::format("{} {}\n", series(family->name, one->labels), one->gauge.value());
      }
    }
  }
  return out;
}

}  // namespace pawl
