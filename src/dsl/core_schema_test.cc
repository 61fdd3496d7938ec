#include "dsl/core_schema.h"

#include <gtest/gtest.h>

namespace pawl::dsl {
namespace {

struct Case {
  std::string_view text;
  std::string_view json;  // what it must become, as JSON text
};

class PlainScalar : public ::testing::TestWithParam<Case> {};

TEST_P(PlainScalar, HasTheTypeOfTheCoreSchema) {
  const auto value = plain_scalar(GetParam().text);
  ASSERT_TRUE(value.has_value()) << value.error();
  EXPECT_EQ(json::to_text(*value), GetParam().json);
}

INSTANTIATE_TEST_SUITE_P(
    Table, PlainScalar,
    ::testing::Values(
        // null and booleans, in three spellings each and no other
        Case{"", "null"}, Case{"~", "null"}, Case{"null", "null"}, Case{"Null", "null"}, Case{"NULL", "null"},
        Case{"nULL", "\"nULL\""}, Case{"true", "true"}, Case{"True", "true"}, Case{"TRUE", "true"},
        Case{"tRUE", "\"tRUE\""}, Case{"false", "false"}, Case{"False", "false"}, Case{"FALSE", "false"},
        // YAML 1.1's words and dates are texts
        Case{"on", "\"on\""}, Case{"off", "\"off\""}, Case{"yes", "\"yes\""}, Case{"no", "\"no\""}, Case{"y", "\"y\""},
        Case{"2026-11-21", "\"2026-11-21\""}, Case{"12:30:00", "\"12:30:00\""}, Case{"1_000", "\"1_000\""},
        // integers
        Case{"0", "0"}, Case{"-0", "0"}, Case{"7", "7"}, Case{"+7", "7"}, Case{"-7", "-7"}, Case{"007", "7"},
        Case{"0o17", "15"}, Case{"0o18", "\"0o18\""}, Case{"0x1F", "31"}, Case{"0xg", "\"0xg\""}, Case{"0o", "\"0o\""},
        Case{"-0x1", "\"-0x1\""}, Case{"9223372036854775807", "9223372036854775807"},
        Case{"-9223372036854775808", "-9223372036854775808"}, Case{"9223372036854775808", "9223372036854775808"},
        Case{"100000000000000000001", "100000000000000000001"},
        // other numbers
        Case{"1.5", "1.5"}, Case{".5", "0.5"}, Case{"5.", "5"}, Case{"1.0", "1"}, Case{"1e3", "1000"},
        Case{"1.E-2", "0.01"}, Case{"-.5e+1", "-5"}, Case{"007.50", "7.5"},
        Case{"0x7fffffffffffffff", "9223372036854775807"},
        // nearly numbers
        Case{".", "\".\""}, Case{"-", "\"-\""}, Case{"+", "\"+\""}, Case{"1e", "\"1e\""}, Case{"1e+", "\"1e+\""},
        Case{"e5", "\"e5\""}, Case{"1.0.0", "\"1.0.0\""}, Case{"--1", "\"--1\""}, Case{".e1", "\".e1\""},
        Case{"1 2", "\"1 2\""}));

TEST(PlainScalarTest, RefusesNumbersThatJsonDoesNotHave) {
  for (const std::string_view text : {".inf", "-.inf", "+.INF", ".nan", ".NaN", "1e400", "-1e400", "0x8000000000000000",
                                      "0o7777777777777777777777"}) {
    EXPECT_FALSE(plain_scalar(text).has_value()) << text;
  }
  EXPECT_EQ(json::to_text(*plain_scalar("-.nan")), "\"-.nan\"");  // only infinity has a sign
}

TEST(TaggedScalarTest, TakesWhatFitsTheTag) {
  EXPECT_EQ(json::to_text(*tagged_scalar("str", "5")), "\"5\"");
  EXPECT_EQ(json::to_text(*tagged_scalar("int", "5")), "5");
  EXPECT_EQ(json::to_text(*tagged_scalar("int", "0x10")), "16");
  EXPECT_EQ(json::to_text(*tagged_scalar("float", "5")), "5");
  EXPECT_EQ(json::to_text(*tagged_scalar("bool", "true")), "true");
  EXPECT_EQ(json::to_text(*tagged_scalar("null", "")), "null");
}

TEST(TaggedScalarTest, RefusesWhatDoesNot) {
  EXPECT_FALSE(tagged_scalar("int", "5.5").has_value());
  EXPECT_FALSE(tagged_scalar("int", "five").has_value());
  EXPECT_FALSE(tagged_scalar("float", "x").has_value());
  EXPECT_FALSE(tagged_scalar("bool", "yes").has_value());
  EXPECT_FALSE(tagged_scalar("null", "0").has_value());
}

}  // namespace
}  // namespace pawl::dsl
