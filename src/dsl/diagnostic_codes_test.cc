// One document for each code, with the place that it must name, and beside it the repaired document that must not.
#include "dsl/diagnostic_codes.h"

#include <gtest/gtest.h>

#include <set>

#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

struct Case {
  std::string code;
  std::string broken;  // the whole text; most begin with the header, so that the rest begins on line 2
  std::string pointer;
  std::uint32_t line, column;
  std::string repaired;
};

std::string with(std::string_view rest) { return testing::document(rest); }

std::string nested(int levels) {
  std::string text = "do: [ { a: { set: { x: ";
  text += std::string(static_cast<std::size_t>(levels), '[') + std::string(static_cast<std::size_t>(levels), ']');
  return with(text + " } } } ]\n");
}

std::string aliases(int count) {
  std::string text = "do: [ { a: { set: { x: &x 1, y: [";
  for (int i = 0; i < count; ++i) text += i == 0 ? "*x" : ",*x";
  return with(text + "] } } } ]\n");
}

std::string tasks(int count) {
  std::string text = "do:\n";
  for (int i = 0; i < count; ++i) text += "- t" + std::to_string(i) + ": {do: []}\n";
  return with(text);
}

std::string values(int count) {
  std::string text = "do: [ { a: { set: { x: [";
  for (int i = 0; i < count; ++i) text += i == 0 ? "1" : ",1";
  return with(text + "] } } } ]\n");
}

std::string unknown_members(int count) {
  std::string text = "do:\n- a:\n    set: { x: 1 }\n";
  for (int i = 0; i < count; ++i) text += "    zzz" + std::to_string(i) + ": 1\n";
  return with(text);
}

