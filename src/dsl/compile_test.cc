// What a document compiles to: numbers, references, segments, names resolved, variables.
#include "dsl/compile.h"

#include <gtest/gtest.h>

#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

using testing::compiled;
using testing::document;

const Task& task_at(const Program& program, std::string_view reference) {
  const auto found = std::ranges::find(program.tasks, reference, &Task::reference);
  if (found == program.tasks.end()) throw std::runtime_error("no task at " + std::string(reference));
  return *found;
}

std::vector<std::string> names_of(const Program& program, ListIndex list) {
  std::vector<std::string> names;
  for (const TaskIndex task : program.lists.at(list).tasks) names.push_back(program.tasks.at(task).name);
  return names;
}

using Names = std::vector<std::string>;

// A task of each place that rule S3 lists, but for those not supported yet.
constexpr std::string_view everywhere = R"(do:
- a: { set: { x: 1 } }
- loop: { for: { each: item, in: .items }, do: [ b: { set: { x: $item } } ] }
- f: { fork: { branches: [ z: { do: [] }, c: { do: [] } ] } }
- t: { try: [ d: { do: [] } ], catch: { do: [ e: { do: [] } ] } }
use: { functions: { h: { do: [ i: { do: [] } ] } } }
)";

TEST(CompileTest, ReferencesAreThePointersOfRuleS3) {
  const auto program = compiled(document(everywhere));
  Names references;
  for (const Task& task : program->tasks) references.push_back(task.reference);
  EXPECT_EQ(references, (Names{"/do/0/a", "/do/1/loop", "/do/2/f", "/do/3/t", "/do/1/loop/do/0/b",
                               "/do/2/f/fork/branches/0/z", "/do/2/f/fork/branches/1/c", "/do/3/t/try/0/d",
                               "/do/3/t/catch/do/0/e", "/use/functions/h", "/use/functions/h/do/0/i"}));
}

TEST(CompileTest, SegmentsAreWhatAnExecutionIdAddsToItsScope) {
  const auto program = compiled(document(everywhere));
  EXPECT_EQ(task_at(*program, "/do/0/a").segment, "/do/0/a");
  EXPECT_EQ(task_at(*program, "/do/1/loop/do/0/b").segment, "/do/0/b");
  EXPECT_EQ(task_at(*program, "/do/2/f/fork/branches/1/c").segment, "/fork/branches/1/c");
  EXPECT_EQ(task_at(*program, "/do/3/t/try/0/d").segment, "/try/0/d");
  EXPECT_EQ(task_at(*program, "/do/3/t/catch/do/0/e").segment, "/catch/do/0/e");
  EXPECT_EQ(task_at(*program, "/use/functions/h").segment, ">/use/functions/h");
  EXPECT_EQ(task_at(*program, "/use/functions/h/do/0/i").segment, "/do/0/i");
}

