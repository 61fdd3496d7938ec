#include "dsl/yaml.h"

#include <gtest/gtest.h>

#include <chrono>

#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

struct Read {
  std::string json;  // empty when there is no value
  std::vector<Diagnostic> diagnostics;
};

Read read(std::string_view text, const Limits& limits = {}) {
  Diagnostics problems;
  SourceMap map(text);
  const auto value = read_yaml(text, limits, problems, map);
  return {value ? json::to_text(*value) : std::string(), problems.finish(map)};
}

// The only diagnostic of a text, as "code pointer line:column".
std::string only_problem(std::string_view text, const Limits& limits = {}) {
  const Read result = read(text, limits);
  if (result.diagnostics.size() != 1) return testing::describe(result.diagnostics);
  const Diagnostic& only = result.diagnostics[0];
  return only.code + " " + only.pointer + " " + std::to_string(only.line) + ":" + std::to_string(only.column);
}

TEST(YamlTest, ReadsBlockAndFlowAndJson) {
  EXPECT_EQ(read("a: 1\nb:\n  - x\n  - {c: d}\n").json, R"({"a":1,"b":["x",{"c":"d"}]})");
  EXPECT_EQ(read("{\n\t\"a\": [1, 2.5, null, true],\n\t\"b\": \"x\\/y\"\n}").json,
            R"({"a":[1,2.5,null,true],"b":"x/y"})");
  EXPECT_EQ(read("a: |\n  one\n  two\nb: >\n  one\n  two\n").json, R"({"a":"one\ntwo\n","b":"one two\n"})");
  EXPECT_EQ(read("a:\nb: ''\n").json, R"({"a":null,"b":""})");
  EXPECT_EQ(read("[]").json, "[]");
  EXPECT_EQ(read("---\na: 1\n...\n").json, R"({"a":1})");
}

TEST(YamlTest, QuotedScalarsAreTexts) {
  EXPECT_EQ(read("a: '1'\nb: \"true\"\nc: |-\n  5\n").json, R"({"a":"1","b":"true","c":"5"})");
}

TEST(YamlTest, KeysAreTheirText) {
  EXPECT_EQ(read("on: 1\n200: 2\ntrue: 3\n? x\n: 4\n").json, R"({"200":2,"on":1,"true":3,"x":4})");
}

TEST(YamlTest, DecodesEscapesAndSurrogatePairs) {
  EXPECT_EQ(read("a: \"\\u00e9\\ud83d\\ude00\\n\"").json, "{\"a\":\"é😀\\n\"}");
  EXPECT_EQ(only_problem("a: \"\\ud83d\"").substr(0, 11), "yaml-syntax");
}

TEST(YamlTest, ExpandsAliases) {
  EXPECT_EQ(read("a: &x {n: [1, 2]}\nb: *x\nc: [*x, &y 5, *y]\n").json,
            R"({"a":{"n":[1,2]},"b":{"n":[1,2]},"c":[{"n":[1,2]},5,5]})");
  EXPECT_EQ(read("a: &x 1\nb: &x 2\nc: *x\n").json, R"({"a":1,"b":2,"c":2})");  // the newest anchor counts
  EXPECT_EQ(only_problem("a: *x\nb: &x 1\n"), "unknown-alias /a 1:4");
  EXPECT_EQ(only_problem("a: &x\n  b: *x\n"), "recursive-alias /a/b 2:6");
  EXPECT_EQ(only_problem("- &x [1, *x]\n"), "recursive-alias /0/1 1:10");
}

TEST(YamlTest, StopsAliasBombsBeforeTheyAreBuilt) {
  std::string bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n";
  for (int level = 1; level < 30; ++level) {
    const std::string before = "*a" + std::to_string(level - 1);
    bomb += "a" + std::to_string(level) + ": &a" + std::to_string(level) + " [";
    for (int i = 0; i < 10; ++i) bomb += (i == 0 ? "" : ", ") + before;
    bomb += "]\n";
  }
  // Level n has 10^(n+1) leaves; all below sum up to 100,000 values within a4.
  EXPECT_TRUE(only_problem(bomb).starts_with("too-many-nodes /a4/")) << only_problem(bomb);

  // Few values, much text: the anchor and 62 aliases of 64 KiB fit into 4 MiB beside the two keys.
  std::string heavy = "a: &a " + std::string(64 << 10, 'x') + "\nb:\n";
  for (int i = 0; i < 100; ++i) heavy += "  - *a\n";
  EXPECT_TRUE(only_problem(heavy).starts_with("too-many-nodes /b/62 ")) << only_problem(heavy);
}

