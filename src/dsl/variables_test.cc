// Rule D2: which variables a program sees, place by place.
#include <gtest/gtest.h>

#include "dsl/scope.h"
#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

struct Place {
  std::string_view name;
  std::string_view text;     // the document with @ where the variable goes
  std::string_view visible;  // of $context $input $output $task $item $oops, those that may stand there
};

constexpr std::string_view candidates[] = {"context", "input", "output", "task", "item", "oops"};

class Variables : public ::testing::TestWithParam<Place> {};

std::string filled(std::string_view text, std::string_view variable) {
  std::string result = testing::document(text);
  result.replace(result.find('@'), 1, "$" + std::string(variable));
  return result;
}

TEST_P(Variables, AreThoseOfTheTable) {
  for (const std::string_view variable : candidates) {
    const Compiled result = compile(filled(GetParam().text, variable));
    const bool is_visible = (" " + std::string(GetParam().visible) + " ").contains(" " + std::string(variable) + " ");
    const Diagnostic* refused = testing::find(result.diagnostics, "unknown-variable");
    EXPECT_EQ(refused == nullptr, is_visible) << "$" << variable << "\n" << testing::describe(result.diagnostics);
    EXPECT_EQ(result.program != nullptr, is_visible) << testing::describe(result.diagnostics);
  }
  for (const std::string_view everywhere : {"workflow", "runtime"}) {
    EXPECT_NE(compile(filled(GetParam().text, everywhere)).program, nullptr) << everywhere;
  }
  const Compiled secret = compile(filled(GetParam().text, "secrets"));
  EXPECT_NE(testing::find(secret.diagnostics, "unsupported"), nullptr) << testing::describe(secret.diagnostics);
}

// The tasks stand in a loop with $item, within a catch whose error is $oops where it matters.
INSTANTIATE_TEST_SUITE_P(
    Table, Variables,
    ::testing::Values(
        Place{"workflow input.from", "input: { from: '@' }\ndo: []\n", ""},
        Place{"workflow output.as", "output: { as: '@' }\ndo: []\n", "context"},
        Place{"workflow timeout", "timeout: { after: '${ @ }' }\ndo: []\n", ""},
        Place{"if", "do: [ l: { for: { in: . }, do: [ a: { if: '@', do: [] } ] } ]\n", "context task item"},
        Place{"timeout", "do: [ l: { for: { in: . }, do: [ a: { timeout: { after: '${ @ }' }, do: [] } ] } ]\n",
              "context task item"},
        Place{"input.from", "do: [ l: { for: { in: . }, do: [ a: { input: { from: '@' }, do: [] } ] } ]\n",
              "context task item"},
        Place{"set", "do: [ l: { for: { in: . }, do: [ a: { set: { x: '${ @ }' } } ] } ]\n", "context input task item"},
        Place{"set as expression", "do: [ l: { for: { in: . }, do: [ a: { set: '@' } ] } ]\n",
              "context input task item"},
        Place{"switch when", "do: [ l: { for: { in: . }, do: [ a: { switch: [ b: { when: '@', then: exit } ] } ] } ]\n",
              "context input task item"},
        Place{"wait", "do: [ l: { for: { in: . }, do: [ a: { wait: '${ @ }' } ] } ]\n", "context input task item"},
        Place{"raise",
              "do: [ l: { for: { in: . }, do: [ a: { raise: { error: { type: a, status: 400, title: '${ @ }' } } } ] } "
              "]\n",
              "context input task item"},
        Place{"raise by name",
              "do: [ l: { for: { in: . }, do: [ a: { raise: { error: e } } ] } ]\n"
              "use: { errors: { e: { type: a, status: 400, title: '${ @ }' } } }\n",
              "context input task item"},
        Place{"call with", "do: [ l: { for: { in: . }, do: [ a: { call: x.y, with: { x: '${ @ }' } } ] } ]\n",
              "context input task item"},
        Place{"endpoint",
              "do: [ l: { for: { in: . }, do: [ a: { call: http, with: { method: get, endpoint: '${ @ }' } } ] } ]\n",
              "context input task item"},
        Place{"output.as", "do: [ l: { for: { in: . }, do: [ a: { output: { as: '@' }, do: [] } ] } ]\n",
              "context input task item"},
        Place{"export.as", "do: [ l: { for: { in: . }, do: [ a: { export: { as: '@' }, do: [] } ] } ]\n",
              "context input output task item"},
        // a loop's own fields do not see its variables, but for `while` and the body
        Place{"for.in", "do: [ l: { for: { in: '@' }, do: [] } ]\n", "context input task"},
        Place{"while", "do: [ l: { for: { in: . }, while: '@', do: [] } ]\n", "context input task item"},
        Place{"loop output.as", "do: [ l: { for: { in: . }, do: [], output: { as: '@' } } ]\n", "context input task"},
        Place{"loop export.as", "do: [ l: { for: { in: . }, do: [], export: { as: '@' } } ]\n",
              "context input output task"},
        Place{"inner for.in", "do: [ l: { for: { in: . }, do: [ m: { for: { each: n, in: '@' }, do: [] } ] } ]\n",
              "context input task item"},
        // catch and retry
        Place{"catch.when", "do: [ l: { for: { in: . }, do: [ a: { try: [], catch: { as: oops, when: '@' } } ] } ]\n",
              "context input task item oops"},
        Place{"catch.exceptWhen", "do: [ a: { try: [], catch: { as: oops, exceptWhen: '@' } } ]\n",
              "context input task oops"},
        Place{"retry.when", "do: [ a: { try: [], catch: { as: oops, retry: { when: '@' } } } ]\n",
              "context input task oops"},
        Place{"retry.exceptWhen", "do: [ a: { try: [], catch: { as: oops, retry: { exceptWhen: '@' } } } ]\n",
              "context input task oops"},
        Place{"retry.delay", "do: [ a: { try: [], catch: { as: oops, retry: { delay: '${ @ }' } } } ]\n",
              "context input task oops"},
        Place{"retry by name",
              "do: [ a: { try: [], catch: { as: oops, retry: r } } ]\nuse: { retries: { r: { when: '@' } } }\n",
              "context input task oops"},
        Place{"catch.do", "do: [ a: { try: [], catch: { as: oops, do: [ b: { if: '@', do: [] } ] } } ]\n",
              "context task oops"},
        Place{"try list", "do: [ a: { try: [ b: { if: '@', do: [] } ], catch: { as: oops } } ]\n", "context task"},
        Place{"try output.as", "do: [ a: { try: [], catch: { as: oops }, output: { as: '@' } } ]\n",
              "context input task"},
        Place{"function", "do: []\nuse: { functions: { f: { set: { x: '${ @ }' } } } }\n", "context input task"}),
    [](const auto& info) {
      std::string name;
      for (const char c : info.param.name) name += std::isalnum(static_cast<unsigned char>(c)) ? c : '_';
      return name;
    });

