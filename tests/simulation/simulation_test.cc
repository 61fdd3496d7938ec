#include "simulation/simulation.h"

#include <gtest/gtest.h>

#include <cstdlib>

#include "base/log.h"

namespace pawl::simulation {
namespace {

std::uint64_t number_from(const char* variable, std::uint64_t otherwise) {
  const char* text = std::getenv(variable);
  return text ? std::strtoull(text, nullptr, 10) : otherwise;
}

std::string told(std::uint64_t seed, const Report& report) {
  std::string text = "seed " + std::to_string(seed) + " (again: PAWL_SIM_SEED=" + std::to_string(seed) + ")\n";
  for (const std::string& violation : report.violations) text += "  " + violation + "\n";
  return text + "last events:\n" + report.trace;
}

// What goes wrong is meant to. PAWL_SIM_LOG=1 shows what the engine says.
class Quiet : public testing::Environment {
 public:
  void SetUp() override {
    configure_log(std::getenv("PAWL_SIM_LOG") ? LogLevel::info : LogLevel::off, LogFormat::text);
  }
};
const testing::Environment* const quiet = testing::AddGlobalTestEnvironment(new Quiet);

// PAWL_SIM_SEEDS: how many; PAWL_SIM_SEED: this one alone.
TEST(Simulation, TheLawsHoldInEverySeed) {
  const std::uint64_t one = number_from("PAWL_SIM_SEED", 0);
  const std::uint64_t first = one ? one : 1;
  const std::uint64_t last = one ? one : number_from("PAWL_SIM_SEEDS", 100);
  Report all;
  for (std::uint64_t seed = first; seed <= last; ++seed) {
    const Report report = run_seed(seed);
    if (!report.violations.empty()) ADD_FAILURE() << told(seed, report);
    all.runs += report.runs;
    all.starts += report.starts;
    all.effects += report.effects;
    all.commits += report.commits;
    all.steps += report.steps;
  }
  std::printf("%llu seeds: %zu runs, %zu starts acknowledged, %zu effects, %llu commits, %llu steps\n",
              static_cast<unsigned long long>(last - first + 1), all.runs, all.starts, all.effects,
              static_cast<unsigned long long>(all.commits), static_cast<unsigned long long>(all.steps));
  if (!one) EXPECT_GT(all.starts, 0U);
}

TEST(Simulation, OneSeedIsOneRun) {
  const Report first = run_seed(42), again = run_seed(42), other = run_seed(43);
  EXPECT_EQ(first.trace_hash, again.trace_hash);
  EXPECT_EQ(first.steps, again.steps);
  EXPECT_NE(first.trace_hash, other.trace_hash);
}

}  // namespace
}  // namespace pawl::simulation
