// The definitions that the simulated clients start.
#pragma once

#include <span>
#include <string_view>

namespace pawl::simulation {

struct Workflow {
  std::string_view name;
  std::string_view source;
};

// All of them end by themselves within a minute, once workers and services answer.
std::span<const Workflow> workflows();
std::string_view source_of(std::string_view name);  // must exist

}  // namespace pawl::simulation
