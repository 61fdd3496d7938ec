// Rule J2: every limit at work, and the edges of those that have one.
#include "expr/budget.h"

#include <gtest/gtest.h>

#include <string>
#include <thread>

#include "expr/testing.h"

namespace pawl::expr {
namespace {

using testing::results_of;

std::string problem_of(std::string_view program, std::string_view input = "null") {
  Budget budget;
  const std::string results = results_of(program, input, budget);
  const std::size_t found = results.find("expression-budget: ");
  return found == std::string::npos ? results : results.substr(found + 19);
}

TEST(Budget, ProgramsThatWouldNeverEndRunOutOfSteps) {
  EXPECT_EQ(problem_of("def f: f; f"), "steps");
  EXPECT_EQ(problem_of("last(repeat(1))"), "steps");
  EXPECT_EQ(problem_of("last(range(1e9))"), "steps");
  EXPECT_EQ(problem_of("[limit(1e12; repeat(1))]"), "steps");
  EXPECT_EQ(problem_of("until(false; .)"), "steps");
  EXPECT_EQ(problem_of("[range(1e9)]"), "steps");
  EXPECT_EQ(problem_of("first(repeat(1) | select(. == 2))"), "steps");
  EXPECT_EQ(problem_of("reduce repeat(1) as $x (0; . + $x)"), "steps");
  EXPECT_EQ(problem_of("try repeat(1) catch 1 | empty"), "steps");
  EXPECT_EQ(problem_of(
                "[.[] | .[] | .[] | select(. == -1)]", "[" +
                                                           [] {
                                                             const std::string row =
                                                                 "[[0,0,0,0,0,0,0,0,0,0],[0,0,0,0,0,0,0,0,0,0]]";
                                                             std::string rows = row;
                                                             for (int i = 0; i < 10'000; ++i) rows += "," + row;
                                                             return rows;
                                                           }() +
                                                           "]"),
            "steps");
}

TEST(Budget, MemoryThatGrowsRunsOutOfBytes) {
  EXPECT_EQ(problem_of("reduce range(60) as $i (\"x\"; . + .)"), "string-bytes");
  EXPECT_EQ(problem_of("\"x\" * 1e9"), "string-bytes");
  EXPECT_EQ(problem_of(".[2000000000] = 1"), "array-items");
  EXPECT_EQ(problem_of("[range(30)] | [combinations(20)] | length"), "steps");
  Budget many_steps;
  many_steps.steps = 1'000'000'000;
  EXPECT_EQ(results_of("reduce range(100) as $i (0; \"x\" * 3000000 | length)", "null", many_steps),
            "expression-budget: bytes");
  EXPECT_EQ(results_of("reduce range(60) as $i ([1]; . + .)", "null", many_steps = {.steps = 1'000'000'000}),
            "expression-budget: array-items");
}

TEST(Budget, FramesEndDeepCallsButNotTailCalls) {
  EXPECT_EQ(problem_of("def f: 1 + f; f"), "frames");
  EXPECT_EQ(problem_of("def f: if . == 0 then \"done\" else . - 1 | f end; 50000 | f"), "\"done\"");
  EXPECT_EQ(problem_of("def f($n): if $n == 0 then \"done\" else f($n - 1) end; f(50000)"), "\"done\"");
  EXPECT_EQ(problem_of("def f(g): if . == 0 then g else . - 1 | f(g) end; 50000 | f(\"done\")"), "\"done\"");
  EXPECT_EQ(problem_of("0 | until(. == 50000; . + 1)"), "50000");
  EXPECT_EQ(problem_of("last(0 | while(. < 40000; . + 1))"), "39999");
  EXPECT_EQ(problem_of("def f: if . == 0 then 0 else 1 + (. - 1 | f) end; 9990 | f"), "9990");
}

TEST(Budget, DepthOfValuesAndPaths) {
  EXPECT_EQ(problem_of("reduce range(1e6) as $i (null; [.])"), "depth");
  EXPECT_EQ(problem_of("reduce range(1e6) as $i (null; {a: .})"), "depth");
  EXPECT_EQ(problem_of("reduce range(511) as $i ([]; [.]) | length"), "1");
  EXPECT_EQ(problem_of("reduce range(512) as $i ([]; [.]) | length"), "depth");
  EXPECT_EQ(problem_of("path(def f: .a | f; f)"), "depth");
  EXPECT_EQ(problem_of("[range(600) | \"a\"] as $p | setpath($p; 1)"), "depth");
  EXPECT_EQ(problem_of("[range(513) | [.]] | length"), "513");
}

TEST(Budget, ResultIsLimited) {
  EXPECT_EQ(problem_of("\"x\" * 1048574 | length"), "1048574");
  EXPECT_EQ(problem_of("\"x\" * 1048575"), "result-bytes");
  EXPECT_EQ(problem_of("reduce range(40) as $i ([1]; [., .])"), "result-bytes");
  const auto expression = *Expression::compile("range(10) | \"x\" * 200000", {});
  Budget budget;
  const auto together = evaluate(expression, {json::Value(), {}, Time{}}, budget);
  ASSERT_FALSE(together);
  EXPECT_EQ(together.error().instance, "result-bytes");
}

TEST(Budget, ParsedTextIsLimitedAsOtherArraysAre) {
  EXPECT_EQ(problem_of(R"("[" + "1," * 999999 + "1]" | fromjson | length)"), "1000000");
  EXPECT_EQ(problem_of(R"("[" + "1," * 1000000 + "1]" | fromjson | length)").substr(0, 19), "expression: more th");
}

// An error's value becomes its message. One that shares its parts is short in memory, and would be written for ever.
TEST(Budget, ErrorsAreLimitedAsResultsAre) {
  EXPECT_EQ(problem_of("error(reduce range(60) as $i ([1]; [., .]))"), "result-bytes");
  EXPECT_EQ(problem_of("error(\"x\" * 1048575)"), "result-bytes");
  EXPECT_EQ(problem_of("error(\"x\" * 1048574)").size(), std::string("expression: ").size() + 1048574);
  EXPECT_EQ(problem_of("try error(reduce range(60) as $i ([1]; [., .])) catch length"), "2");
  EXPECT_EQ(problem_of("(reduce range(60) as $i ([1]; [., .])) + 1"),
            "expression: array (...) and number (1) cannot be added");
}

TEST(Budget, BuiltinsChargeBeforeTheyWork) {
  const std::string large = "[range(100000)]";
  EXPECT_EQ(problem_of(large + " | [., ., ., ., ., ., ., ., ., .] | map(sort) | length"), "steps");
  EXPECT_EQ(problem_of("[range(3000)] | . - map(. + 0.5) | length"), "steps");
  EXPECT_EQ(problem_of("[range(3000)] | contains(reverse)"), "steps");
  EXPECT_EQ(problem_of("\"a\" * 1000000 | [test(\"b\", \"c\", \"d\")] | length"), "steps");
}

TEST(Budget, OneBudgetSpansSeveralEvaluations) {
  const auto expression = *Expression::compile("last(range(1000))", {});
  Budget budget;
  int evaluations = 0;
  while (evaluate(expression, {json::Value(), {}, Time{}}, budget)) ++evaluations;
  EXPECT_GT(evaluations, 10);
  EXPECT_LT(evaluations, 1000);
  EXPECT_EQ(budget.steps, 0u);
}

TEST(Budget, NoTryCatchesIt) {
  EXPECT_EQ(problem_of("try (def f: f; f) catch \"caught\""), "steps");
  EXPECT_EQ(problem_of("(def f: 1 + f; f)? // \"caught\""), "frames");
}

TEST(Budget, TheStopFlagEndsAnEvaluation) {
  const std::atomic<bool> stop = true;
  Budget budget;
  budget.stop = &stop;
  EXPECT_EQ(results_of("last(range(1e9))", "null", budget), "runtime: it took longer than the server allows");
  const auto expression = *Expression::compile("last(range(1e9))", {});
  const auto result = evaluate(expression, {json::Value(), {}, Time{}}, budget);
  ASSERT_FALSE(result);
  EXPECT_EQ(result.error().status, 503);
}

TEST(Budget, LoopsOverContainersAreLinear) {
  // A copy of the container in each round would take some 10^9 steps.
  EXPECT_EQ(problem_of("reduce range(30000) as $i ([]; . + [$i]) | length"), "30000");
  EXPECT_EQ(problem_of("reduce range(30000) as $i ([]; .[$i] = $i) | length"), "30000");
  EXPECT_EQ(problem_of("reduce range(30000) as $i ({n: 0}; .n += 1) | .n"), "30000");
  EXPECT_EQ(problem_of("reduce range(6000) as $i ({}; .[\"k\\($i)\"] = $i) | length"), "6000");
  EXPECT_EQ(problem_of("reduce range(9000) as $i ({a: []}; .a += [$i]) | .a | length"), "9000");
  EXPECT_EQ(problem_of("[range(20000)] | (.[] | select(. % 2 == 0)) |= empty | length"), "10000");
  EXPECT_EQ(problem_of("[range(20000)] | map_values(. + 1) | length"), "20000");
}

TEST(Budget, TextOfAProgram) {
  const std::string long_program = "." + std::string(program_bytes - 1, ' ');
  EXPECT_EQ(results_of(long_program, "1"), "1");
  EXPECT_EQ(results_of(long_program + " ", "1"), "expression-limit");
  EXPECT_EQ(results_of(std::string(10'000, '('), "1"), "expression-limit");
  EXPECT_EQ(results_of(std::string(10'000, '['), "1"), "expression-limit");
  EXPECT_EQ(results_of(std::string(10'000, '-') + "1", "1"), "expression-limit");
  const auto nested = [](std::size_t depth) { return std::string(depth, '(') + "." + std::string(depth, ')'); };
  EXPECT_EQ(results_of(nested(program_nesting - 1), "1"), "1");
  EXPECT_EQ(results_of(nested(program_nesting), "1"), "expression-limit");
  const auto repeated = [](std::string_view text, std::string_view end) {
    std::string program;
    for (int i = 0; i < 1'000; ++i) program += text;
    return program.append(end);
  };
  for (const char* text : {"1//", "try ", "1 as $x|", "def f:", "{a:", "{a:-", ". as [$a] | ", "if 1 then 1 elif ",
                           "\"\\(", "[.[", "f(", "reduce ", "label $x|", "-(", "1+("}) {
    EXPECT_TRUE(results_of(repeated(text, "1")).starts_with("expression-")) << text;
  }
  EXPECT_EQ(results_of(repeated("1//", "1")), "expression-limit");
  EXPECT_EQ(results_of(". as " + repeated("[", "1")), "expression-limit");
  const auto alternatives = [](std::size_t count) {
    std::string program = ". as $a";
    for (std::size_t i = 1; i < count; ++i) program += " ?// $a";
    return program + " | $a";
  };
  EXPECT_EQ(results_of(alternatives(program_nesting), "1"), "1");
  EXPECT_EQ(results_of(alternatives(program_nesting + 1), "1"), "expression-limit");
  std::string definitions;
  for (std::size_t i = 0; i < program_definitions; ++i) definitions += "def f" + std::to_string(i) + ":1;";
  EXPECT_EQ(results_of(definitions + "f255", "1"), "1");
  EXPECT_EQ(results_of("def g:1;" + definitions + "f255", "1"), "expression-limit");
}

TEST(Budget, LongChainsAreNotNesting) {
  const auto chain = [](std::string_view link) {
    std::string text = "1";
    for (int i = 0; i < 1'000; ++i) text += link;
    return text;
  };
  EXPECT_EQ(results_of(chain("+1")), "1001");
  EXPECT_EQ(results_of(chain(" and 1")), "true");
  EXPECT_EQ(results_of(chain(" | .")), "1");
  EXPECT_EQ(results_of("[" + chain(",1") + "] | length"), "1001");
  std::string fields = ".";
  for (int i = 0; i < 1'000; ++i) fields += "[0]?";
  EXPECT_EQ(results_of(fields), "null");
}

}  // namespace
}  // namespace pawl::expr
