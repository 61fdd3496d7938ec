// The published tests of jq 1.7 (its manual's examples, regular expressions, base64, URIs): triples of program, input
// and results. What differs on purpose stands in a table, and the table is exact: each of its cases really fails.
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <set>
#include <string>
#include <vector>

#include "expr/expression.h"
#include "json/parse.h"

namespace pawl::expr {
namespace {

struct Case {
  std::size_t line = 0;
  std::string program, input;
  std::vector<std::string> results;
};

// A case is known by the line of its program.
struct Deviation {
  std::string_view file;
  std::size_t line;
  std::string_view reason;
};

constexpr Deviation deviations[] = {
    {"man.test", 17, "J3: 1.000 is written 1"},
    {"man.test", 21, "J3: kept digits and an ordinary double compare as doubles"},
    {"man.test", 661, "J1: no environment"},
    {"man.test", 665, "J1: no environment"},
    {"onig.test", 32, "J5: \\b is ASCII"},
    {"onig.test", 102, "J5: no look-around"},
};

std::vector<Case> read_cases(const std::filesystem::path& path) {
  std::ifstream file(path);
  std::vector<Case> cases;
  bool in_case = false;
  std::string line;
  for (std::size_t number = 1; std::getline(file, line); ++number) {
    if (line.starts_with('#')) continue;
    if (line.find_first_not_of(" \t") == std::string::npos) {
      in_case = false;
    } else if (!in_case) {
      cases.push_back({number, line, {}, {}});
      in_case = true;
    } else if (cases.back().input.empty()) {
      cases.back().input = line;
    } else {
      cases.back().results.push_back(line);
    }
  }
  return cases;
}

// Empty when the case passes.
std::string failure_of(const Case& one) {
  const auto input = json::parse(one.input);
  if (!input) return "input: " + input.error().detail;
  const auto expression = Expression::compile(one.program, {});
  if (!expression) return expression.error().code + ": " + expression.error().message;
  std::vector<json::Value> results;
  Budget budget;
  const auto done = evaluate_each(*expression, {*input, {}, Time{}}, budget, [&](json::Value result) {
    results.push_back(std::move(result));
    return true;
  });
  std::string failure = done ? "" : done.error().detail + "; ";
  bool equal = done && results.size() == one.results.size();
  for (std::size_t i = 0; equal && i < results.size(); ++i) equal = results[i] == *json::parse(one.results[i]);
  if (equal) return {};
  for (const json::Value& result : results) failure += json::to_text(result) + " ";
  return failure.empty() ? "no result" : failure;
}

void check_file(const std::string& name, std::size_t expected_cases) {
  const std::filesystem::path path = std::filesystem::path(PAWL_REFERENCE_DATA) / "jq" / name;
  if (!std::filesystem::exists(path)) GTEST_SKIP() << "SKIPPED: the reference data of jq is not here";
  const std::vector<Case> cases = read_cases(path);
  EXPECT_EQ(cases.size(), expected_cases);
  std::set<std::size_t> allowed;
  for (const Deviation& deviation : deviations) {
    if (deviation.file == name) allowed.insert(deviation.line);
  }
  for (const Case& one : cases) {
    const std::string failure = failure_of(one);
    if (allowed.erase(one.line) > 0) {
      EXPECT_NE(failure, "") << name << ":" << one.line << " passes: take it out of the table";
    } else {
      EXPECT_EQ(failure, "") << name << ":" << one.line << ": " << one.program << " on " << one.input;
    }
  }
  EXPECT_TRUE(allowed.empty()) << "the table names a line where no case begins";
}

TEST(JqFiles, Manual) { check_file("man.test", 224); }
TEST(JqFiles, ManualOfRegularExpressions) { check_file("manonig.test", 17); }
TEST(JqFiles, RegularExpressions) { check_file("onig.test", 40); }
TEST(JqFiles, Base64) { check_file("base64.test", 7); }
TEST(JqFiles, Uri) { check_file("uri.test", 7); }

}  // namespace
}  // namespace pawl::expr
