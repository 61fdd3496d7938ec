#include "json/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>

#include "json/write.h"

namespace pawl::json {
namespace {

std::string read(std::string_view text) {
  const auto number = parse_number(text);
  if (!number) return number.error() == NumberError::malformed ? "malformed" : "out of range";
  return to_text(*number);
}

std::string written(double number) {
  std::string out;
  write_number(number, out);
  return out;
}

TEST(Number, IntegersOf64BitsAreExact) {
  EXPECT_EQ(read("9223372036854775807"), "9223372036854775807");
  EXPECT_EQ(read("-9223372036854775808"), "-9223372036854775808");
  EXPECT_EQ(read("9007199254740993"), "9007199254740993");
  EXPECT_TRUE(parse_number("9223372036854775807")->is_integer());
  EXPECT_FALSE(parse_number("9223372036854775808")->is_integer());
}

TEST(Number, WholeNumbersAreIntegersHoweverWritten) {
  for (const char* text : {"100", "1e2", "1E+2", "100.0", "10000e-2", "0.1e3"}) {
    EXPECT_TRUE(parse_number(text)->is_integer()) << text;
    EXPECT_EQ(read(text), "100") << text;
  }
  for (const char* text : {"0", "-0", "0.0", "-0.0e5", "0e999999999999"}) EXPECT_EQ(read(text), "0") << text;
}

TEST(Number, DigitsAreKeptOnlyWhenADoubleWouldLoseThem) {
  EXPECT_EQ(read("0.1"), "0.1");
  EXPECT_TRUE(parse_number("0.1")->digits().empty());
  EXPECT_TRUE(parse_number("100000000000000000000")->digits().empty());
  EXPECT_EQ(read("100000000000000000000"), "1e20");
  EXPECT_EQ(read("100000000000000000001"), "100000000000000000001");
  EXPECT_EQ(read("0.10000000000000000000001"), "0.10000000000000000000001");
  EXPECT_EQ(read("-1.00000000000000000000010e25"), "-1.0000000000000000000001e25");
  EXPECT_EQ(read("1e-400"), "1e-400");
  EXPECT_EQ(parse_number("1e-400")->number(), 0.0);
  EXPECT_EQ(parse_number("100000000000000000001")->number(), 1e20);
}

TEST(Number, RangeOfADouble) {
  EXPECT_EQ(read("1.7976931348623157e308"), "1.7976931348623157e308");
  EXPECT_EQ(read("1e309"), "out of range");
  EXPECT_EQ(read("-1e309"), "out of range");
  EXPECT_EQ(read("1e99999999999999999999"), "out of range");
  EXPECT_EQ(read("1e-16383"), "1e-16383");
  EXPECT_EQ(read("1e-16384"), "out of range");  // more digits than jsonb holds
  EXPECT_EQ(read("1e-99999999999999999999"), "out of range");
}

TEST(Number, ThreeHundredDigitsAreStillTheSameDouble) {
  // As jsonb writes 1e300 (rule J3).
  const auto number = parse_number("1" + std::string(300, '0'));
  EXPECT_TRUE(number->digits().empty());
  EXPECT_EQ(number->number(), 1e300);
  EXPECT_EQ(read("1" + std::string(300, '0')), "1e300");
}

TEST(Number, WrittenShortest) {
  EXPECT_EQ(written(0.1), "0.1");
  EXPECT_EQ(written(1e16), "10000000000000000");
  EXPECT_EQ(written(1e17), "1e17");
  EXPECT_EQ(written(1.5e17), "1.5e17");
  EXPECT_EQ(written(12345678901234567.0), "12345678901234568");
  EXPECT_EQ(written(0.0001), "0.0001");
  EXPECT_EQ(written(0.00001), "1e-5");
  EXPECT_EQ(written(-2.5), "-2.5");
  EXPECT_EQ(written(-0.0), "0");
  EXPECT_EQ(written(5e-324), "5e-324");
  EXPECT_EQ(written(std::nan("")), "null");
  EXPECT_EQ(written(std::numeric_limits<double>::infinity()), "1.7976931348623157e308");
  EXPECT_EQ(written(-std::numeric_limits<double>::infinity()), "-1.7976931348623157e308");
}

TEST(Number, WrittenDoublesReadBackTheSame) {
  std::mt19937_64 random(1);
  for (int i = 0; i < 100'000; ++i) {
    const auto number = std::bit_cast<double>(random());
    if (!std::isfinite(number)) continue;
    const auto read_back = parse_number(written(number));
    ASSERT_TRUE(read_back) << written(number);
    ASSERT_EQ(read_back->number(), number) << written(number);
    ASSERT_TRUE(read_back->digits().empty()) << written(number);
  }
}

TEST(Number, KeptDigitsCompareByDigits) {
  const Value less = *parse_number("100000000000000000001"), more = *parse_number("100000000000000000002");
  EXPECT_TRUE(Value::compare(less, more) < 0);
  EXPECT_EQ(less, *parse_number("1.00000000000000000001e20"));
  EXPECT_EQ(less, Value::raw_number(1e20));  // against any other number as doubles
  EXPECT_TRUE(compare_digits("-100000000000000000002", "-100000000000000000001") < 0);
  EXPECT_TRUE(compare_digits("-1e-400", "1e-400") < 0);
  EXPECT_TRUE(compare_digits("0.10000000000000000000001", "100000000000000000001") < 0);
}

}  // namespace
}  // namespace pawl::json