TEST(YamlTest, KeepsTheLimitsAtTheirEdges) {
  const Limits few{.bytes = 100, .nodes = 4, .aliases = 2, .depth = 2};
  EXPECT_EQ(read("[1, 2, 3]", few).json, "[1,2,3]");
  EXPECT_EQ(only_problem("[1, 2, 3, 4]", few), "too-many-nodes /3 1:11");
  EXPECT_EQ(read("[[1]]", few).json, "[[1]]");
  EXPECT_EQ(only_problem("[[[1]]]", few), "too-deep /0/0 1:3");
  EXPECT_EQ(read("[&x 1, *x, *x]", few).json, "[1,1,1]");
  EXPECT_EQ(only_problem("[&x 1, *x, *x, *x]", few), "too-many-aliases /3 1:16");
  EXPECT_EQ(only_problem("a: &x [1]\nb: [*x]\n", {.depth = 2}), "too-deep /b/0 2:5");
  const std::string fits = "a: " + std::string(97, 'x');
  EXPECT_NE(read(fits, few).json, "");
  EXPECT_EQ(only_problem(fits + "x", few), "document-too-large  1:1");
}

TEST(YamlTest, RefusesATenMegabyteDocumentAtOnce) {
  const std::string large(10'000'000, '[');
  EXPECT_EQ(only_problem(large), "document-too-large  1:1");
}

TEST(YamlTest, RefusesDeepNestingWithoutReadingItAll) {
  EXPECT_EQ(
      only_problem(std::string(1'000'000, '[')), "too-deep /0" + [] {
        std::string rest;
        for (int i = 0; i < 63; ++i) rest += "/0";
        return rest;
      }() + " 1:65");
  std::string nested;
  for (int i = 0; i < 64; ++i) nested += "- ";
  EXPECT_NE(read(nested + "x").json, "");
}

TEST(YamlTest, ReportsEachDuplicateKeyAndGoesOn) {
  const Read result = read("a: 1\nb:\n  c: 1\n  'c': 2\na: 3\n");
  EXPECT_EQ(result.json, R"({"a":1,"b":{"c":1}})");  // the first is kept
  ASSERT_EQ(result.diagnostics.size(), 2u) << testing::describe(result.diagnostics);
  EXPECT_EQ(result.diagnostics[0].pointer, "/b/c");
  EXPECT_EQ(result.diagnostics[0].line, 4u);
  EXPECT_EQ(result.diagnostics[0].column, 3u);
  EXPECT_EQ(result.diagnostics[1].pointer, "/a");
  EXPECT_EQ(result.diagnostics[1].line, 5u);
  EXPECT_EQ(only_problem("1: a\n'1': b\n"), "duplicate-key /1 2:1");
  EXPECT_EQ(only_problem("{\"a\": 1, \"a\": 1}"), "duplicate-key /a 1:10");
}

TEST(YamlTest, RefusesWhatReadersUnderstandDifferently) {
  EXPECT_EQ(only_problem("a: &x {b: 1}\nc:\n  <<: *x\n"), "merge-key /c/<< 3:3");
  EXPECT_EQ(read("a: {'<<': 1}").diagnostics.size(), 0u);
  EXPECT_EQ(only_problem("a: !!timestamp 2026-11-21\n"), "yaml-tag /a 1:16");
  EXPECT_EQ(only_problem("a: !mine x\n"), "yaml-tag /a 1:10");
  EXPECT_EQ(only_problem("a: !!set {x: null}\n"), "yaml-tag /a 1:10");
  EXPECT_EQ(only_problem("a: !!int x\n"), "yaml-tag /a 1:10");
  EXPECT_EQ(read("a: !!str 5\nb: !!int '7'\nc: !!map {}\nd: !!seq []\ne: ! 5\n").json,
            R"({"a":"5","b":7,"c":{},"d":[],"e":"5"})");
  EXPECT_EQ(only_problem("[1]: 2\n").substr(0, 11), "invalid-key");
  EXPECT_EQ(only_problem(": 2\n").substr(0, 11), "invalid-key");
  EXPECT_EQ(only_problem("a: .inf\n"), "number-out-of-range /a 1:4");
  EXPECT_EQ(only_problem("a: 1\n---\nb: 2\n").substr(0, 18), "multiple-documents");
}

TEST(YamlTest, RefusesWhatIsNotText) {
  using namespace std::string_view_literals;
  EXPECT_EQ(only_problem("a: x\nb: \0\n"sv), "forbidden-character  2:4");
  EXPECT_EQ(only_problem("a: 1\nb: \"\\0\"\n"), "forbidden-character /b 2:4");
  EXPECT_EQ(only_problem("\"a\\0\": 1\n").substr(0, 19), "forbidden-character");
  EXPECT_EQ(only_problem("a: 1\nb: \xff\n"), "invalid-utf8  2:1");
  EXPECT_EQ(only_problem("a: \xed\xa0\x80\n"), "invalid-utf8  1:1");  // a surrogate, written in UTF-8
  EXPECT_EQ(only_problem("").substr(0, 14), "empty-document");
  EXPECT_EQ(only_problem("# only a comment\n").substr(0, 14), "empty-document");
}

