#include "cli/json_texts.h"

#include <gtest/gtest.h>

namespace pawl::cli {
namespace {

using Texts = std::vector<std::string_view>;

TEST(JsonTexts, OnOneLineOrOverMany) {
  EXPECT_EQ(json_texts("{\"a\":1} [2]\n3\t\"x\"\r\ntrue"), (Texts{"{\"a\":1}", "[2]", "3", "\"x\"", "true"}));
  EXPECT_EQ(json_texts("{\n \"a\": [\n 1]\n}"), (Texts{"{\n \"a\": [\n 1]\n}"}));
}

TEST(JsonTexts, WithoutAnythingBetween) {
  EXPECT_EQ(json_texts("[]{}\"a\"1\"b\"[2]"), (Texts{"[]", "{}", "\"a\"", "1", "\"b\"", "[2]"}));
}

TEST(JsonTexts, BracketsAndQuotesInStringsCountNot) {
  EXPECT_EQ(json_texts(R"({"a":"}"} "\"]" "\\" 1)"), (Texts{R"({"a":"}"})", R"("\"]")", R"("\\")", "1"}));
}

TEST(JsonTexts, Nothing) {
  EXPECT_EQ(json_texts(""), Texts{});
  EXPECT_EQ(json_texts(" \n\t"), Texts{});
}

// What is broken is one part, for the parser to say what is wrong with it.
TEST(JsonTexts, BrokenOnes) {
  EXPECT_EQ(json_texts("{\"a\":"), (Texts{"{\"a\":"}));
  EXPECT_EQ(json_texts("\"a"), (Texts{"\"a"}));
  EXPECT_EQ(json_texts("\"a\\"), (Texts{"\"a\\"}));
  EXPECT_EQ(json_texts("] 1"), (Texts{"]", "1"}));
  EXPECT_EQ(json_texts("[1} 2"), (Texts{"[1}", "2"}));
}

}  // namespace
}  // namespace pawl::cli
