// Prints what it costs to compile and to evaluate small programs, in nanoseconds. Budget: performance.md, "an
// expression". The name ends in .cpp because the room's library takes every .cc file.
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string_view>
#include <vector>

#include "expr/expression.h"
#include "expr/template.h"
#include "json/parse.h"

namespace {

using namespace pawl;

constexpr int rounds = 5, repetitions = 20'000;

// The best of some rounds, per call.
template <class Work>
double nanoseconds(Work work) {
  double best = 1e18;
  for (int round = 0; round < rounds; ++round) {
    const auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < repetitions; ++i) work();
    const std::chrono::duration<double, std::nano> taken = std::chrono::steady_clock::now() - begin;
    best = std::min(best, taken.count() / repetitions);
  }
  return best;
}

}  // namespace

int main() {
  constexpr std::string_view names[] = {"context", "input", "task", "workflow", "runtime"};
  constexpr std::string_view programs[] = {".",
                                           ".a.b",
                                           ".qty",
                                           ".qty > 3",
                                           ".qty * .unit > 100 and .a.b != null",
                                           "$context.seen // false",
                                           "{ total: (.qty * .unit), currency: \"EUR\", id: $context.id }",
                                           "\"order \\(.id): \\(.qty)\"",
                                           ".items | map(select(.price > 2) | .price) | add",
                                           "[.items[].price] | max",
                                           ".a.b = 5",
                                           "reduce .items[] as $item (0; . + $item.price)",
                                           "def f(x): x + 1; f(.qty)",
                                           "with_entries(.value |= tostring)",
                                           "try error(\"x\") catch .",
                                           "any(.items[]; .price > 2)",
                                           ".id | test(\"^A[0-9]+$\")"};
  const auto input = *json::parse(
      R"({"a":{"b":1},"qty":2,"unit":30,"id":"A7","items":[{"price":1},{"price":2},{"price":3},{"price":4}]})");
  const std::vector<json::Value> variables(std::size(names), json::Value::object({{"id", json::Value("A7")}}));
  const expr::Frame frame{input, variables, Time{}};
  std::printf("%-66s %10s %10s\n", "program", "compile ns", "run ns");
  for (std::string_view program : programs) {
    const auto expression = expr::Expression::compile(program, names);
    if (!expression) {
      std::printf("%.*s: %s\n", static_cast<int>(program.size()), program.data(), expression.error().message.c_str());
      return 1;
    }
    const double compiling = nanoseconds([&] { (void)expr::Expression::compile(program, names); });
    const double running = nanoseconds([&] {
      expr::Budget budget;
      if (!expr::evaluate(*expression, frame, budget)) std::abort();
    });
    std::printf("%-66.*s %10.0f %10.0f\n", static_cast<int>(program.size()), program.data(), compiling, running);
  }
  return 0;
}
