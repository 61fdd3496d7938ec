// How the results of an evaluation come out: none, one, several, a condition, one by one.
#include <gtest/gtest.h>

#include <array>
#include <string>
#include <thread>
#include <vector>

#include "expr/expression.h"
#include "json/parse.h"
#include "json/write.h"

namespace pawl::expr {
namespace {

TEST(Evaluate, AVariableThatIsLeftOutIsNull) {
  const std::array<std::string_view, 2> names{"a", "b"};
  const auto program = Expression::compile("[$a, . as $x | $b]", names);
  ASSERT_TRUE(program);
  const json::Value input, one = json::Value::integer(1);
  Budget budget;
  const auto result = evaluate(*program, {input, std::span(&one, 1), Time{}}, budget);
  ASSERT_TRUE(result);
  EXPECT_EQ(json::to_text(*result), "[1,null]");
}

TEST(Evaluate, NoResultOneOrSeveral) {
  const json::Value input = json::Value::integer(1);
  const auto value_of = [&input](std::string_view program) {
    Budget budget;
    return json::to_text(*evaluate(*Expression::compile(program, {}), {input, {}, Time{}}, budget));
  };
  EXPECT_EQ(value_of("empty"), "null");
  EXPECT_EQ(value_of(". + 1"), "2");
  EXPECT_EQ(value_of("., 2"), "[1,2]");
  EXPECT_EQ(value_of("[]"), "[]");
}

TEST(Evaluate, Conditions) {
  const json::Value input = json::Value::integer(1);
  const auto outcome = [&input](std::string_view program) -> std::string {
    Budget budget;
    const auto result = test(*Expression::compile(program, {}), {input, {}, Time{}}, budget);
    return result ? (*result ? "true" : "false") : result.error().code;
  };
  EXPECT_EQ(outcome("empty"), "false");
  EXPECT_EQ(outcome("null"), "false");
  EXPECT_EQ(outcome("false"), "false");
  EXPECT_EQ(outcome("0"), "true");
  EXPECT_EQ(outcome("\"\""), "true");
  EXPECT_EQ(outcome(". == 1"), "true");
  EXPECT_EQ(outcome("true, true"), "expression");
  EXPECT_EQ(outcome("error(\"x\")"), "expression");
}

TEST(Evaluate, EachMayStop) {
  int seen = 0;
  Budget budget;
  const auto expression = *Expression::compile("range(10)", {});
  EXPECT_TRUE(evaluate_each(expression, {json::Value(), {}, Time{}}, budget,
                            [&seen](const json::Value&) { return ++seen < 3; }));
  EXPECT_EQ(seen, 3);
}

TEST(Evaluate, ExpressionsAreSharedBetweenThreads) {
  const auto expression = *Expression::compile("[.[] | select(test(\"a\")) | ascii_upcase] | sort", {});
  const json::Value input = *json::parse(R"(["ab","b","ca"])");
  std::vector<std::string> results(4);
  {
    std::vector<std::jthread> threads;
    for (std::string& result : results) {
      threads.emplace_back([&result, expression, input] {
        for (int i = 0; i < 200; ++i) {
          Budget budget;
          result = json::to_text(*evaluate(expression, {input, {}, Time{}}, budget));
        }
      });
    }
  }
  for (const std::string& result : results) EXPECT_EQ(result, R"(["AB","CA"])");
}

}  // namespace
}  // namespace pawl::expr
