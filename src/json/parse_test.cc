#include "json/parse.h"

#include <gtest/gtest.h>

#include <string>

#include "json/write.h"

namespace pawl::json {
namespace {

// The value's compact text, or the problem's code and instance.
std::string read(std::string_view text, const Limits& limits = {}) {
  const auto value = parse(text, limits);
  return value ? to_text(*value) : value.error().code + " " + value.error().instance;
}

TEST(Parse, EveryKind) {
  EXPECT_EQ(read(" { \"b\" : [ 1 , true , false , null , \"x\" , { } , [ ] ] , \"a\" : -2.5e1 } \n"),
            R"({"a":-25,"b":[1,true,false,null,"x",{},[]]})");
  EXPECT_EQ(read("7"), "7");
  EXPECT_EQ(read("\"\""), "\"\"");
  EXPECT_EQ(read("null"), "null");
}

TEST(Parse, TheLastDuplicateWins) { EXPECT_EQ(read(R"({"a":1,"b":2,"a":3})"), R"({"a":3,"b":2})"); }

TEST(Parse, Escapes) {
  EXPECT_EQ(read(R"("\"\\\/\b\f\n\r\tA\u00e9\u20AC\ud83d\ude00")"), "\"\\\"\\\\/\\b\\f\\n\\r\\tAé€😀\"");
  EXPECT_EQ(read(R"({"\u0061":1,"a":2})"), R"({"a":2})");
}

TEST(Parse, RefusesWhatIsNotJson) {
  EXPECT_EQ(read(""), "invalid-json line 1, column 1");
  EXPECT_EQ(read("  "), "invalid-json line 1, column 3");
  EXPECT_EQ(read("[1,\n 2,]"), "invalid-json line 2, column 4");
  EXPECT_EQ(read("[1 2]"), "invalid-json line 1, column 4");
  EXPECT_EQ(read("{\"a\" 1}"), "invalid-json line 1, column 6");
  EXPECT_EQ(read("{\"a\":1,}"), "invalid-json line 1, column 8");
  EXPECT_EQ(read("{a:1}"), "invalid-json line 1, column 2");
  EXPECT_EQ(read("[1}"), "invalid-json line 1, column 3");
  EXPECT_EQ(read("[1]]"), "invalid-json line 1, column 4");
  EXPECT_EQ(read("1 2"), "invalid-json line 1, column 3");
  EXPECT_EQ(read("[1"), "invalid-json line 1, column 3");
  EXPECT_EQ(read("{\"a\":"), "invalid-json line 1, column 6");
  EXPECT_EQ(read("tru"), "invalid-json line 1, column 1");
  EXPECT_EQ(read("truex"), "invalid-json line 1, column 5");
  EXPECT_EQ(read("NaN"), "invalid-json line 1, column 1");
  EXPECT_EQ(read("'a'"), "invalid-json line 1, column 1");
  EXPECT_EQ(read("\"abc"), "invalid-json line 1, column 5");
  EXPECT_EQ(read("\"a\nb\""), "invalid-json line 1, column 3");
  EXPECT_EQ(read("\"\\x\""), "invalid-json line 1, column 2");
  EXPECT_EQ(read("\"\\"), "invalid-json line 1, column 2");
  EXPECT_EQ(read("\"\\u12"), "invalid-json line 1, column 2");
  EXPECT_EQ(read("\xEF\xBB\xBF{}"), "invalid-json line 1, column 1");
  EXPECT_EQ(read(std::string_view("[\0]", 3)), "invalid-json line 1, column 2");
  for (const char* number : {"01", "-", "+1", ".5", "1.", "1e", "1e+", "0x1", "-01", "1.e1", "--1", "1-1"}) {
    EXPECT_TRUE(read(number).starts_with("invalid-json")) << number << read(number);
  }
}

TEST(Parse, RefusesStringsThatTheDatabaseCannotStore) {
  EXPECT_EQ(read("\"\\u0000\""), "invalid-string line 1, column 2");
  EXPECT_EQ(read("{\"a\\u0000\":1}"), "invalid-string line 1, column 4");
  EXPECT_EQ(read(R"("\ud800")"), "invalid-string line 1, column 2");
  EXPECT_EQ(read(R"("\udc00")"), "invalid-string line 1, column 2");
  EXPECT_EQ(read(R"("\ud800A")"), "invalid-string line 1, column 2");
  EXPECT_EQ(read(R"("\ud800\ue000")"), "invalid-string line 1, column 2");
  EXPECT_EQ(read("\"\xff\""), "invalid-string ");
  EXPECT_EQ(read("\"\xed\xa0\x80\""), "invalid-string ");  // a surrogate in UTF-8
  EXPECT_EQ(read("\"\xc0\x80\""), "invalid-string ");      // U+0000 in two bytes
}

TEST(Parse, LimitsAtTheirEdges) {
  EXPECT_EQ(read("[[1]]", {.depth = 2}), "[[1]]");
  EXPECT_EQ(read("[[[]]]", {.depth = 2}), "json-too-deep depth");
  EXPECT_EQ(read("[1,2]", {.nodes = 3}), "[1,2]");
  EXPECT_EQ(read("[1,2,3]", {.nodes = 3}), "json-too-many-nodes nodes");
  EXPECT_EQ(read("[12]", {.bytes = 4}), "[12]");
  EXPECT_EQ(read("[123]", {.bytes = 4}), "json-too-large bytes");
  const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };
  EXPECT_EQ(read(nested(deepest), {.depth = 100'000}), nested(deepest));
  EXPECT_EQ(read(nested(deepest + 1), {.depth = 100'000}), "json-too-deep depth");
  EXPECT_EQ(read(std::string(500'000, '[')), "json-too-deep depth");
}

TEST(Parse, EveryPrefixIsRefused) {
  const std::string text = R"({"a":[1.5e3,"x\u20ac",{"b":null}],"c":true})";
  ASSERT_EQ(read(text), R"({"a":[1500,"x€",{"b":null}],"c":true})");
  for (std::size_t length = 0; length < text.size(); ++length) {
    EXPECT_TRUE(read(text.substr(0, length)).starts_with("invalid-json")) << length;
  }
}

TEST(Write, Indented) {
  std::string out;
  write_indented(*parse(R"({"b":[1,{}],"a":[]})"), out);
  EXPECT_EQ(out, "{\n  \"a\": [],\n  \"b\": [\n    1,\n    {}\n  ]\n}");
}

TEST(Write, EscapesControlCharacters) {
  std::string out;
  write_string("a\x01\x1f\x7f\n\"\\/é", out);
  EXPECT_EQ(out, "\"a\\u0001\\u001f\\u007f\\n\\\"\\\\/é\"");
}

}  // namespace
}  // namespace pawl::json