TEST(CompileTest, NamesAreEscapedInReferencesAndEncodedInSegments) {
  const auto program = compiled(document(R"(do:
- "a/b~c": { do: [] }
- "50% [x]!>y": { do: [] }
- "zwölf": { do: [] }
use: { functions: { "f>1": { do: [] } } }
)"));
  EXPECT_EQ(program->tasks[0].name, "a/b~c");
  EXPECT_EQ(program->tasks[0].reference, "/do/0/a~1b~0c");
  EXPECT_EQ(program->tasks[0].segment, "/do/0/a~1b~0c");
  EXPECT_EQ(program->tasks[1].reference, "/do/1/50% [x]!>y");
  EXPECT_EQ(program->tasks[1].segment, "/do/1/50%25 %5Bx%5D%21%3Ey");
  EXPECT_EQ(program->tasks[2].segment, "/do/2/zwölf");
  EXPECT_EQ(program->tasks[3].reference, "/use/functions/f>1");
  EXPECT_EQ(program->tasks[3].segment, ">/use/functions/f%3E1");
}

TEST(CompileTest, ListsKnowTheirTasksAndOwners) {
  const auto program = compiled(document(everywhere));
  EXPECT_EQ(names_of(*program, main_list), (Names{"a", "loop", "f", "t"}));
  EXPECT_EQ(program->lists[main_list].owner, no_task);

  const auto& fork = std::get<ForkTask>(task_at(*program, "/do/2/f").work);
  ASSERT_EQ(fork.branches.size(), 2u);
  EXPECT_EQ(names_of(*program, fork.branches[0]), Names{"z"});
  EXPECT_EQ(names_of(*program, fork.branches[1]), Names{"c"});
  EXPECT_EQ(program->lists[fork.branches[1]].owner, 2u);

  const auto& attempt = std::get<TryTask>(task_at(*program, "/do/3/t").work);
  EXPECT_EQ(names_of(*program, attempt.list), Names{"d"});
  ASSERT_TRUE(attempt.catch_list.has_value());
  EXPECT_EQ(names_of(*program, *attempt.catch_list), Names{"e"});

  const Task& function = task_at(*program, "/use/functions/h");
  EXPECT_EQ(program->lists[function.list].owner, no_task);
  EXPECT_NE(function.list, main_list);
  EXPECT_EQ(function.position, 0u);
  for (TaskIndex index = 0; index < program->tasks.size(); ++index) {
    const Task& task = program->tasks[index];
    EXPECT_EQ(program->lists[task.list].tasks[task.position], index);
  }
}

TEST(CompileTest, TheHeaderAndTheDocumentAreKept) {
  constexpr std::string_view text =
      "document: { dsl: 1.0.3, namespace: shop, name: order-2, version: 2.1.0-rc.1, title: Orders }\n"
      "do: [ { wait: { wait: PT5S } } ]\n";
  const auto program = compiled(text);
  EXPECT_EQ(program->namespace_, "shop");
  EXPECT_EQ(program->name, "order-2");
  EXPECT_EQ(program->version, "2.1.0-rc.1");
  EXPECT_EQ(program->title, "Orders");
  EXPECT_EQ(json::to_text(program->document),
            R"({"do":[{"wait":{"wait":"PT5S"}}],"document":{"dsl":"1.0.3","name":"order-2","namespace":"shop",)"
            R"("title":"Orders","version":"2.1.0-rc.1"}})");
  EXPECT_EQ(program->sha256, sha256(json::to_text(program->document)));
  EXPECT_EQ(json::to_text(program->tasks[0].definition), R"({"wait":"PT5S"})");
}

TEST(CompileTest, FormAndOrderDoNotChangeTheHash) {
  const auto yaml = compiled(document("do:\n  - a: # comment\n      set: { y: 2, x: 1.0 }\n"));
  const auto other = compiled(R"({"do": [{"a": {"set": {"x": 1, "y": 2}}}],
    "document": {"version": "1.0.0", "name": "flow", "namespace": "test", "dsl": "1.0.0"}})");
  const auto different = compiled(document("do:\n  - a:\n      set: { y: 2, x: 2 }\n"));
  EXPECT_EQ(yaml->sha256, other->sha256);
  EXPECT_NE(yaml->sha256, different->sha256);
}

