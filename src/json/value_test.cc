#include "json/value.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <thread>
#include <vector>

#include "json/builder.h"

namespace pawl::json {
namespace {

TEST(Value, DefaultIsNull) {
  const Value value;
  EXPECT_TRUE(value.is_null());
  EXPECT_EQ(value, Value(nullptr));
  EXPECT_FALSE(value.is_truthy());
  EXPECT_EQ(value.text(), "");
  EXPECT_EQ(value.find("a"), nullptr);
}

TEST(Value, PointersAreNotBooleans) {
  EXPECT_TRUE(Value("text").is_string());
  EXPECT_TRUE(Value(true).is_boolean());
  EXPECT_TRUE(Value(true).boolean());
  EXPECT_FALSE((std::is_constructible_v<Value, int*>));
  EXPECT_FALSE((std::is_constructible_v<Value, int>));
}

TEST(Value, WholeDoublesBelow1e17AreIntegers) {
  EXPECT_TRUE(Value::number(3.0).is_integer());
  EXPECT_TRUE(Value::number(-0.0).is_integer());
  EXPECT_EQ(to_text(Value::number(-0.0)), "0");
  EXPECT_FALSE(Value::number(1e17).is_integer());
  EXPECT_FALSE(Value::number(0.5).is_integer());
  EXPECT_FALSE(Value::raw_number(3.0).is_integer());
}

TEST(Value, ObjectsAreSortedAndTheLastDuplicateWins) {
  const Value object = Value::object({{"b", Value::integer(1)}, {"a", Value::integer(2)}, {"b", Value::integer(3)}});
  EXPECT_EQ(to_text(object), R"({"a":2,"b":3})");
  ASSERT_NE(object.find("b"), nullptr);
  EXPECT_EQ(object.find("b")->integer(), 3);
  EXPECT_EQ(object.find("c"), nullptr);
  EXPECT_EQ(to_text(Value::object()), "{}");
}

TEST(Value, KeysAreInCodePointOrder) {
  // U+FF61 is before U+1F600 by code point, after it by UTF-16 unit.
  const Value object = Value::object({{"\U0001F600", Value()}, {"\uFF61", Value()}, {"z", Value()}});
  EXPECT_EQ(object.members()[0].key(), "z");
  EXPECT_EQ(object.members()[1].key(), "\uFF61");
}

TEST(Value, OrderOfKinds) {
  const std::vector<Value> ascending = {Value(),           Value(false), Value(true),    Value::integer(-1),
                                        Value::integer(0), Value("a"),   Value::array(), Value::object()};
  for (std::size_t i = 0; i < ascending.size(); ++i) {
    for (std::size_t j = 0; j < ascending.size(); ++j) {
      EXPECT_EQ(Value::compare(ascending[i], ascending[j]) < 0, i < j) << i << " " << j;
      EXPECT_EQ(ascending[i] == ascending[j], i == j) << i << " " << j;
    }
  }
}

TEST(Value, ArraysCompareItemByItemThenByLength) {
  const Value one = Value::array({Value::integer(1)}), two = Value::array({Value::integer(2)});
  const Value longer = Value::array({Value::integer(1), Value()});
  EXPECT_TRUE(Value::compare(one, two) < 0);
  EXPECT_TRUE(Value::compare(one, longer) < 0);
  EXPECT_TRUE(Value::compare(longer, two) < 0);
}

TEST(Value, ObjectsCompareByKeysBeforeValues) {
  const Value a = Value::object({{"a", Value::integer(9)}}), b = Value::object({{"b", Value::integer(1)}});
  const Value both = Value::object({{"a", Value::integer(0)}, {"b", Value()}});
  EXPECT_TRUE(Value::compare(a, b) < 0);
  EXPECT_TRUE(Value::compare(a, both) < 0);
  EXPECT_TRUE(Value::compare(both, b) < 0);
}

TEST(Value, IntegersCompareExactlyAndNaNIsLeast) {
  const Value large = Value::integer(9007199254740993), other = Value::integer(9007199254740992);
  EXPECT_NE(large, other);
  EXPECT_EQ(Value::integer(1), Value::raw_number(1.0));
  const Value nan = Value::raw_number(std::nan(""));
  EXPECT_TRUE(Value::compare(nan, Value::raw_number(-std::numeric_limits<double>::infinity())) < 0);
  EXPECT_NE(nan, nan);
}

TEST(Value, SizeAndDepthAreKept) {
  const Value empty = Value::array();
  EXPECT_EQ(Value::integer(1).depth(), 0u);
  EXPECT_EQ(empty.depth(), 1u);
  const Value nested = Value::array({Value::object({{"a", empty}})});
  EXPECT_EQ(nested.depth(), 3u);
  EXPECT_GT(nested.size_bytes(), empty.size_bytes());
  EXPECT_EQ(Value(std::string(100, 'x')).size_bytes(), 102u);
  EXPECT_EQ(Value::integer(-120).size_bytes(), 4u);
  EXPECT_EQ(Value::integer(INT64_MIN).size_bytes(), 20u);
  EXPECT_EQ(Value::object({{"a", Value::array({Value(), Value(true)})}}).size_bytes(), 19u);  // {"a":[null,true]} and 2
}

TEST(Value, SizeOfSharedPartsSaturates) {
  Value value = Value::array({Value("x")});
  for (int i = 0; i < 500; ++i) value = Value::array({value, value});
  EXPECT_EQ(value.size_bytes(), SIZE_MAX);
}

TEST(Value, EditingLeavesOtherCopiesAlone) {
  const Value before = Value::array({Value::integer(1)});
  EXPECT_EQ(to_text(with_item(before, Value::integer(2))), "[1,2]");
  EXPECT_EQ(to_text(with_item(before, 0, Value::integer(3))), "[3]");
  EXPECT_EQ(to_text(with_items(before, before.items())), "[1,1]");
  EXPECT_EQ(to_text(before), "[1]");
  const Value object = Value::object({{"b", Value::integer(1)}});
  EXPECT_EQ(to_text(with_member(object, "a", Value())), R"({"a":null,"b":1})");
  EXPECT_EQ(to_text(with_member(object, "b", Value())), R"({"b":null})");
  EXPECT_EQ(to_text(without_member(object, "b")), "{}");
  EXPECT_EQ(to_text(without_member(object, "c")), R"({"b":1})");
  EXPECT_EQ(to_text(object), R"({"b":1})");
  const Value text("a");
  EXPECT_EQ(with_text(text, text.text()).text(), "aa");
  EXPECT_EQ(text.text(), "a");
}

TEST(Value, EditingWhatNobodyElseHoldsIsInPlace) {
  Value array = Value::array();
  for (int i = 0; i < 10; ++i) array = with_item(std::move(array), Value::integer(i));
  const Value* first = array.items().data();
  array = with_item(std::move(array), 0, Value("x"));
  EXPECT_EQ(array.items().data(), first);
  const std::span<const Value> own = array.items();
  array = with_items(std::move(array), own);
  EXPECT_EQ(array.size(), 20u);
}

TEST(Value, EditingKeepsSizeAndDepth) {
  Value object = Value::object({{"a", Value::array({Value::array()})}});
  object = with_member(std::move(object), "b", Value("text"));
  EXPECT_EQ(object.depth(), 3u);
  const Value same = Value::object({{"a", Value::array({Value::array()})}, {"b", Value("text")}});
  EXPECT_EQ(object.size_bytes(), same.size_bytes());
  object = without_member(std::move(object), "b");
  EXPECT_EQ(object.size_bytes(), Value::object({{"a", Value::array({Value::array()})}}).size_bytes());
  Value taken = take_member(object, "a");
  EXPECT_EQ(to_text(taken), "[[]]");
  EXPECT_EQ(object.size_bytes(), Value::object({{"a", Value()}}).size_bytes());
}

TEST(Value, DepthAfterRemovingIsNearlyExact) {
  Value value = Value::object();
  for (int i = 0; i < 1000; ++i) {
    value = with_member(Value::object(), "a", std::move(value));
    value = without_member(std::move(value), "a");
    ASSERT_LE(value.depth(), 66u);
  }
}

TEST(Value, TakingFromASharedContainerCopiesIt) {
  const Value before = Value::array({Value("a"), Value("b")});
  Value after = before;
  EXPECT_EQ(take_item(after, 1).text(), "b");
  EXPECT_EQ(to_text(after), R"(["a",null])");
  EXPECT_EQ(to_text(before), R"(["a","b"])");
}

TEST(Value, VeryDeepValuesAreDestroyedWithoutRecursion) {
  Value value;
  for (int i = 0; i < 1'000'000; ++i) {
    value =
        i % 2 == 0 ? with_item(Value::array(), std::move(value)) : with_member(Value::object(), "a", std::move(value));
  }
  EXPECT_EQ(value.depth(), 1'000'000u);
}

TEST(Value, IsSharedBetweenThreads) {
  const Value value = Value::array({Value("text"), Value::object({{"a", Value("b")}})});
  std::vector<std::jthread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([value] {
      for (int i = 0; i < 1000; ++i) {
        Value copy = value.items()[1];
        copy = with_member(std::move(copy), "c", value.items()[0]);
      }
    });
  }
  threads.clear();
  EXPECT_EQ(to_text(value), R"(["text",{"a":"b"}])");
}

TEST(Builder, ArraysAndObjects) {
  EXPECT_EQ(to_text(ArrayBuilder(2).add(Value::integer(1)).add("x").finish()), R"([1,"x"])");
  EXPECT_EQ(to_text(ObjectBuilder().add("b", Value()).add("a", true).add("b", false).finish()),
            R"({"a":true,"b":false})");
  EXPECT_EQ(to_text(ArrayBuilder().finish()), "[]");
}

}  // namespace
}  // namespace pawl::json
