// Random programs from a grammar, with a fixed number of seeds: whatever they do, they end within their budget, and say
// the same when they run again.
#include <gtest/gtest.h>

#include <array>
#include <string>

#include "base/random.h"
#include "expr/testing.h"

namespace pawl::expr {
namespace {

class Generator {
 public:
  explicit Generator(std::uint64_t seed) : random_(seed) {}

  std::string program(int depth) {
    if (depth <= 0) return leaf();
    const auto inner = [&] { return program(depth - 1); };
    switch (random_.below(30)) {
      case 0:
        return inner() + " | " + inner();
      case 1:
        return "(" + inner() + ", " + inner() + ")";
      case 2:
        return "(" + inner() + ")" + std::string(operators[random_.below(operators.size())]) + "(" + inner() + ")";
      case 3:
        return "[" + inner() + "]";
      case 4:
        return "{a: (" + inner() + "), \"b\\(" + inner() + ")\": 1}";
      case 5:
        return "if " + inner() + " then " + inner() + " else " + inner() + " end";
      case 6:
        return "try (" + inner() + ") catch (" + inner() + ")";
      case 7:
        return "(" + inner() + ")?";
      case 8:
        return "reduce (" + inner() + ") as $x (" + inner() + "; " + inner() + ")";
      case 9:
        return "foreach (" + inner() + ") as $x (" + inner() + "; " + inner() + "; " + inner() + ")";
      case 10:
        return "(" + inner() + ") as $x | " + inner();
      case 11:
        return "(" + inner() + ") as [$x, {a: $y}] ?// $x | [$x, $y, " + inner() + "]";
      case 12:
        return "label $l | (" + inner() + ") | if . == 1 then break $l else . end";
      case 13:
        return "def f(g): " + inner() + " | g; f(" + inner() + ")";
      case 14:
        return "def f($a): if . == 3 then f($a) else $a end; f(" + inner() + ")";
      case 15:
        return "path(" + path(depth - 1) + ")";
      case 16:
        return "(" + path(depth - 1) + ") |= (" + inner() + ")";
      case 17:
        return "(" + path(depth - 1) + ") += (" + inner() + ")";
      case 18:
        return "(" + path(depth - 1) + ") = (" + inner() + ")";
      case 19:
        return "del(" + path(depth - 1) + ")";
      case 20:
        return "limit(" + std::to_string(random_.below(4)) + "; " + inner() + ")";
      case 21:
        return "first(" + inner() + ")";
      case 22:
        return "\"x\\(" + inner() + ")y\"";
      case 23:
        return "(" + inner() + ") // (" + inner() + ")";
      case 24:
        return std::string(with_argument[random_.below(with_argument.size())]) + "(" + inner() + ")";
      case 25:
        return "[range(" + std::to_string(random_.below(20)) + ")] | " + inner();
      case 26:
        return "(" + inner() + ") and (" + inner() + ") or (" + inner() + ")";
      case 27:
        return "def f: " + inner() + " | f; f";
      case 28:
        return "[limit(5; recurse(" + inner() + "))]";
      default:
        return inner() + " | " + std::string(plain[random_.below(plain.size())]);
    }
  }

 private:
  std::string leaf() {
    static constexpr std::array<std::string_view, 22> leaves = {
        ".",     ".a",   ".b",   ".[0]", "..", ".[]",   ".[]?",  "1",        "0",     "-1",       "3.5",
        "\"a\"", "null", "true", "[]",   "{}", "empty", "error", "$context", ".[1:]", "$__loc__", "nan"};
    return std::string(leaves[random_.below(leaves.size())]);
  }

  std::string path(int depth) {
    if (depth <= 0) return leaf();
    const auto inner = [&] { return path(depth - 1); };
    switch (random_.below(10)) {
      case 0:
        return "(" + inner() + " | " + inner() + ")";
      case 1:
        return "(" + inner() + ", " + inner() + ")";
      case 2:
        return "if " + leaf() + " then " + inner() + " else " + inner() + " end";
      case 3:
        return "first(" + inner() + ")";
      case 4:
        return "recurse";
      case 5:
        return "select(" + leaf() + ")";
      case 6:
        return "getpath([\"a\", " + std::to_string(random_.below(3)) + "])";
      case 7:
        return "reduce (1, 0) as $x (.; " + inner() + ")";
      case 8:
        return "(" + inner() + ")?";
      default:
        return ".[" + std::to_string(random_.below(3)) + ":]";
    }
  }

  static constexpr std::array<std::string_view, 12> operators = {
      "+", "-", "*", "/", "%", "==", "<", ">=", "!=", "//", " and ", " or "};
  static constexpr std::array<std::string_view, 22> plain = {
      "length",     "keys",    "add",  "sort",    "unique",  "reverse", "tojson", "tostring",
      "to_entries", "flatten", "not",  "type",    "floor",   "paths",   "values", "tostream",
      "min",        "first",   "last", "explode", "@base64", "@html"};
  static constexpr std::array<std::string_view, 20> with_argument = {
      "map",     "select",       "sort_by",    "group_by", "any",     "all",  "has",      "contains", "split", "join",
      "indices", "with_entries", "map_values", "walk",     "isempty", "last", "ltrimstr", "recurse",  "del",   "test"};

  Random random_;
};

TEST(Fuzz, RandomProgramsStayWithinTheirBudgets) {
  constexpr std::uint64_t seeds = 4'000;
  constexpr std::string_view input = R"({"a":[1,2,{"b":"x"}],"b":{"a":null},"c":"text"})";
  std::size_t compiled = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const std::string program = Generator(seed).program(static_cast<int>(seed % 6));
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + program);
    auto run = [&](Budget& budget) {
      budget.steps = 20'000;
      budget.bytes = 4 << 20;
      budget.frames = 1'000;
      return testing::results_of(program, input, budget);
    };
    Budget first, second;
    const std::string results = run(first);
    EXPECT_EQ(run(second), results);
    EXPECT_EQ(first.steps, second.steps);
    EXPECT_EQ(first.bytes, second.bytes);
    compiled += results.starts_with("expression-syntax") || results.starts_with("unknown") ? 0 : 1;
  }
  EXPECT_GT(compiled, seeds * 9 / 10);
}

TEST(Fuzz, BrokenProgramsAreRefused) {
  constexpr std::uint64_t seeds = 4'000;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    std::string program = Generator(seed).program(4);
    Random random(seed);
    for (std::uint64_t i = 0; i <= random.below(4); ++i) {
      const std::size_t at = random.below(program.size());
      switch (random.below(3)) {
        case 0:
          program.erase(at, 1);
          break;
        case 1:
          program.insert(at, 1, "()[]{}|,.$\"\\:;?=#a1"[random.below(19)]);
          break;
        default:
          program[at] = static_cast<char>(1 + random.below(255));
          break;
      }
      if (program.empty()) program = ".";
    }
    SCOPED_TRACE("seed " + std::to_string(seed));
    Budget budget;
    budget.steps = 20'000;
    budget.bytes = 4 << 20;
    (void)testing::results_of(program, "{\"a\":[1]}", budget);
  }
}

}  // namespace
}  // namespace pawl::expr