TEST(VariablesTest, ANameUsedInTwoPlacesIsCheckedInEach) {
  // $oops is the error of the first try only.
  const Compiled result = compile(testing::document(R"(do:
- a: { try: [], catch: { as: oops, retry: r } }
- b: { try: [], catch: { as: fault, retry: r } }
use: { retries: { r: { when: $oops.status == 503 } } }
)"));
  ASSERT_EQ(result.diagnostics.size(), 1u) << testing::describe(result.diagnostics);
  EXPECT_EQ(result.diagnostics[0].code, "unknown-variable");
  EXPECT_EQ(result.diagnostics[0].pointer, "/use/retries/r/when");
}

TEST(VariablesTest, AHintNamesTheNearestVariableOrTheRule) {
  const auto hint = [](std::string_view program) {
    const Compiled result = compile(filled("do: [ a: { if: '@', do: [] } ]\n", program));
    const Diagnostic* found = testing::find(result.diagnostics, "unknown-variable");
    return found == nullptr ? std::string() : found->hint;
  };
  EXPECT_EQ(hint("contxt"), "did you mean $context?");
  EXPECT_EQ(hint("input"), "$input is not given to a program in this place");
}

TEST(VariablesTest, NamesOfLoopAndErrorVariablesAreTheJqLanguages) {
  const auto code = [](std::string_view name) {
    const Compiled result =
        compile(testing::document("do: [ a: { for: { each: '" + std::string(name) + "', in: . }, do: [] } ]\n"));
    return result.diagnostics.empty() ? std::string() : result.diagnostics[0].code;
  };
  for (const std::string_view fine : {"x", "_x", "X9", "error", "item2", "configuration"})
    EXPECT_EQ(code(fine), "") << fine;
  for (const std::string_view wrong : {"", "9", "a-b", "$x", "a b", "context", "input", "output", "task", "workflow",
                                       "runtime", "secrets", "authorization", "ENV", "__loc__", "größe", "${ .x }"}) {
    EXPECT_EQ(code(wrong), "invalid-name") << wrong;
  }
  EXPECT_EQ(code(std::string(64, 'x')), "");
  EXPECT_EQ(code(std::string(65, 'x')), "invalid-name");
}

}  // namespace
}  // namespace pawl::dsl
