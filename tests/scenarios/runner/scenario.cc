#include "scenario.h"

#include <algorithm>
#include <array>

#include "dsl/yaml.h"

namespace pawl::scenarios {
namespace {

constexpr std::array<std::string_view, 8> members{"name",  "definition", "input",   "queue",
                                                  "steps", "result",     "refused", "warnings"};

Problem unreadable(std::string_view file, std::string detail) {
  return {.status = 400,
          .code = "scenario",
          .title = "Not a scenario",
          .detail = std::move(detail),
          .instance = std::string(file),
          .hint = {}};
}

std::vector<std::string> documents(std::string_view text) {
  std::vector<std::string> found{""};
  while (!text.empty()) {
    const std::size_t end = std::min(text.find('\n'), text.size() - 1);
    const std::string_view line = text.substr(0, end + 1);
    text.remove_prefix(end + 1);
    if (line == "---\n") {
      found.emplace_back();
    } else {
      found.back() += line;
    }
  }
  std::erase_if(found,
                [](const std::string& document) { return document.find_first_not_of(" \n") == std::string::npos; });
  return found;
}

Result<Scenario> read_one(std::string_view text, std::string_view file) {
  dsl::Diagnostics problems;
  dsl::SourceMap map(text);
  const auto value = dsl::read_yaml(text, {}, problems, map);
  if (!value || !value->is_object())
    return fail(unreadable(file, "not a YAML object: " + std::string(text.substr(0, 80))));
  const auto member = [&](std::string_view key) {
    const json::Value* found = value->find(key);
    return found == nullptr ? json::Value() : *found;
  };
  Scenario scenario{.name = std::string(member("name").text()),
                    .file = std::string(file),
                    .definition = json::to_text(member("definition")),
                    .input = value->find("input") == nullptr ? json::Value::object() : member("input"),
                    .queue = std::string(member("queue").text()),
                    .steps = {},
                    .result = member("result"),
                    .refused = member("refused"),
                    .warnings = member("warnings")};
  for (const json::Member& each : value->members()) {
    if (std::ranges::find(members, each.key()) == members.end()) {
      return fail(unreadable(file, scenario.name + ": unknown member " + std::string(each.key())));
    }
  }
  if (scenario.name.empty()) return fail(unreadable(file, "a scenario without a name"));
  if (scenario.result.is_null() == scenario.refused.is_null()) {
    return fail(unreadable(file, scenario.name + ": either result or refused"));
  }
  const json::Value steps = member("steps");
  scenario.steps.assign(steps.items().begin(), steps.items().end());
  return scenario;
}

}  // namespace

Result<std::vector<Scenario>> read_scenarios(std::string_view text, std::string_view file) {
  std::vector<Scenario> scenarios;
  for (const std::string& document : documents(text)) {
    auto scenario = read_one(document, file);
    if (!scenario) return fail(scenario.error());
    scenarios.push_back(std::move(*scenario));
  }
  return scenarios;
}

}  // namespace pawl::scenarios
