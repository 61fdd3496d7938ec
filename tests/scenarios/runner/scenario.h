// A scenario as its file says it: the format is in tests/scenarios/README.md.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "json/value.h"

namespace pawl::scenarios {

struct Scenario {
  std::string name;  // the rule's number first
  std::string file;
  std::string definition;  // its text, as JSON
  json::Value input;       // {} when the file has none
  std::string queue;
  std::vector<json::Value> steps;
  json::Value result;    // null: not checked
  json::Value refused;   // instead of a result: [{code, pointer?}…]
  json::Value warnings;  // [{code, pointer?}…]; null: not checked
};

// All scenarios of one file; documents are separated by lines of `---`. An unknown member is a problem.
Result<std::vector<Scenario>> read_scenarios(std::string_view text, std::string_view file);

}  // namespace pawl::scenarios
