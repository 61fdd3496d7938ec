// Every scenario of tests/scenarios/*.yaml: as it is, with a crash after every commit, and with decisions cut after
// each event.
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <set>
#include <sstream>

#include "dsl/compile.h"
#include "json/parse.h"
#include "scenario.h"
#include "world.h"

namespace pawl::scenarios {
namespace {

std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  std::ostringstream text;
  text << file.rdbuf();
  return text.str();
}

// The diagnostics of that severity are just the wanted ones, {code, pointer?} each, in any order.
void check_diagnostics(const json::Value& wanted, const dsl::Compiled& compiled, dsl::Diagnostic::Severity severity) {
  std::string all;
  std::size_t count = 0;
  for (const dsl::Diagnostic& each : compiled.diagnostics) {
    all += each.code + " " + each.pointer + ": " + each.message + "\n";
    if (each.severity == severity) ++count;
  }
  EXPECT_EQ(count, wanted.items().size()) << "expected " << json::to_text(wanted) << ", got\n" << all;
  for (const json::Value& each : wanted.items()) {
    const json::Value* pointer = each.find("pointer");
    const bool found = std::ranges::any_of(compiled.diagnostics, [&](const dsl::Diagnostic& has) {
      return has.severity == severity && has.code == each.find("code")->text() &&
             (pointer == nullptr || has.pointer == pointer->text());
    });
    EXPECT_TRUE(found) << "expected " << json::to_text(each) << ", got\n" << all;
  }
}

class ScenarioTest : public testing::Test {
 public:
  ScenarioTest(Scenario scenario, Mode mode) : scenario_(std::move(scenario)), mode_(mode) {}

  void TestBody() override {
    const dsl::Compiled compiled = dsl::compile(scenario_.definition);
    if (!scenario_.warnings.is_null()) {
      check_diagnostics(scenario_.warnings, compiled, dsl::Diagnostic::Severity::warning);
    }
    if (!scenario_.refused.is_null()) {
      EXPECT_EQ(compiled.program, nullptr);
      return check_diagnostics(scenario_.refused, compiled, dsl::Diagnostic::Severity::error);
    }
    for (const dsl::Diagnostic& each : compiled.diagnostics) {
      if (each.severity == dsl::Diagnostic::Severity::error)
        ADD_FAILURE() << each.code << " " << each.pointer << ": " << each.message;
    }
    ASSERT_NE(compiled.program, nullptr);
    EXPECT_EQ(World(compiled.program, scenario_, mode_).run(), "") << scenario_.file << ": " << scenario_.name;
  }

 private:
  const Scenario scenario_;
  const Mode mode_;
};

class FilesTest : public testing::Test {
 public:
  explicit FilesTest(std::string problem) : problem_(std::move(problem)) {}
  void TestBody() override { FAIL() << problem_; }

 private:
  const std::string problem_;
};

struct Way {
  std::string_view name;
  Mode mode;
};
// A cut may fall between any two steps: what begins and is cancelled in one decision depends on where.
const Way ways[] = {{"Core", {}},
                    {"CoreCrashing", {.crash = true}},
                    {"CoreCut", {.crash = true, .max_events = 1}},
                    {"CoreCutAfter2", {.crash = true, .max_events = 2}},
                    {"CoreCutAfter3", {.crash = true, .max_events = 3}},
                    {"CoreCutAfter8", {.crash = true, .max_events = 8}}};

std::string test_name(std::string name) {
  for (char& c : name) {
    if (!std::isalnum(static_cast<unsigned char>(c))) c = '_';
  }
  return name;
}

// Calls `use` with each file's name and its scenarios, or the problem of reading them.
template <class Use>
void for_each_file(Use&& use) {
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(PAWL_SCENARIOS)) {
    if (entry.path().extension() == ".yaml") files.push_back(entry.path());
  }
  std::ranges::sort(files);
  for (const auto& path : files) {
    const std::string file = path.filename().string();
    use(file, read_scenarios(read_file(path), file));
  }
}

template <class Make>
void register_test(std::string_view suite, std::string_view name, Make make) {
  testing::RegisterTest(std::string(suite).c_str(), test_name(std::string(name)).c_str(), nullptr, nullptr, __FILE__,
                        __LINE__, [make]() -> testing::Test* { return make(); });
}

void register_all() {
  std::set<std::string> names;
  for_each_file([&](const std::string& file, const Result<std::vector<Scenario>>& scenarios) {
    if (!scenarios) {
      return register_test("Files", file, [problem = scenarios.error().detail] { return new FilesTest(problem); });
    }
    for (const Scenario& scenario : *scenarios) {
      if (!names.insert(test_name(scenario.name)).second) {
        register_test("Files", scenario.name,
                      [name = scenario.name] { return new FilesTest("two scenarios have the name " + name); });
        continue;
      }
      for (const Way& way : ways) {
        register_test(way.name, scenario.name,
                      [scenario, mode = way.mode] { return new ScenarioTest(scenario, mode); });
      }
    }
  });
}

// For other programs that play scenarios: each as a line of JSON.
int print_all() {
  int code = 0;
  for_each_file([&](const std::string& file, const Result<std::vector<Scenario>>& scenarios) {
    if (!scenarios) {
      std::cerr << file << ": " << scenarios.error().detail << "\n";
      code = 1;
      return;
    }
    for (const Scenario& each : *scenarios) {
      std::cout << json::to_text(json::Value::object({{"name", each.name},
                                                      {"file", each.file},
                                                      {"definition", *json::parse(each.definition)},
                                                      {"input", each.input},
                                                      {"queue", each.queue},
                                                      {"steps", json::Value::array(each.steps)},
                                                      {"result", each.result},
                                                      {"refused", each.refused}}))
                << "\n";
    }
  });
  return code;
}

}  // namespace
}  // namespace pawl::scenarios

int main(int argc, char** argv) {
  if (argc == 2 && std::string_view(argv[1]) == "--print") return pawl::scenarios::print_all();
  testing::InitGoogleTest(&argc, argv);
  pawl::scenarios::register_all();
  return RUN_ALL_TESTS();
}
