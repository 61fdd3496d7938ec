// The settings of this room's sessions, from their first statement on.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace pawl::store {

enum class SessionUse : std::uint8_t { commits, loads };

// engine-protocol.md section 2 has the timeouts. Everything looks up by key or reads an index in its order: no
// statistics, however old, shall talk the planner into anything else. Commits run with generic plans, which PlanAge
// renews; what is loaded is planned for its values, since it takes long lists of lanes.
inline std::vector<std::pair<std::string, std::string>> session_settings(SessionUse use) {
  const bool commits = use == SessionUse::commits;
  return {{"lock_timeout", "2s"},
          {"statement_timeout", "10s"},
          {"timezone", "UTC"},
          {"enable_seqscan", "off"},
          {"enable_bitmapscan", "off"},
          {"enable_sort", commits ? "on" : "off"},  // windows are to be read in the index's order, and cut
          {"jit", "off"},
          {"plan_cache_mode", commits ? "force_generic_plan" : "force_custom_plan"}};
}

}  // namespace pawl::store
