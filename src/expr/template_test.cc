#include "expr/template.h"

#include <gtest/gtest.h>

#include "expr/uri_template.h"
#include "json/parse.h"

namespace pawl::expr {
namespace {

using json::Value;

constexpr std::string_view names[] = {"context", "input"};

Value value_of(std::string_view text) { return *json::parse(text); }

std::string evaluated(std::string_view source, std::string_view input) {
  const auto compiled = Template::compile(value_of(source), names);
  if (!compiled) return compiled.error().problem.code + " " + compiled.error().pointer;
  const Value variables[] = {value_of(R"({"n":1})"), Value("in")};
  const Value given = value_of(input);
  Budget budget;
  const auto result = compiled->evaluate({given, variables, Time{}}, budget);
  return result ? json::to_text(*result) : result.error().code + " " + result.error().instance;
}

TEST(Braced, TrimsAndNeedsBothEnds) {
  EXPECT_EQ(braced("${ .a }"), " .a ");
  EXPECT_EQ(braced(" \n${.a}\n"), ".a");
  EXPECT_EQ(braced("${}"), "");
  EXPECT_EQ(braced("${ .a }-${ .b }"), " .a }-${ .b ");
  EXPECT_FALSE(braced("Hi ${ .a }"));
  EXPECT_FALSE(
      braced("${ .a } "
             "there"));
  EXPECT_FALSE(braced("$ { .a }"));
  EXPECT_FALSE(braced(""));
}

TEST(CompileExpression, TakesBareAndBraced) {
  const Value input = value_of(R"({"a":5})");
  for (const char* text : {".a", "${ .a }", "  ${.a}\n"}) {
    const auto expression = compile_expression(text, names);
    ASSERT_TRUE(expression) << text;
    Budget budget;
    EXPECT_EQ(evaluate(*expression, {input, {}, Time{}}, budget)->integer(), 5) << text;
  }
}

TEST(CompileExpression, OffsetsCountFromTheFieldsText) {
  EXPECT_EQ(compile_expression("${ .a + }", names).error().offset, 8u);
  EXPECT_EQ(compile_expression(".a + ", names).error().offset, 5u);
}

TEST(Template, ReplacesBracedStringsAtAnyDepth) {
  EXPECT_EQ(evaluated(R"({"total":"${ .qty * 2 }","list":["x","${ .name }",{"deep":"${ . }"}],"n":1})",
                      R"({"qty":3,"name":"n"})"),
            R"({"list":["x","n",{"deep":{"name":"n","qty":3}}],"n":1,"total":6})");
  EXPECT_EQ(evaluated(R"("${ $context.n }")", "{}"), "1");
  EXPECT_EQ(evaluated(R"("text")", "{}"), R"("text")");
  EXPECT_EQ(evaluated(R"({"${ .a }":"${ .a }"})", R"({"a":1})"), R"({"${ .a }":1})");  // keys are never evaluated
}

TEST(Template, NoResultIsNullAndSeveralAreAnArray) {
  EXPECT_EQ(evaluated(R"(["${ empty }","${ 1, 2 }"])", "{}"), "[null,[1,2]]");
}

TEST(Template, TheSourceStaysAsItWas) {
  const Value source = value_of(R"({"a":["${ . }"]})");
  const auto compiled = *Template::compile(source, names);
  const Value input = Value::integer(1);
  Budget budget;
  EXPECT_EQ(json::to_text(*compiled.evaluate({input, {}, Time{}}, budget)), R"({"a":[1]})");
  EXPECT_EQ(json::to_text(source), R"({"a":["${ . }"]})");
  EXPECT_EQ(json::to_text(*compiled.evaluate({input, {}, Time{}}, budget)), R"({"a":[1]})");
}

TEST(Template, ProblemsNameTheirPlace) {
  EXPECT_EQ(evaluated(R"({"a":[1,{"b/c":"${ .x + }"}]})", "{}"), "expression-syntax /a/1/b~1c");
  EXPECT_EQ(evaluated(R"({"a":"${ $nope }"})", "{}"), "unknown-variable /a");
  EXPECT_EQ(evaluated(R"({"a":{"b":"${ error(\"x\") }"}})", "{}"), "expression /a/b");
  EXPECT_EQ(Template::check(value_of(R"(["${ + }","${ 1 }","${ $x }"])"), names).size(), 2u);
}

TEST(Template, SeveralProgramsInOneStringGetAHint) {
  const auto compiled = Template::compile(value_of(R"("${ .a }-${ .b }")"), names);
  ASSERT_FALSE(compiled);
  EXPECT_EQ(compiled.error().problem.code, "expression-syntax");
  EXPECT_EQ(compiled.error().problem.hint, R"x(did you mean ${ "\(.a)-\(.b)" }?)x");
}

TEST(Template, WarnsOfLiteralsThatLookLikePrograms) {
  const auto warned = [](std::string_view text) {
    return Template::compile(Value::array({Value(text)}), names)->warnings().size() == 1;
  };
  EXPECT_TRUE(warned("Hi ${ .a }"));
  EXPECT_TRUE(warned(".customer"));
  EXPECT_TRUE(warned(".items[0].price"));
  EXPECT_TRUE(warned("$context"));
  EXPECT_TRUE(warned("$input.a"));
  EXPECT_FALSE(warned("text"));
  EXPECT_FALSE(warned("."));
  EXPECT_FALSE(warned("..."));
  EXPECT_FALSE(warned("$5"));
  EXPECT_FALSE(warned("$other"));
  EXPECT_FALSE(warned(".5 litres"));
  EXPECT_FALSE(warned(".hidden/file"));
  EXPECT_FALSE(warned("${ .a }"));
}

TEST(Template, KnowsWhatItUses) {
  EXPECT_TRUE(Template::compile(value_of(R"({"a":[1,"x"]})"), names)->is_constant());
  const auto compiled = *Template::compile(value_of(R"(["${ .a }","${ $input }"])"), names);
  EXPECT_FALSE(compiled.is_constant());
  EXPECT_FALSE(compiled.uses(0));
  EXPECT_TRUE(compiled.uses(1));
  EXPECT_FALSE(compiled.uses(2));
}

TEST(Template, ResultIsLimitedAsAWhole) {
  EXPECT_EQ(evaluated(R"(["${ \"x\" * 700000 }","${ \"x\" * 700000 }"])", "{}"), "expression-budget result-bytes");
}

std::string expanded(std::string_view text, std::string_view input) {
  const auto compiled = UriTemplate::compile(text);
  if (!compiled) return compiled.error().code;
  const auto uri = compiled->expand(value_of(input));
  return uri ? *uri : uri.error().code;
}

TEST(UriTemplate, ReplacesTopLevelMembers) {
  EXPECT_EQ(expanded("https://x.org/pet/{id}?q={q}", R"({"id":7,"q":"a b/ü"})"),
            "https://x.org/pet/7?q=a%20b%2F%C3%BC");
  EXPECT_EQ(expanded("/{a.b}/{c}", R"({"a.b":true,"a":{"b":1}})"), "/true/");
  EXPECT_EQ(expanded("/{a}", "[1]"), "/");
  EXPECT_EQ(expanded("/plain", "{}"), "/plain");
  EXPECT_EQ(expanded("{a}{a}", R"({"a":"~-_."})"), "~-_.~-_.");
}

TEST(UriTemplate, Refuses) {
  EXPECT_EQ(expanded("/{a}", R"({"a":[1]})"), "expression");
  EXPECT_EQ(expanded("/{a}", R"({"a":{}})"), "expression");
  EXPECT_EQ(expanded("/{a", "{}"), "uri-template");
  EXPECT_EQ(expanded("/a}", "{}"), "uri-template");
  EXPECT_EQ(expanded("/{}", "{}"), "uri-template");
  EXPECT_EQ(expanded("/{a{b}}", "{}"), "uri-template");
}

}  // namespace
}  // namespace pawl::expr