TEST(CompileTest, ThenLeadsToSiblingsOrOut) {
  const auto program = compiled(document(R"(do:
- a: { wait: PT1S, then: c }
- b: { if: .x, do: [], then: exit }
- c: { if: .x, wait: PT1S, then: a }
- d: { do: [], then: continue }
- e: { if: .x, do: [], then: b }
- f: { do: [], then: end }
)"));
  EXPECT_EQ(program->tasks[0].then.kind, Then::Kind::task);
  EXPECT_EQ(program->tasks[0].then.task, 2u);
  EXPECT_EQ(program->tasks[1].then.kind, Then::Kind::exit);
  EXPECT_EQ(program->tasks[2].then.task, 0u);
  EXPECT_EQ(program->tasks[3].then.kind, Then::Kind::proceed);
  EXPECT_EQ(program->tasks[5].then.kind, Then::Kind::end);
}

TEST(CompileTest, ASwitchKeepsItsCasesInOrder) {
  const auto program = compiled(document(R"(do:
- pick:
    switch:
    - other: { then: last }
    - small: { when: .n < 3, then: exit }
    - large: { when: '${ .n > 9 }', then: end }
- last: { do: [] }
)"));
  const auto& cases = std::get<SwitchTask>(program->tasks[0].work).cases;
  ASSERT_EQ(cases.size(), 3u);
  EXPECT_EQ(cases[0].name, "other");
  EXPECT_FALSE(cases[0].when.has_value());
  EXPECT_EQ(cases[0].then.task, 1u);
  EXPECT_EQ(cases[1].when->source(), ".n < 3");
  EXPECT_EQ(cases[1].then.kind, Then::Kind::exit);
  EXPECT_TRUE(cases[2].when.has_value());
  EXPECT_EQ(cases[2].then.kind, Then::Kind::end);
}

TEST(CompileTest, LoopAndErrorVariablesAreLocalsOfWhatIsInside) {
  const auto program = compiled(document(R"(do:
- outer:
    for: { each: order, at: i, in: .orders }
    while: $order.ok and $i < 5
    do:
    - inner:
        for: { in: $order.lines }
        do:
        - risky:
            try: [ work: { set: { x: '${ [$order, $i, $item, $index] }' } } ]
            catch:
              as: problem
              when: $problem.status == 500 and $item != null
              do: [ note: { set: { x: '${ [$problem, $order] }' } } ]
- after: { set: { x: 1 } }
)"));
  const auto locals = [&](std::string_view reference) { return task_at(*program, reference).locals; };
  const std::string inner = "/do/0/outer/do/0/inner";
  EXPECT_EQ(locals("/do/0/outer"), Names{});
  EXPECT_EQ(locals(inner), (Names{"order", "i"}));
  EXPECT_EQ(locals(inner + "/do/0/risky"), (Names{"order", "i", "item", "index"}));
  EXPECT_EQ(locals(inner + "/do/0/risky/try/0/work"), (Names{"order", "i", "item", "index"}));
  EXPECT_EQ(locals(inner + "/do/0/risky/catch/do/0/note"), (Names{"order", "i", "item", "index", "problem"}));
  EXPECT_EQ(locals("/do/1/after"), Names{});
  const auto& loop = std::get<ForTask>(program->tasks[0].work);
  EXPECT_EQ(loop.each, "order");
  EXPECT_EQ(loop.at, "i");
  ASSERT_TRUE(loop.while_.has_value());
  EXPECT_TRUE(loop.while_->uses(argument_count));
  EXPECT_TRUE(loop.while_->uses(argument_count + 1));
  EXPECT_FALSE(loop.while_->uses(static_cast<std::size_t>(Argument::context)));
  EXPECT_EQ(std::get<TryTask>(task_at(*program, inner + "/do/0/risky").work).error_name, "problem");
}

TEST(CompileTest, AnInnerVariableHidesAnOuterOneOfTheSameName) {
  const auto program = compiled(document(R"(do:
- outer:
    for: { in: .rows }
    do:
    - inner:
        for: { in: $item }
        do: [ use: { set: '$item' } ]
)"));
  const Task& use = task_at(*program, "/do/0/outer/do/0/inner/do/0/use");
  EXPECT_EQ(use.locals, (Names{"item", "index", "item", "index"}));
  const auto& value = std::get<expr::Expression>(std::get<SetTask>(use.work).value);
  EXPECT_FALSE(value.uses(argument_count));
  EXPECT_TRUE(value.uses(argument_count + 2));
  const auto& in = std::get<expr::Expression>(std::get<ForTask>(task_at(*program, "/do/0/outer/do/0/inner").work).in);
  EXPECT_TRUE(in.uses(argument_count));
}

TEST(CompileTest, FunctionsSeeNoVariablesOfTheirCallers) {
  const auto program = compiled(document(R"(do:
- loop: { for: { in: .items }, do: [ tell: { call: send, with: { what: '${ $item }' } } ] }
use: { functions: { send: { call: mail.send, with: { text: '${ .what }' } }, b: { call: send } } }
)"));
  const auto& call = std::get<FunctionCall>(task_at(*program, "/do/0/loop/do/0/tell").work);
  EXPECT_EQ(names_of(*program, call.list), Names{"send"});
  EXPECT_EQ(json::to_text(call.with.source()), R"({"what":"${ $item }"})");
  EXPECT_EQ(task_at(*program, "/use/functions/send").locals, Names{});
  const auto& action = std::get<ActionCall>(task_at(*program, "/use/functions/send").work);
  EXPECT_EQ(action.action, "mail.send");
  EXPECT_EQ(action.version, "");
  EXPECT_EQ(std::get<FunctionCall>(task_at(*program, "/use/functions/b").work).list, call.list);

  const Compiled refused = compile(document(R"(do:
- loop: { for: { in: .items }, do: [ tell: { call: send } ] }
use: { functions: { send: { set: { x: '${ $item }' } } } }
)"));
  ASSERT_NE(testing::find(refused.diagnostics, "unknown-variable"), nullptr);
  EXPECT_EQ(testing::find(refused.diagnostics, "unknown-variable")->pointer, "/use/functions/send/set/x");
}

TEST(CompileTest, ActionsMayPinAVersionAndNeedNoArguments) {
  const auto program =
      compiled(document("do:\n- a: { call: shop.charge-card:1.2.0@default }\n- b: { call: a.b.c, with: { x: 1 } }\n"));
  const auto& pinned = std::get<ActionCall>(program->tasks[0].work);
  EXPECT_EQ(pinned.action, "shop.charge-card");
  EXPECT_EQ(pinned.version, "1.2.0");
  EXPECT_EQ(json::to_text(pinned.with.source()), "{}");
  const auto& plain = std::get<ActionCall>(program->tasks[1].work);
  EXPECT_EQ(plain.action, "a.b.c");
  EXPECT_EQ(json::to_text(plain.with.source()), R"({"x":1})");
}

TEST(CompileTest, AnHttpCallKeepsItsEndpointApart) {
  const auto program = compiled(document(R"(do:
- a: { call: http, with: { method: get, endpoint: 'https://example.com/{id}', headers: { Accept: text/plain }, redirect: true } }
- b: { call: http, with: { method: post, endpoint: { uri: '${ .url }' }, body: { x: '${ .x }' }, headers: '${ .h }' } }
)"));
  const auto& first = std::get<HttpCall>(program->tasks[0].work);
  EXPECT_TRUE(std::holds_alternative<expr::UriTemplate>(first.endpoint));
  EXPECT_EQ(json::to_text(first.with.source()),
            R"({"headers":{"Accept":"text/plain"},"method":"get","redirect":true})");
  const auto& second = std::get<HttpCall>(program->tasks[1].work);
  EXPECT_TRUE(std::holds_alternative<expr::Expression>(second.endpoint));
  EXPECT_EQ(json::to_text(second.with.source()), R"({"body":{"x":"${ .x }"},"headers":"${ .h }","method":"post"})");
}

TEST(CompileTest, DurationsAreTextObjectsOrPrograms) {
  using std::chrono::milliseconds, std::chrono::seconds, std::chrono::minutes, std::chrono::hours;
  const auto program = compiled(document(R"(do:
- a: { wait: P1Y2M3DT4H5M6.5S }
- b: { wait: { days: 1, hours: 2, minutes: 3, seconds: 4, milliseconds: 5 } }
- c: { wait: '${ "PT\(.n)S" }' }
- d: { wait: PT0S, timeout: { after: { seconds: 9 } } }
timeout: hour
use: { timeouts: { hour: { after: PT1H } } }
)"));
  const auto fixed = [&](std::size_t task) {
    return std::get<CalendarDuration>(std::get<WaitTask>(program->tasks[task].work).duration);
  };
  EXPECT_EQ(fixed(0), (CalendarDuration{1, 2, 3, hours{4} + minutes{5} + seconds{6} + milliseconds{500}}));
  EXPECT_EQ(fixed(1), (CalendarDuration{0, 0, 1, hours{2} + minutes{3} + seconds{4} + milliseconds{5}}));
  EXPECT_TRUE(std::holds_alternative<expr::Expression>(std::get<WaitTask>(program->tasks[2].work).duration));
  EXPECT_EQ(std::get<CalendarDuration>(*program->tasks[3].timeout).rest, seconds{9});
  EXPECT_EQ(std::get<CalendarDuration>(*program->timeout).rest, hours{1});
}

TEST(CompileTest, RetriesComeByNameOrInline) {
  const auto program = compiled(document(R"(do:
- named: { try: [], catch: { retry: careful } }
- inline: { try: [], catch: { errors: { with: { status: 503 } }, retry: { delay: PT1S }, then: end } }
- bare: { try: [], catch: {} }
use:
  retries:
    careful:
      when: $error.status >= 500
      exceptWhen: .status == 501
      delay: { seconds: 2 }
      backoff: { exponential: {} }
      limit: { attempt: { count: 3, duration: PT10S }, duration: PT5M }
      jitter: { from: PT0S, to: { milliseconds: 500 } }
)"));
  const auto& named = std::get<TryTask>(program->tasks[0].work);
  ASSERT_TRUE(named.retry.has_value());
  EXPECT_TRUE(named.retry->when->uses(argument_count));
  EXPECT_TRUE(named.retry->except_when.has_value());
  EXPECT_EQ(std::get<CalendarDuration>(*named.retry->delay).rest, std::chrono::seconds{2});
  EXPECT_EQ(named.retry->backoff, RetryPolicy::Backoff::exponential);
  EXPECT_EQ(named.retry->count, 3u);
  EXPECT_EQ(std::get<CalendarDuration>(*named.retry->attempt_duration).rest, std::chrono::seconds{10});
  EXPECT_EQ(std::get<CalendarDuration>(*named.retry->duration).rest, std::chrono::minutes{5});
  EXPECT_EQ(std::get<CalendarDuration>(*named.retry->jitter_to).rest, std::chrono::milliseconds{500});

  const auto& inline_ = std::get<TryTask>(program->tasks[1].work);
  EXPECT_EQ(json::to_text(inline_.errors_with), R"({"status":503})");
  EXPECT_EQ(inline_.retry->backoff, RetryPolicy::Backoff::constant);
  EXPECT_FALSE(inline_.retry->count.has_value());
  EXPECT_EQ(inline_.catch_then->kind, Then::Kind::end);
  EXPECT_FALSE(inline_.catch_list.has_value());

  const auto& bare = std::get<TryTask>(program->tasks[2].work);
  EXPECT_FALSE(bare.retry.has_value());
  EXPECT_TRUE(bare.errors_with.is_null());
  EXPECT_EQ(bare.error_name, "error");
}

TEST(CompileTest, ErrorsComeByNameOrInline) {
  const auto program = compiled(document(R"(do:
- named: { if: .x, raise: { error: gone } }
- inline: { raise: { error: { type: 'https://example.com/e', status: 422, title: '${ .t }', instance: /do/0/named } } }
use: { errors: { gone: { type: 'https://example.com/gone', status: 410 } } }
)"));
  EXPECT_EQ(json::to_text(std::get<RaiseTask>(program->tasks[0].work).error.source()),
            R"({"status":410,"type":"https://example.com/gone"})");
  EXPECT_FALSE(std::get<RaiseTask>(program->tasks[1].work).error.is_constant());
}

TEST(CompileTest, DataIsAnExpressionOrATemplate) {
  const auto program = compiled(document(R"(input: { from: '{ order: . }' }
do:
- a: { if: .x, input: { from: .order }, set: '{ y: 1 }', output: { as: { z: '${ . }' } }, export: { as: '$context + $output' } }
- b: { for: { in: [ { n: 1 }, { n: '${ .two }' } ] }, do: [] }
output: { as: . }
)"));
  EXPECT_TRUE(std::holds_alternative<expr::Expression>(*program->input_from));
  EXPECT_TRUE(std::holds_alternative<expr::Expression>(*program->output_as));
  const Task& task = program->tasks[0];
  EXPECT_EQ(task.condition->source(), ".x");
  EXPECT_TRUE(std::holds_alternative<expr::Expression>(*task.input_from));
  EXPECT_TRUE(std::holds_alternative<expr::Expression>(std::get<SetTask>(task.work).value));
  EXPECT_TRUE(std::holds_alternative<expr::Template>(*task.output_as));
  const auto& exported = std::get<expr::Expression>(*task.export_as);
  EXPECT_TRUE(exported.uses(static_cast<std::size_t>(Argument::context)));
  EXPECT_TRUE(exported.uses(static_cast<std::size_t>(Argument::output)));
  EXPECT_TRUE(std::holds_alternative<expr::Template>(std::get<ForTask>(program->tasks[1].work).in));
}

TEST(CompileTest, QueuesComeFromTheTaskElseTheDocument) {
  const auto program = compiled(
      "document: { dsl: 1.0.0, namespace: test, name: flow, version: 1.0.0, metadata: { pawl: { queue: slow } } }\n"
      "do:\n- a: { call: x.y }\n- b: { call: x.y, metadata: { owner: me, pawl: { queue: fast } } }\n");
  EXPECT_EQ(program->tasks[0].queue, "slow");
  EXPECT_EQ(program->tasks[1].queue, "fast");
  EXPECT_EQ(compiled(document("do: [ { a: { call: x.y } } ]\n"))->tasks[0].queue, "");
}

TEST(CompileTest, EmptyListsAreAllowed) {
  const auto program = compiled(document("do: []\n"));
  EXPECT_TRUE(program->tasks.empty());
  ASSERT_EQ(program->lists.size(), 1u);
  const auto fork = compiled(document("do: [ { f: { fork: { branches: [], compete: false } } } ]\n"));
  EXPECT_TRUE(std::get<ForkTask>(fork->tasks[0].work).branches.empty());
}

}  // namespace
}  // namespace pawl::dsl