std::vector<Case> text_cases() {
  using namespace std::string_literals;
  const std::string fine = with("do: []\n");
  return {
      {"document-too-large", fine + "#" + std::string(1 << 20, 'x'), "", 1, 1, fine},
      {"invalid-utf8", with("do: []\n# \xff\n"), "", 3, 1, fine},
      {"forbidden-character", with("do: [ { a: { set: { x: \"\\0\" } } } ]\n"), "/do/0/a/set/x", 2, 24,
       with("do: [ { a: { set: { x: \"\\t\" } } } ]\n")},
      {"yaml-syntax", with("do: 'x' y\n"), "/do", 2, 9, fine},
      {"empty-document", "# nothing\n", "", 1, 1, fine},
      {"multiple-documents", fine + "---\n" + fine, "", 3, 1, "---\n" + fine},
      {"duplicate-key", with("do: []\ndo: []\n"), "/do", 3, 1, fine},
      {"invalid-key", with("do: []\n[x]: 1\n"), "", 3, 1, fine},
      {"merge-key", with("do: [ { a: { <<: { set: { x: 1 } } } } ]\n"), "/do/0/a/<<", 2, 14,
       with("do: [ { a: { set: { x: 1 } } } ]\n")},
      {"yaml-tag", with("do: [ { a: { set: { x: !!binary aGk= } } } ]\n"), "/do/0/a/set/x", 2, 33,
       with("do: [ { a: { set: { x: !!str aGk= } } } ]\n")},
      {"unknown-alias", with("do: [ { a: { set: { x: *x } } } ]\n"), "/do/0/a/set/x", 2, 24,
       with("do: [ { a: { set: { y: &x 1, x: *x } } } ]\n")},
      {"recursive-alias", with("do: [ { a: { set: { x: &x [ *x ] } } } ]\n"), "/do/0/a/set/x/0", 2, 29,
       with("do: [ { a: { set: { x: &x [ 1 ], y: *x } } } ]\n")},
      {"too-many-aliases", aliases(1'001), "/do/0/a/set/y/1000", 2, 34 + 1'000 * 3, aliases(1'000)},
      // The root, the header and its 4 members, do, its item, a, set and x are 11 values: 99,989 more fit.
      {"too-many-nodes", values(99'990), "/do/0/a/set/x/99989", 2, 25 + 99'989 * 2, values(99'989)},
      // Root, do, item, a and set are 5 levels.
      {"too-deep", nested(60),
       "/do/0/a/set/x" +
           [] {
             std::string zeros;
             for (int i = 0; i < 59; ++i) zeros += "/0";
             return zeros;
           }(),
       2, 24 + 59, nested(59)},
      {"number-out-of-range", with("do: [ { a: { set: { x: 1e999 } } } ]\n"), "/do/0/a/set/x", 2, 24,
       with("do: [ { a: { set: { x: 1e99 } } } ]\n")},
  };
}

std::vector<Case> member_cases() {
  return {
      {"invalid-type", with("do: [ { a: { wait: 5 } } ]\n"), "/do/0/a/wait", 2, 20,
       with("do: [ { a: { wait: PT5S } } ]\n")},
      {"missing-member", "document: { dsl: 1.0.0, namespace: test, name: flow, version: 1.0.0 }\n", "", 1, 1,
       with("do: []\n")},
      {"unknown-member", with("do:\n- a:\n    set: { x: 1 }\n    ouput: { as: . }\n"), "/do/0/a/ouput", 5, 5,
       with("do:\n- a:\n    set: { x: 1 }\n    output: { as: . }\n")},
      {"unknown-addition", with("do:\n- a:\n    set: { x: 1 }\n    metadata: { pawl: { queu: x } }\n"),
       "/do/0/a/metadata/pawl/queu", 5, 25, with("do:\n- a:\n    set: { x: 1 }\n    metadata: { queu: x }\n")},
      {"invalid-value",
       with("do: [ { a: { call: http, with: { method: get, endpoint: 'http://h', output: all } } } ]\n"),
       "/do/0/a/with/output", 2, 77,
       with("do: [ { a: { call: http, with: { method: get, endpoint: 'http://h', output: raw } } } ]\n")},
      {"unsupported", with("do: []\nschedule: { cron: 0 0 * * * }\n"), "/schedule", 3, 1, with("do: []\n")},
  };
}

std::vector<Case> name_cases() {
  return {
      {"invalid-name", with("do: [ { a: { for: { each: 1st, in: . }, do: [] } } ]\n"), "/do/0/a/for/each", 2, 27,
       with("do: [ { a: { for: { each: first, in: . }, do: [] } } ]\n")},
      {"invalid-version", "document: { dsl: 1.0.0, namespace: test, name: flow, version: 1.0 a }\ndo: []\n",
       "/document/version", 1, 63, with("do: []\n")},
      {"duplicate-task-name", with("do:\n- a: { do: [] }\n- a: { do: [] }\n"), "/do/1/a", 4, 3,
       with("do:\n- a: { do: [] }\n- b: { do: [ { a: { do: [] } } ] }\n")},
      {"reserved-task-name", with("do:\n- end: { do: [] }\n"), "/do/0/end", 3, 3, with("do:\n- End: { do: [] }\n")},
      {"duplicate-case-name", with("do:\n- a: { switch: [ c: { when: .x, then: exit }, c: { then: end } ] }\n"),
       "/do/0/a/switch/1/c", 3, 47, with("do:\n- a: { switch: [ c: { when: .x, then: exit }, d: { then: end } ] }\n")},
      {"duplicate-variable", with("do: [ { a: { for: { each: i, at: i, in: . }, do: [] } } ]\n"), "/do/0/a/for", 2, 19,
       with("do: [ { a: { for: { each: i, at: j, in: . }, do: [] } } ]\n")},
      {"unresolved-name", with("do: [ { a: { wait: PT5S, timeout: PT10S } } ]\n"), "/do/0/a/timeout", 2, 35,
       with("do: [ { a: { wait: PT5S, timeout: PT10S } } ]\nuse: { timeouts: { PT10S: { after: PT10S } } }\n")},
      {"unknown-function", with("do: [ { a: { call: notify } } ]\n"), "/do/0/a/call", 2, 20,
       with("do: [ { a: { call: notify } } ]\nuse: { functions: { notify: { do: [] } } }\n")},
      {"recursive-function",
       with("do: []\nuse:\n  functions:\n    f: { do: [ { a: { call: g } } ] }\n    g: { call: f }\n"),
       "/use/functions/f/do/0/a/call", 5, 29,
       with("do: []\nuse:\n  functions:\n    f: { do: [ { a: { call: g } } ] }\n    g: { call: x.f }\n")},
      {"reserved-queue", with("do: [ { a: { call: x.y, metadata: { pawl: { queue: '@http' } } } } ]\n"),
       "/do/0/a/metadata/pawl/queue", 2, 52,
       with("do: [ { a: { call: x.y, metadata: { pawl: { queue: 'http' } } } } ]\n")},
  };
}

std::vector<Case> task_cases() {
  return {
      {"unknown-task", with("do: [ { a: { then: end } } ]\n"), "/do/0/a", 2, 9,
       with("do: [ { a: { do: [], then: end } } ]\n")},
      {"ambiguous-task", with("do: [ { a: { wait: PT5S, set: { x: 1 } } } ]\n"), "/do/0/a", 2, 12,
       with("do: [ { a: { wait: PT5S }, b: { set: { x: 1 } } } ]\n")},
      {"too-many-tasks", tasks(10'001), "/do/0/t0", 3, 3, tasks(10'000)},
      {"duplicate-default", with("do: [ { a: { switch: [ b: { then: end }, c: { then: exit } ] } } ]\n"),
       "/do/0/a/switch/1/c", 2, 42,
       with("do: [ { a: { switch: [ b: { then: end }, c: { when: .x, then: exit } ] } } ]\n")},
      {"then-scope", with("do: [ { a: { do: [ b: { do: [], then: c } ] } }, { c: { do: [] } } ]\n"),
       "/do/0/a/do/0/b/then", 2, 39, with("do: [ { a: { do: [ b: { do: [], then: exit } ] } }, { c: { do: [] } } ]\n")},
      {"invalid-duration", with("do: [ { a: { wait: 5 minutes } } ]\n"), "/do/0/a/wait", 2, 20,
       with("do: [ { a: { wait: { minutes: 5 } } } ]\n")},
      {"negative-duration", with("do: [ { a: { wait: { minutes: -5 } } } ]\n"), "/do/0/a/wait/minutes", 2, 31,
       with("do: [ { a: { wait: { minutes: 0 } } } ]\n")},
      {"invalid-uri", with("do: [ { a: { call: http, with: { method: get, endpoint: 'file:///etc/passwd' } } } ]\n"),
       "/do/0/a/with/endpoint", 2, 57,
       with("do: [ { a: { call: http, with: { method: get, endpoint: 'https://example.com/' } } } ]\n")},
      {"uri-template", with("do: [ { a: { call: http, with: { method: get, endpoint: 'https://h/{id' } } } ]\n"),
       "/do/0/a/with/endpoint", 2, 57,
       with("do: [ { a: { call: http, with: { method: get, endpoint: 'https://h/{id}' } } } ]\n")},
  };
}

std::vector<Case> expression_cases() {
  const auto condition = [](const std::string& program) {
    return with("do: [ { a: { if: '" + program + "', do: [] } } ]\n");
  };
  const auto made = [&](std::string code, const std::string& broken, const std::string& repaired) {
    return Case{std::move(code), condition(broken), "/do/0/a/if", 2, 18, condition(repaired)};
  };
  return {
      made("expression-syntax", ".a +", ".a + 1"),
      made("expression-limit", std::string(201, '(') + "." + std::string(201, ')'), "((.))"),
      made("unknown-variable", "$output", "$context"),
      made("unknown-function", "nonsense(1)", "length"),
      made("unsupported-function", "jn(1; 2)", "floor"),
      made("forbidden-function", "env", ". | keys"),
      made("regex-unsupported", "test(\"(?=a)\")", "test(\"a\")"),
      made("unknown-label", "break $out", "label $out | 1, break $out"),
  };
}

std::vector<Case> warning_cases() {
  return {
      {"literal-looks-like-expression", with("do: [ { a: { set: { x: .name } } } ]\n"), "/do/0/a/set/x", 2, 24,
       with("do: [ { a: { set: { x: '${ .name }' } } } ]\n")},
      {"fork-export-conflict",
       with("do:\n- a: { fork: { branches: [ x: { do: [], export: { as: . } }, y: { do: [], export: { as: . } } ] } "
            "}\n"),
       "/do/0/a/fork/branches", 3, 26,
       with("do:\n- a: { fork: { branches: [ x: { do: [], export: { as: . } }, y: { do: [] } ] } }\n")},
      {"loop-without-wait", with("do:\n- a: { do: [] }\n- b: { if: .x, do: [], then: a }\n"), "/do/1/b/then", 4, 30,
       with("do:\n- a: { wait: PT1S }\n- b: { if: .x, do: [], then: a }\n")},
      {"unreachable-task", with("do:\n- a: { do: [], then: end }\n- b: { do: [] }\n"), "/do/1/b", 4, 3,
       with("do:\n- a: { if: .x, do: [], then: end }\n- b: { do: [] }\n")},
      {"too-many-problems", unknown_members(300), "", 305, 1, unknown_members(10)},
  };
}

std::vector<Case> all_cases() {
  std::vector<Case> all;
  for (const auto& group :
       {text_cases(), member_cases(), name_cases(), task_cases(), expression_cases(), warning_cases()}) {
    all.insert(all.end(), group.begin(), group.end());
  }
  return all;
}

const DiagnosticCode* documented(std::string_view code) {
  const auto found = std::ranges::find(diagnostic_codes, code, &DiagnosticCode::code);
  return found == diagnostic_codes.end() ? nullptr : &*found;
}

TEST(DiagnosticCodesTest, EachIsReportedAtItsPlaceAndNotWhenRepaired) {
  for (const Case& expected : all_cases()) {
    SCOPED_TRACE(expected.code);
    const Compiled broken = compile(expected.broken);
    const Diagnostic* found = testing::find(broken.diagnostics, expected.code);
    if (found == nullptr) {
      ADD_FAILURE() << "not reported; instead:\n" << testing::describe(broken.diagnostics);
      continue;
    }
    EXPECT_EQ(found->pointer, expected.pointer);
    EXPECT_EQ(std::pair(found->line, found->column), std::pair(expected.line, expected.column));
    EXPECT_FALSE(found->message.empty());
    const DiagnosticCode* known = documented(expected.code);
    if (known == nullptr) {
      ADD_FAILURE() << "not in diagnostic_codes";
      continue;
    }
    EXPECT_EQ(found->severity, known->severity);
    if (found->severity == Diagnostic::Severity::error) EXPECT_EQ(broken.program, nullptr);

    const Compiled repaired = compile(expected.repaired);
    EXPECT_EQ(testing::find(repaired.diagnostics, expected.code), nullptr) << testing::describe(repaired.diagnostics);
  }
}

TEST(DiagnosticCodesTest, EachHasACase) {
  std::set<std::string> tested;
  for (const Case& each : all_cases()) tested.insert(each.code);
  for (const DiagnosticCode& known : diagnostic_codes)
    EXPECT_TRUE(tested.contains(std::string(known.code))) << known.code;
  EXPECT_EQ(tested.size(), diagnostic_codes.size());
}

// docs/diagnostics.md: table rows begin with | `code` |, the warnings' under their heading.
TEST(DiagnosticCodesTest, TheDocumentationListsTheSame) {
  std::istringstream page(testing::read_file(testing::project_root() / "docs" / "diagnostics.md"));
  std::set<std::string> errors, warnings;
  std::string line, heading;
  while (std::getline(page, line)) {
    if (line.starts_with("## ")) heading = line.substr(3);
    if (!line.starts_with("| `")) continue;
    const std::string code = line.substr(3, line.find('`', 3) - 3);
    EXPECT_TRUE((heading == "Warnings" ? warnings : errors).insert(code).second) << code << " is listed twice";
  }
  for (const DiagnosticCode& known : diagnostic_codes) {
    auto& listed = known.severity == Diagnostic::Severity::warning ? warnings : errors;
    EXPECT_EQ(listed.erase(std::string(known.code)), 1u) << known.code << " is not listed, or under a wrong heading";
  }
  for (const auto& rest : {errors, warnings}) {
    for (const std::string& code : rest) ADD_FAILURE() << code << " is listed and does not exist";
  }
}

}  // namespace
}  // namespace pawl::dsl
