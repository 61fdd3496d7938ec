// The language, rule by rule: what a program gives on an input. Values are those of the jq 1.7 manual or worked out
// from it.
#include "expr/expression.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "expr/testing.h"

namespace pawl::expr {
namespace {

using testing::results_of;
using testing::Row;

void check(std::initializer_list<Row> rows) {
  for (const Row& row : rows) {
    EXPECT_EQ(results_of(row.program, row.input), row.results) << row.program << "  on  " << row.input;
  }
}

TEST(Expression, Paths) {
  check({{".", "1", "1"},
         {".a.b", R"({"a":{"b":3}})", "3"},
         {".a.b", R"({"a":null})", "null"},
         {".\"a b\".c, .[\"a b\"]", R"({"a b":{"c":1}})", R"(1 {"c":1})"},
         {".[0], .[-1], .[5], .[1.9]", "[1,2,3]", "1 3 null 2"},
         {".[1:], .[:1], .[-2:], .[1:2]", "[1,2,3]", "[2,3] [1] [2,3] [2]"},
         {".[1:], .[:-1]", R"("aéb")", R"("éb" "aé")"},
         {".[(0,1):(2,3)]", "[1,2,3]", "[1,2] [1,2,3] [2] [2,3]"},
         {".[]", R"({"b":1,"a":2})", "2 1"},
         {".[]?, .a?", "1", ""},
         {"..", "[[1]]", "[[1]] [1] 1"},
         {".[[2]]", "[1,2,3,2]", "[1,3]"},
         {".a.[0].b, .a[0].b", R"({"a":[{"b":7}]})", "7 7"},
         {".if, .and, .__loc__", R"({"if":1,"and":2})", "1 2 null"},
         {"[.[] | .a?]", R"([{"a":1},2,[3]])", "[1]"},
         {".a", "[1]", "expression: Cannot index array with \"a\""},
         {".[0]", "{}", "expression: Cannot index object with number"},
         {".[]", "5", "expression: Cannot iterate over number (5)"},
         {".[]", "null", "expression: Cannot iterate over null"}});
}

// `?` excuses the step that it stands behind, and nothing before it.
TEST(Expression, QuestionMarks) {
  check({{"[.a?], [.a[]?], [.a.b?, .a[0]?, .a[1:]?]", R"({"a":1})", "[1] [] []"},
         {"[.a.b?]", R"("x")", R"(expression: Cannot index string with "a")"},
         {"[.a[]?]", R"("x")", R"(expression: Cannot index string with "a")"},
         {"[.a.b.c?]", R"({"a":1})", R"(expression: Cannot index number with "b")"},
         {"[.[error(\"key\")]?]", "[1]", "expression: key"},
         {"[(.a.b)?], [.a?.b?], [.a.b??], [.a?.b.c], [.[\"a\"]?]", R"("x")", "[] [] [] [] []"},
         {"[.[].a?], [.[] | .a?.b?]", R"([1,{"a":{"b":2}}])", R"([{"b":2}] [2])"},
         {"path(.a[]?), (.a[]?.b? |= 5), [.a | .[0]?]", R"({"a":[{"b":1}]})", R"(["a",0] {"a":[{"b":5}]} [{"b":1}])"}});
}

TEST(Expression, Construction) {
  check({{"[1, 2, (3, 4)]", "null", "[1,2,3,4]"},
         {"{a: 1, \"b\": 2, (\"c\" + \"d\"): 3, @base64 \"e\": 4}", "null", R"({"a":1,"b":2,"cd":3,"e":4})"},
         {"{a: (1, 2), b: (3, 4)} | [.a, .b]", "null", "[1,3] [1,4] [2,3] [2,4]"},
         {"{a, \"b\", $context, \"c\\(1)\": 0}", R"({"a":1,"b":2})", R"({"a":1,"b":2,"c1":0,"context":{"id":7}})"},
         {"{a: [1] | length, b: -1}", "null", R"({"a":1,"b":-1})"},
         {"{a: 1, a: 2,}", "null", R"({"a":2})"},
         {"{if: 1, $__loc__}", "null", R"({"__loc__":{"file":"<top-level>","line":1},"if":1})"},
         {"{(1): 2}", "null", "expression: Cannot use number (1) as object key"},
         {"{a: 1 + 2}", "null", "expression-syntax"},
         {"[], {}", "null", "[] {}"}});
}

TEST(Expression, Strings) {
  check({{R"x("a\(1 + 1)b\("c")")x", "null", R"("a2bc")"},
         {R"x("\(1, 2) \(3, 4)")x", "null", R"("1 3" "2 3" "1 4" "2 4")"},
         {R"x("\("x\("y")")")x", "null", R"("xy")"},
         {R"x("\u00e9\ud83d\ude00\n\"")x", "null", R"("é😀\n\"")"},
         {R"x(@json "v=\(.)", @uri "\(.)")x", R"("a b")", R"("v=\"a b\"" "a%20b")"},
         {R"x(@html, @sh, @base64, @text)x", R"("<'>")", R"("&lt;&#39;&gt;" "'<'\\''>'" "PCc+" "<'>")"},
         {"@csv, @tsv", R"([1,"a\"b",null,true])", R"("1,\"a\"\"b\",,true" "1\ta\"b\t\ttrue")"},
         {"@base64d, @base32d", R"("MFRA")", R"("0T@" "ab")"},
         {R"x("\u0000")x", "null", "expression-syntax"},
         {R"x("\ud800")x", "null", "expression-syntax"},
         {"[0] | implode", "null", "expression: a string cannot hold U+0000"},
         {"[55296] | implode", "null", "expression: Invalid codepoint 55296"},
         {"\"AA==\" | @base64d", "null", "expression: a string cannot hold U+0000"},
         {"\"%00\" | @urid", "null", "expression: a string cannot hold U+0000"},
         {R"x("\"\\u0000\"" | try fromjson catch "refused")x", "null", R"("refused")"}});
}

TEST(Expression, Arithmetic) {
  check({{"1 + 2 * 3 - 4 / 2 % 3", "null", "5"},
         {"(1, 2) + (10, 20)", "null", "11 12 21 22"},
         {"10 / 4, 10 / 5, 7 % 3, -7 % 3, 7 % -3, 5.9 % 3.9", "null", "2.5 2 1 -1 1 2"},
         {"-(1, 2), -.", "3", "-1 -2 -3"},
         {"null + 1, 1 + null, \"a\" + \"b\", [1] + [2], {a: 1} + {a: 2, b: 3}", "null",
          R"(1 1 "ab" [1,2] {"a":2,"b":3})"},
         {"[1, 2, 1, 3] - [1]", "null", "[2,3]"},
         {"\"ab\" * 3, \"ab\" * 0, \"ab\" * 0.5", "null", R"("ababab" null "ab")"},
         {"{a: {b: 1, c: 2}} * {a: {c: {d: 3}}}", "null", R"({"a":{"b":1,"c":{"d":3}}})"},
         {"\"a,b\" / \",\"", "null", R"(["a","b"])"},
         {"1 / 0", "null", "expression: number (1) and number (0) cannot be divided because the divisor is zero"},
         {"{} - 1", "null", "expression: object ({}) and number (1) cannot be subtracted"},
         {"1 % 0.5", "null",
          "expression: number (1) and number (0.5) cannot be divided (remainder) because the divisor is zero"}});
}

TEST(Expression, NumbersOfRuleJ3) {
  check({{"9007199254740993, 9007199254740993 + 1", "null", "9007199254740993 9007199254740994"},
         {"9223372036854775807 + 1, -9223372036854775808 - 1", "null", "9.223372036854776e18 -9.223372036854776e18"},
         {"3037000500 * 3037000500, 3037000499 * 3037000499", "null", "9.22337203700025e18 9223372030926249001"},
         {"-9223372036854775807 - 1 | . / -1, . % -1", "null", "9.223372036854776e18 0"},
         {"1.0, 100e-2, -0, -0.0, 1e3", "null", "1 1 0 0 1000"},
         {"100000000000000000001", "null", "100000000000000000001"},
         {"100000000000000000001 + 0", "null", "1e20"},
         {". == 100000000000000000001, . == 100000000000000000002", "100000000000000000001", "true false"},
         {"nan, [nan], infinite, -infinite", "null", "null [null] 1.7976931348623157e308 -1.7976931348623157e308"},
         {"nan < nan, nan == nan, nan > nan, ([nan, 1] | min)", "null", "true false false null"},
         {"0 * -1, (0 | -.)", "null", "0 0"},
         {"1e1000, 1e-100000, 0.1 + 0.2", "null", "1.7976931348623157e308 0 0.30000000000000004"},
         {"(infinite | floor), ([infinite] | tojson)", "null", R"(1.7976931348623157e308 "[1.7976931348623157e308]")"},
         {"01, .5, 1., 1.e2", "null", "1 0.5 1 100"}});
}

TEST(Expression, ComparisonAndLogic) {
  check({{"1 < 2, 2 <= 2, \"a\" < \"b\", [] < {}, null < false, 1 == 1.0, \"1\" != 1", "null",
          "true true true true true true true"},
         {"(true, false) or false, (true, true) and (true, false)", "null", "true false true false true false"},
         {"false and error, true or error", "null", "false true"},
         {"1 and 2 and 3, null or 0, (null | not)", "null", "true true true"},
         {".a // 1, (false, null, 2) // 3, empty // 4, (null, 1, false, 2) // 5", "{}", "1 2 4 1 2"},
         {"first(empty) // 5, [.[] // 6]", "[]", "5 [6]"},
         {"1 // error", "null", "1"},
         {"error(\"x\") // 1", "null", "expression: x"},
         {"(1, error(\"x\")) // 2", "null", "1 expression: x"},
         {"1 == 1 == 1", "null", "expression-syntax"}});
}

TEST(Expression, Conditions) {
  check({{"if . then 1 else 2 end", "false", "2"},
         {"if . == 1 then \"a\" elif . == 2 then \"b\" else \"c\" end", "2", R"("b")"},
         {"if . then 1 end", "null", "null"},
         {"if (true, false) then 1 else 2 end", "null", "1 2"},
         {"if empty then 1 else 2 end", "null", ""},
         {"[.[] | select(. > 1)], map(select(. == 1) // 0)", "[1,2,3]", "[2,3] [1,0,0]"}});
}

TEST(Expression, Errors) {
  check({{"try error(\"x\") catch .", "null", R"("x")"},
         {"try error({a: 1}) catch .a, try error catch .", "5", "1 5"},
         {"error({a: 1})", "null", R"(expression: {"a":1})"},
         {"[.[] | try if . > 2 then error(\"big\") else . end catch \"e\"]", "[1,3,2]", R"([1,"e",2])"},
         {"[(1, error(\"x\"), 2)?]", "null", "[1]"},
         {"try (1, error(\"x\"), 2) catch .", "null", R"(1 "x")"},
         {"try error(null) catch .", "1", "null"},
         {"(try 1 catch 2) | error(\"later\")", "null", "expression: later"},
         {"try ((try (1, 2) catch \"inner\") | error(\"x\")) catch \"outer\"", "null", R"("outer")"},
         {"[try (try error(\"a\") catch error(\"b\")) catch .]", "null", R"(["b"])"},
         {"(.a, .b)?, 3", "[]", "3"},
         {"try error(\"\\($__loc__)\") catch .", "null", R"("{\"file\":\"<top-level>\",\"line\":1}")"}});
}

TEST(Expression, ReduceAndForeach) {
  check({{"reduce .[] as $x (0; . + $x)", "[1,2,3]", "6"},
         {"reduce .[] as [$a, $b] (0; . + $a * $b)", "[[1,2],[3,4]]", "14"},
         {"reduce empty as $x (5; 1)", "null", "5"},
         {"reduce range(3) as $x (0; . + $x, 10)", "null", "10"},
         {"reduce range(3) as $x (0; empty)", "null", "null"},
         {"reduce (1, 2) as $x (0, 10; . + $x)", "null", "3 13"},
         {"foreach range(3) as $x (0; . + $x)", "null", "0 1 3"},
         {"foreach range(3) as $x (0; . + $x, 10; [$x, .])", "null", "[0,0] [0,10] [1,11] [1,10] [2,12] [2,10]"},
         {"[foreach .[] as {$a} (0; . + $a; select(. > 1))]", R"([{"a":1},{"a":2}])", "[3]"}});
}

TEST(Expression, VariablesAndPatterns) {
  check({{"1 as $x | 2 as $y | [$x, $y], (3 as $x | $x), $x", "null", "[1,2] 3 1"},
         {". as [$a, {b: $c}] | [$a, $c]", R"([1,{"b":2}])", "[1,2]"},
         {". as {$a, b: [$c], $d: {e: $f}} | [$a, $c, $d, $f]", R"({"a":1,"b":[2],"d":{"e":3}})", R"([1,2,{"e":3},3])"},
         {". as {\"a\": $x, (\"b\" + \"c\"): $y} | [$x, $y]", R"({"a":1,"bc":2})", "[1,2]"},
         {". as {a: $x, ($x): $y} | $y", R"({"a":"b","b":2})", "2"},
         {".[] as [$a] ?// $a | [$a]", "[[1],2]", "[1] [2]"},
         {".[] as {$a, b: [$c]} ?// [$a, $c] | [$a, $c]", R"([{"a":1,"b":[2]},[3,4]])", "[1,2] [3,4]"},
         {".[] as [$a] ?// [$b] | if $a != null then error(\"e\") else {$a, $b} end", "[[3]]", R"({"a":null,"b":3})"},
         {". as [$a] ?// $b | [$a, $b, (5 as $a | $a), $a]", "[1]", "[1,null,5,1]"},
         {"[.[] as $x | $x + 1]", "[1,2]", "[2,3]"},
         {"1 + . as $x | $x * 2", "3", "7"},
         {"$context.id, $input", "null", R"(7 "in")"},
         {"$nope", "null", "unknown-variable"},
         {"$", "null", "expression-syntax"}});
}

TEST(Expression, Functions) {
  check({{"def f: . + 1; f | f", "1", "3"},
         {"def f(x): x | x; f(. * .)", "3", "81"},
         {"def f($a; $b): $a + $b; f(1, 2; 10)", "null", "11 12"},
         {"def f(g; $a): [g, a, $a]; f(1, 2; 3, 4)", "null", "[1,2,3,4,3] [1,2,3,4,4]"},
         {"def fac: if . <= 1 then 1 else . * (. - 1 | fac) end; fac", "10", "3628800"},
         {"def f: def g: 3; g + 1; f", "null", "4"},
         {"def f(g): def h: g | g; h; f(. + 1)", "1", "3"},
         {"def f(x): 1 as $y | x + $y; 10 as $y | f($y)", "null", "11"},
         {"def f: 1; def g: f + 1; def f: 10; [f, g]", "null", "[10,2]"},
         {"def f: 1; def f(x): 2; [f, f(0)]", "null", "[1,2]"},
         {"def map(f): \"mine\"; map(.)", "null", R"("mine")"},
         {"[.[] | def f: . * 2; f]", "[1,2]", "[2,4]"},
         {"def f(x): def g(y): x + y; g(x * 10); f(1, 2)", "null", "11 12 21 22"},
         {"def f(g): if . > 3 then . else g | f(g) end; 0 | f(. + 1)", "null", "4"},
         {"f", "null", "unknown-function"},
         {"map", "null", "unknown-function"}});
}

TEST(Expression, LabelsAndLimits) {
  check(
      {{"label $a | 1, break $a, 2", "null", "1"},
       {"[label $a | label $b | 1, break $a, 2], 3", "null", "[1] 3"},
       {"label $out | foreach range(10) as $i (0; . + $i; if . > 10 then ., break $out else empty end)", "null", "15"},
       {"def f(g): label $l | (g | ., break $l); [f(1, 2), f(3)]", "null", "[1,3]"},
       {"first(range(10)), [limit(3; range(10))], [limit(0; error)], [limit(-1; 1, 2)]", "null", "0 [0,1,2] [] [1,2]"},
       {"first(1, error(\"x\")), [limit(1; 1, error(\"x\"))], isempty(1, error(\"x\"))", "null", "1 [1] false"},
       {"last(range(5)), last(empty), nth(2; range(10)), [skip(3; range(5))]", "null", "4 null 2 [3,4]"},
       {"[range(3)], [range(1; 3)], [range(0; 1; 0.25)], [range(5; 0; -2)], [range(0; 3; 0)]", "null",
        "[0,1,2] [1,2] [0,0.25,0.5,0.75] [5,3,1] []"},
       {"[range(0, 1; 3, 4)]", "null", "[0,1,2,0,1,2,3,1,2,1,2,3]"},
       {"[limit(5; repeat(1))], [.[] | until(. > 9; . * 2)], [1 | while(. < 9; . * 2)]", "[1,5]",
        "[1,1,1,1,1] [16,10] [1,2,4,8]"},
       {"[recurse(if . < 3 then . + 1 else empty end)], [2 | recurse(. * .; . < 20)]", "0", "[0,1,2,3] [2,4,16]"},
       {"break $a", "null", "unknown-label"}});
}

TEST(Expression, PathsOfPaths) {
  check(
      {{"path(.a[0].b), [paths], [path(..)]", R"({"a":[{}]})", R"(["a",0,"b"] [["a"],["a",0]] [[],["a"],["a",0]])"},
       {"[path(.a[1:][0], .[\"b\"]?, first(.c, .d), (.e // .f), getpath([\"g\", 1]), select(.a), last(.h, .i))]",
        R"({"a":[1,2]})", R"([["a",{"end":null,"start":1},0],["b"],["c"],["f"],["g",1],[],["i"]])"},
       {"[path(if .a then .b else .c end, limit(1; .d, .e), (.f | recurse), (label $l | .g, break $l, .h))]", "{}",
        R"([["c"],["d"],["f"],["g"]])"},
       {"path(reduce (\"a\", \"b\") as $k (.; .[$k]))", "null", R"(["a","b"])"},
       {"[path(foreach (0, 1) as $i (.; .[$i]))]", "null", "[[0],[0,1]]"},
       {"path(. as $x | .a | $x | .b)", "{}",
        "expression: Invalid path expression near attempt to access element \"b\" of {}"},
       {"path(1)", "null", "expression: Invalid path expression with result 1"},
       {"path([.a] | .[0])", "{}", "expression: Invalid path expression near attempt to access element 0 of [null]"},
       {"path(.a | map(. + 1))", R"({"a":[1]})", "expression: Invalid path expression with result [2]"},
       {"path(.[path(.a) | length])", "[1,2]", "expression: Cannot index array with \"a\""},
       {"path(.[[path(.x)] | length | tostring])", "{}", R"(["1"])"},
       {"getpath([\"a\", \"b\"]), [getpath([\"c\"], [\"d\"])]", R"({"d":1})", "null [null,1]"},
       {"setpath([\"a\", 0]; 1), delpaths([[\"d\"], [\"x\"]]), del(.d, .y)", R"({"d":1})", R"({"a":[1],"d":1} {} {})"},
       {"del(.[1, 2]), del(.[1:]), del(.[] | select(. > 1)), del(.[-1])", "[1,2,3]", "[1] [1] [1] [1,2]"},
       {"to_entries, with_entries(.value += 1), pick(.b.c)", R"({"a":1})",
        R"([{"key":"a","value":1}] {"a":2} {"b":{"c":null}})"}});
}

TEST(Expression, Updates) {
  check({{".a = 5, .b.c = 1, .[\"d\"] = 2", R"({"a":1})", R"({"a":5} {"a":1,"b":{"c":1}} {"a":1,"d":2})"},
         {".a |= . + 1, .a += 10, .a -= 1, .a *= 3, .a /= 2, .a %= 2, .z //= 9, .a //= 9", R"({"a":3})",
          R"({"a":4} {"a":13} {"a":2} {"a":9} {"a":1.5} {"a":1} {"a":3,"z":9} {"a":3})"},
         {".a += (1, 2), (.a, .b) = (8, 9)", R"({"a":1})", R"({"a":2} {"a":3} {"a":8,"b":8} {"a":9,"b":9})"},
         {".[] += 1, map_values(. * 2), (.[] | select(. > 1)) |= . * 10", "[1,2]", "[2,3] [2,4] [1,20]"},
         {"(.[] | select(. >= 2)) |= empty, (.[0] |= empty), map_values(empty)", "[1,5,3,0,7]", "[1,0] [5,3,0,7] []"},
         {".a |= (1, 2), .a |= empty", R"({"a":0,"b":1})", R"({"a":1,"b":1} {"b":1})"},
         {".a = .b, .a |= .b", R"({"a":{"b":1},"b":2})", R"({"a":2,"b":2} {"a":1,"b":2})"},
         {".[1:] |= map(. + 1), .[1:] = [], .[:1] = [7, 8]", "[1,2,3]", "[1,3,4] [1] [7,8,2,3]"},
         {"(.. | numbers) |= . + 1", R"([1,[2,{"a":3}]])", R"([2,[3,{"a":4}]])"},
         {".[3] = 1, .[-1] = 9", "[0]", "[0,null,null,1] [9]"},
         {"(.a | .b) |= 1, (.a.b, .a.c) |= 2, .a[1].b += 1", "null",
          R"({"a":{"b":1}} {"a":{"b":2,"c":2}} {"a":[null,{"b":1}]})"},
         {"(first(.a, .b) | .c) = 1, (if .x then .y else .z end) = 1, (.a // .b) = 3", R"({"b":1})",
          R"({"a":{"c":1},"b":1} {"b":1,"z":1} {"b":3})"},
         {"[.] | .[0] |= (. as $x | [$x, $x]), (.[0] = .[0])", "1", "[[1,1]] [1]"},
         {".[\"k\\(1 + 1)\"].x = 1, .[(\"a\", \"b\")] = 1, .[.k | tostring] += 1", R"({"k":"n"})",
          R"({"k":"n","k2":{"x":1}} {"a":1,"b":1,"k":"n"} {"k":"n","n":1})"},
         {".[-2] = 1", "[0]", "expression: Out of bounds negative array index"},
         {".a.b = 1", R"({"a":5})", "expression: Cannot index number with \"b\""},
         {"1 = 2", "null", "expression: Invalid path expression with result 1"},
         {"[.a] |= 1", "{}", "expression: Invalid path expression with result [null]"}});
}

TEST(Expression, FunctionsOfValues) {
  check({{"length, utf8bytelength", R"("aé")", "2 3"},
         {"map(length)", R"([null,-5,"abc",[1],{"a":1}])", "[0,5,3,1,1]"},
         {"keys, values, has(\"a\"), has(\"z\"), (\"a\" | in({a: 1}))", R"({"b":1,"a":2})",
          R"(["a","b"] {"a":2,"b":1} true false true)"},
         {"contains([\"bc\"]), contains([\"x\"]), ([\"b\"] | inside([\"abc\"]))", R"(["abc"])", "true false true"},
         {"map(type)", R"([0,"a",null,true,[],{}])", R"(["number","string","null","boolean","array","object"])"},
         {"map(tostring), map(tojson), (tojson | fromjson)", R"([1,"a",[1.50]])",
          R"(["1","a","[1.5]"] ["1","\"a\"","[1.5]"] [1,"a",[1.5]])"},
         {"map(tonumber?)", R"(["1","x","0x1",3," 4\t","1e2","+5",".5","-06","7.","","-","+-1","1 2","."])",
          "[1,3,4,100,5,0.5,-6,7]"},
         {"has(\"a\"), has(0)", "null", "false false"},
         {"has(0)", "{}", "expression: Cannot check whether object has a number key"},
         {"map(reverse)", R"([null,"",{},0,[1,2]])", "[[],[],[],[],[2,1]]"},
         {"reverse", "true", "expression: boolean (true) has no length"},
         {"reverse", R"({"a":1})", "expression: Cannot index object with number"},
         {"map(join(1)), (.[0] | join(null))", R"([["a"],[],{"x":"b"}])", R"(["a","","b"] "a")"},
         {"join(1)", R"(["a","b"])", R"(expression: string ("a") and number (1) cannot be added)"},
         {"from_entries", R"([{"key":"a","value":null,"v":1},{"key":"b","Value":2}])", R"({"a":null,"b":2})"},
         {"add, add(.[] | . * 2), any, all, any(. > 2), all(. > 0)", "[1,2,3]", "6 12 true true true true"},
         {"sort, sort_by(-.), group_by(. % 2), unique, unique_by(. % 2), min, max, min_by(-.), max_by(-.), reverse",
          "[3,1,2,1]", "[1,1,2,3] [3,2,1,1] [[2],[3,1,1]] [1,2,3] [2,3] 1 3 3 1 [1,2,1,3]"},
         {"first, last, flatten, flatten(1)", "[1,[2,[3]]]", "1 [2,[3]] [1,2,3] [1,2,[3]]"},
         {"ascii_downcase, ascii_upcase, explode, (explode | implode)", R"("aÉ")", R"("aÉ" "AÉ" [97,201] "aÉ")"},
         {"split(\", \"), split(\"\") [0:2], ltrimstr(\"a\"), rtrimstr(\"c\"), startswith(\"a\"), endswith(\"b\")",
          R"("a, b, c")", R"(["a","b","c"] ["a",","] ", b, c" "a, b, " true false)"},
         {"join(\"-\"), (map(tostring) | join(\"\"))", R"([1,"a",null,true])", R"("1-a--true" "1anulltrue")"},
         {"from_entries", R"([{"name":"a","value":1},{"k":"b","v":2},{"key":false},{"key":3}])",
          R"({"3":null,"a":1,"b":2,"false":null})"},
         {"trim, ltrim, rtrim, trimstr(\" \")", R"("  a ")", R"("a" "a " "  a" " a")"},
         {"indices(\", \"), index(\"a\"), rindex(\"a\"), indices(\"\")", R"("a, é, a")", "[1,4] 0 6 null"},
         {"map(floor), map(sqrt), map(abs), map(round)", "[4,2.25]", "[4,2] [2,1.5] [4,2.25] [4,2]"},
         {"transpose, [combinations], (.[0] | bsearch(2)), (.[0] | bsearch(5))", "[[1,2],[3]]",
          "[[1,3],[2,null]] [[1,3],[2,3]] 1 -3"},
         {"walk(if type == \"number\" then . + 1 else . end)", R"([1,{"a":[2]}])", R"([2,{"a":[3]}])"},
         {"[tostream], fromstream(tostream), [1 | truncate_stream([[0], 1], [[1, 0], 2], [[1, 0]], [[1]])]",
          R"({"a":[1]})", R"([[["a",0],1],[["a",0]],[["a"]]] {"a":[1]} [[[0],2],[[0]]])"},
         {"now, (now | todate), splits(\"a\")?", "null", R"(1795219200.5 "2026-11-21T00:00:00Z")"},
         {"IN(2, 3), IN(.; 1), INDEX({id: 5}, {id: 6}; .id), toboolean?, toarray, ([.] | toarray)", "2",
          R"(true false {"5":{"id":5},"6":{"id":6}} [2] [2])"},
         {"[JOIN(INDEX({k: 1, v: 2}; .k); .[]; tostring)], isvalid(error), format(\"text\"), (builtins | "
          "contains([\"map/1\"]))",
          "[1]", R"([[1,{"k":1,"v":2}]] false "[1]" true)"},
         {"jn(1; 2)", "null", "unsupported-function"},
         {"reverse", "1", "expression: Cannot index number with number"},
         {"ascii_downcase", "1", "expression: ascii_downcase input must be a string"},
         {"keys", "1", "expression: number (1) has no keys"},
         {"sort", "{}", "expression: object ({}) cannot be sorted, as it is not an array"},
         {"sort_by(.a)", "{}", "expression: object ({}) and array ([]) cannot be sorted, as they are not both arrays"},
         {"_sort_by([])", "[1,2]",
          "expression: array ([1,2]) and array ([]) cannot be sorted, as they are not both arrays"}});
}

TEST(Expression, RegularExpressions) {
  check({{"test(\"B\"; \"i\"), test(\"B\"), test([\"B\", \"i\"])", R"("abc")", "true false true"},
         {"[match(\"[a-z]+\"; \"g\") | .offset, .length]", R"("é ab cd")", "[2,2,5,2]"},
         {"capture(\"(?<y>\\\\d+)-(?<m>\\\\d+)\")", R"("2026-11")", R"({"m":"11","y":"2026"})"},
         {"[scan(\"[a-z]X\")], [scan(\"([a-z])(X)\")]", R"("aXbX")", R"(["aX","bX"] [["a","X"],["b","X"]])"},
         {"sub(\"(?<x>[a-z])\"; \"<\\(.x)>\"), gsub(\"[a-z]\"; \"-\"), [splits(\", *\")]", R"("ab,  c")",
          R"("<a>b,  c" "--,  -" ["ab","c"])"},
         {"[match(\"(a)|(b)\"; \"g\").captures | map(.string)]", R"("ab")", R"([["a",null],[null,"b"]])"},
         {"gsub(\"\\\\p{Letter}\"; \"L\"), gsub(\"\\\\u00e9\"; \"e\"), test(\"^x$\")", R"("é1\n")",
          R"("L1\n" "e1\n" false)"},
         {"test(\"a b # comment\"; \"x\"), test(\"a(?#c)b\")", R"("ab")", "true true"},
         {"test(\"(?=a)\")", R"("a")", "regex-unsupported"},
         {"test(\"(a)\\\\1\")", R"("a")", "regex-unsupported"},
         {"test(\"a++\")", R"("a")", "regex-unsupported"},
         {"test(\"(\")", R"("a")", "regex-unsupported"},
         {"\"(?<!a)\" as $p | try test($p) catch .", R"("a")", R"("regular expressions have no look-around here")"},
         {"test(\"a\"; \"q\")", R"("a")", "expression: q is not a valid modifier string"},
         {"test(\"a\")", "1", "expression: number (1) cannot be matched, as it is not a string"}});
}

TEST(Expression, Dates) {
  check(
      {{"todate, gmtime, (gmtime | mktime), (gmtime | todate), strftime(\"%A %d %B %Y, %j, %Z %s\")", "1425599621.678",
        R"("2015-03-05T23:53:41Z" [2015,2,5,23,53,41.678,4,63] 1425599621 "2015-03-05T23:53:41Z" )"
        R"("Thursday 05 March 2015, 064, UTC 1425599621")"},
       {"fromdate, strptime(\"%Y-%m-%dT%H:%M:%SZ\"), (fromdate | todate)", R"("2015-03-05T23:51:47Z")",
        R"(1425599507 [2015,2,5,23,51,47,4,63] "2015-03-05T23:51:47Z")"},
       {"fromdate", R"("2015-03-05")", "expression: date \"2015-03-05\" does not match format \"%Y-%m-%dT%H:%M:%SZ\""},
       {"todate", "253402300800", "expression: the date is outside of the years 1 to 9999"},
       {"todate", "253402300799", R"("9999-12-31T23:59:59Z")"},
       {"(-62135596800 | todate), try (-62135596801 | todate) catch \"refused\"", "null",
        R"("0001-01-01T00:00:00Z" "refused")"}});
}

TEST(Expression, RefusedNamesHaveTheirOwnCode) {
  for (const char* program : {"env",
                              "$ENV",
                              "input",
                              "inputs",
                              "input_filename",
                              "input_line_number",
                              "debug",
                              "debug(1)",
                              "stderr",
                              "halt",
                              "halt_error",
                              "halt_error(1)",
                              "import \"a\" as a; .",
                              "include \"a\"; .",
                              "module {}; .",
                              "modulemeta",
                              "get_search_list",
                              "get_jq_origin",
                              "get_prog_origin",
                              "$__prog_args"}) {
    EXPECT_EQ(results_of(program), "forbidden-function") << program;
  }
  EXPECT_EQ(results_of("def env: 1; env"), "1");
}

TEST(Expression, SyntaxProblemsHaveAPlaceAndAHint) {
  constexpr std::string_view names[] = {"context", "workflow"};
  const auto problem = [&names](std::string_view program) { return Expression::compile(program, names).error(); };
  EXPECT_EQ(problem(".a + ").offset, 5u);
  EXPECT_EQ(problem(".a ]").offset, 3u);
  EXPECT_EQ(problem("1 | $contxt").hint, "did you mean $context?");
  EXPECT_EQ(problem("1 | $contxt").offset, 4u);
  EXPECT_EQ(problem("lenght").hint, "did you mean length?");
  EXPECT_EQ(problem("map").hint, "there is map/1");
  EXPECT_EQ(problem("label $out | break $ot").hint, "did you mean $out?");
  EXPECT_EQ(problem("'a'").hint, "strings stand in double quotes");
  for (const char* program : {"(",        ")",           "[1,",
                              "{a:",      "\"abc",       "\"\\q\"",
                              "\"\\(1\"", "if . then 1", "reduce . as $x (1)",
                              "def f: 1", "def f 1; f",  ". as [] | 1",
                              ". as $x",  "try",         ".[",
                              ".[1:2:3]", ".[:]",        "..a",
                              "1 2",      "{1: 2}",      "@",
                              "&",        "a::",         "then",
                              "|",        "1 |",         "label x | 1",
                              ".a.",      "\x01"}) {
    EXPECT_EQ(results_of(program).substr(0, 10), "expression") << program;
    EXPECT_FALSE(Expression::compile(program, names)) << program;
  }
}

TEST(Expression, CommentsAndSpace) {
  check({{"# all\n. # end", "1", "1"},
         {"[1, # one\n2 # two \\\nstill the comment\n]", "null", "[1,2]"},
         {"", "5", "5"},
         {" \n\t. \r\n", "5", "5"}});
}

TEST(Expression, KnowsWhichVariablesItUses) {
  constexpr std::string_view names[] = {"context", "input", "", "task"};
  const auto expression = *Expression::compile("def f: $task; .a + $context.b", names);
  EXPECT_TRUE(expression.uses(0));
  EXPECT_FALSE(expression.uses(1));
  EXPECT_FALSE(expression.uses(2));
  EXPECT_TRUE(expression.uses(3));
  EXPECT_FALSE(expression.uses(9));
  EXPECT_TRUE(Expression::compile(" . ", {})->is_identity());
  EXPECT_FALSE(Expression::compile(".a", {})->is_identity());
}

}  // namespace
}  // namespace pawl::expr