TEST(YamlTest, TellsWhereTheSyntaxBreaks) {
  EXPECT_EQ(only_problem("a: 1\nb: [1, 2\nc: 3\n").substr(0, 11), "yaml-syntax");
  const Read result = read("a: 1\nb: \"x\" y\n");
  ASSERT_EQ(result.diagnostics.size(), 1u);
  EXPECT_EQ(result.diagnostics[0].code, "yaml-syntax");
  EXPECT_EQ(result.diagnostics[0].line, 2u);
  EXPECT_TRUE(read("{\"a\": 1, \"b\": ").diagnostics.at(0).code == "yaml-syntax");  // a body cut short
}

struct PlaceCase {
  std::string_view pointer;
  std::uint32_t key_line, key_column, line, column;
};

TEST(SourceMapTest, KnowsThePlaceOfEachKeyAndValue) {
  constexpr std::string_view text =
      "first: 1\n"
      "größe:  \"x\"\n"
      "list:\n"
      "  - a\n"
      "  - {b: [1, 'two']}\n"
      "zero:\n"
      "  deep:\n"
      "    deeper: |\n"
      "      text\n";
  Diagnostics problems;
  SourceMap map(text);
  ASSERT_TRUE(read_yaml(text, {}, problems, map).has_value());
  for (const PlaceCase& expected : {
           PlaceCase{"/first", 1, 1, 1, 8}, PlaceCase{"/größe", 2, 1, 2, 9}, PlaceCase{"/list", 3, 1, 4, 3},
           PlaceCase{"/list/0", 4, 5, 4, 5}, PlaceCase{"/list/1", 5, 5, 5, 5}, PlaceCase{"/list/1/b", 5, 6, 5, 9},
           PlaceCase{"/list/1/b/1", 5, 13, 5, 13}, PlaceCase{"/zero/deep/deeper", 8, 5, 9, 1},
           PlaceCase{"/zero/missing", 6, 1, 7, 3},  // the nearest ancestor
       }) {
    const Places places = map.find(expected.pointer);
    const Position key = map.position(places.key);
    const Position value = map.position(places.value);
    EXPECT_EQ(std::pair(key.line, key.column), std::pair(expected.key_line, expected.key_column)) << expected.pointer;
    EXPECT_EQ(std::pair(value.line, value.column), std::pair(expected.line, expected.column)) << expected.pointer;
  }
}

TEST(DiagnosticsTest, SortsByPlaceAndKeepsOneOfEqualOnes) {
  constexpr std::string_view text = "a: 1\nb: 2\n";
  Diagnostics problems;
  SourceMap map(text);
  ASSERT_TRUE(read_yaml(text, {}, problems, map).has_value());
  problems.warning("unreachable-task", "/b", "later", "", Part::key);
  problems.error("invalid-type", "/a", "earlier");
  problems.error("invalid-type", "/a", "earlier");
  problems.error("invalid-value", "/a", "as early, found later");
  EXPECT_EQ(testing::describe(problems.finish(map)),
            "error invalid-type /a 1:4 earlier\n"
            "error invalid-value /a 1:4 as early, found later\n"
            "warning unreachable-task /b 2:1 later\n");
}

TEST(DiagnosticsTest, KeepsNoMoreThanTheFirstOnes) {
  constexpr std::string_view text = "a: 1\n";
  Diagnostics problems;
  SourceMap map(text);
  ASSERT_TRUE(read_yaml(text, {}, problems, map).has_value());
  for (std::size_t i = 0; i < Diagnostics::at_most - 1; ++i) problems.error("invalid-value", "/a", std::to_string(i));
  EXPECT_TRUE(problems.has_room());
  for (int i = 0; i < 1'000; ++i) problems.error("invalid-value", "/a", "more " + std::to_string(i));
  EXPECT_FALSE(problems.has_room());
  EXPECT_EQ(problems.error_count(), Diagnostics::at_most - 1 + 1'000);
  problems.warning("unreachable-task", "/a", "warnings are counted for themselves");
  const auto all = problems.finish(map);
  ASSERT_EQ(all.size(), Diagnostics::at_most + 2);
  EXPECT_EQ(all[all.size() - 2].code, "unreachable-task");
  EXPECT_EQ(all.back().code, "too-many-problems");
}

TEST(DiagnosticsTest, WarningsNeverHideAnError) {
  constexpr std::string_view text = "a: 1\n";
  Diagnostics problems;
  SourceMap map(text);
  ASSERT_TRUE(read_yaml(text, {}, problems, map).has_value());
  for (int i = 0; i < 1'000; ++i) problems.warning("unreachable-task", "/a", std::to_string(i));
  EXPECT_TRUE(problems.has_room());
  problems.error("invalid-value", "/a", "the error");
  EXPECT_NE(testing::find(problems.finish(map), "invalid-value"), nullptr);
}

}  // namespace
}  // namespace pawl::dsl
