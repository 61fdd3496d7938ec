#include "json/pointer.h"

#include <gtest/gtest.h>

#include "json/parse.h"

namespace pawl::json {
namespace {

std::string found(std::string_view pointer) {
  // The document of RFC 6901 section 5.
  static const Value document =
      *parse(R"({"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8})");
  const Value* value = look_up(document, pointer);
  return value == nullptr ? "nothing" : to_text(*value);
}

TEST(Pointer, LooksUpTheExamplesOfTheStandard) {
  EXPECT_EQ(found("/foo"), R"(["bar","baz"])");
  EXPECT_EQ(found("/foo/0"), R"("bar")");
  EXPECT_EQ(found("/"), "0");
  EXPECT_EQ(found("/a~1b"), "1");
  EXPECT_EQ(found("/c%d"), "2");
  EXPECT_EQ(found("/i\\j"), "5");
  EXPECT_EQ(found("/k\"l"), "6");
  EXPECT_EQ(found("/ "), "7");
  EXPECT_EQ(found("/m~0n"), "8");
  EXPECT_NE(found(""), "nothing");
}

TEST(Pointer, NamesNothing) {
  for (const char* pointer : {"/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/ 1", "/foo/1x", "/foo/", "/bar",
                              "/foo/0/0", "foo", "/m~n", "/m~", "/m~2n", "/foo/99999999999999999999999"}) {
    EXPECT_EQ(found(pointer), "nothing") << pointer;
  }
}

TEST(Pointer, EscapesAndParses) {
  EXPECT_EQ(escape_pointer("a/b~c"), "a~1b~0c");
  EXPECT_EQ(append_pointer("/do", 0), "/do/0");
  EXPECT_EQ(append_pointer("/do/0", "a/b"), "/do/0/a~1b");
  EXPECT_EQ(*parse_pointer("/a~1b~0c//x"), (std::vector<std::string>{"a/b~c", "", "x"}));
  EXPECT_TRUE(parse_pointer("")->empty());
  EXPECT_FALSE(parse_pointer("a"));
  EXPECT_FALSE(parse_pointer("/~"));
}

}  // namespace
}  // namespace pawl::json
