// One run of one scenario on the core alone: time stands still between steps, what would go to workers is kept.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "core/decide.h"
#include "core/laws.h"
#include "core/state.h"
#include "dsl/program.h"
#include "scenario.h"

namespace pawl::scenarios {

struct Mode {
  bool crash = false;                // forget everything after every commit and fold the log
  std::uint32_t max_events = 1'000;  // cut decisions there; low: everything is continued
};

class World {
 public:
  World(std::shared_ptr<const dsl::Program> program, const Scenario& scenario, Mode mode);

  // Empty, or the first thing that is not as the scenario says.
  std::string run();

 private:
  std::string step(const json::Value& step);
  std::string expect(const json::Value& expected);
  std::string expect_events(const json::Value& expected) const;
  std::string expect_invocation(const json::Value& expected) const;
  std::int64_t count_requests() const;
  std::int64_t count_keys() const;
  std::string complete(const json::Value& step);
  std::string failed(const json::Value& step);
  std::string advance(std::string_view duration);
  std::string check_result() const;
  std::string check_laws() const;
  void feed(const core::Stimulus& stimulus);
  void decide(const core::Stimulus& stimulus);
  void crash();
  std::optional<core::Invocation> find(std::string_view task);

  std::shared_ptr<const dsl::Program> program_;
  const Scenario& scenario_;
  Mode mode_;
  core::RunState state_;
  std::vector<core::Event> log_;
  std::size_t seen_ = 0;                           // events that were there before the last step
  std::map<std::string, core::Invocation> known_;  // by path, the newest attempt
  std::string broken_;                             // a law, or deciding and folding differ
  Time now_;
  std::uint64_t random_ = 7;
};

}  // namespace pawl::scenarios
