// What is refused, beside the one example of each code in diagnostic_codes_test.cc.
#include <gtest/gtest.h>

#include <chrono>

#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

using testing::document;

// All diagnostics as "code pointer", a line each.
std::string problems(std::string_view source) {
  std::string all;
  for (const Diagnostic& diagnostic : compile(source).diagnostics) {
    all += (all.empty() ? "" : "\n") + diagnostic.code + " " + diagnostic.pointer;
  }
  return all;
}

std::string problems_of(std::string_view rest) { return problems(document(rest)); }
// Of one task named `a`.
std::string problems_in(std::string_view task) { return problems_of("do: [ a: { " + std::string(task) + " } ]\n"); }

std::string hint_in(std::string_view task) {
  const Compiled result = compile(document("do: [ a: { " + std::string(task) + " } ]\n"));
  return result.diagnostics.empty() ? std::string() : result.diagnostics[0].hint;
}

std::string problems_with_header(std::string_view header) {
  return problems("document: { " + std::string(header) + " }\ndo: []\n");
}

TEST(RefusalTest, AllProblemsAreReportedAtOnceInTheOrderOfTheText) {
  EXPECT_EQ(problems(R"(document: { dsl: 2.0.0, namespace: -x, version: "1" }
do:
- a: { wait: nonsense, then: nowhere }
- b: { cal: http }
- a: { set: {} }
- c: { run: { shell: { command: ls } }, then: a }
outputs: {}
)"),
            "missing-member /document\n"
            "unsupported /document/dsl\n"
            "invalid-name /document/namespace\n"
            "invalid-version /document/version\n"
            "invalid-duration /do/0/a/wait\n"
            "then-scope /do/0/a/then\n"
            "unknown-task /do/1/b\n"
            "duplicate-task-name /do/2/a\n"
            "invalid-value /do/2/a/set\n"
            "unsupported /do/3/c/run\n"
            "unknown-member /outputs");
}

TEST(RefusalTest, HeaderForms) {
  const auto name = [](std::string_view text) {
    return problems_with_header("dsl: 1.0.0, version: 1.0.0, namespace: n, name: '" + std::string(text) + "'");
  };
  EXPECT_EQ(name("a"), "");
  EXPECT_EQ(name("Order-2"), "");
  EXPECT_EQ(name(std::string(63, 'x')), "");
  for (const auto& wrong : {std::string(), std::string("-a"), std::string("a-"), std::string("a.b"), std::string("a_b"),
                            std::string("ä"), std::string(64, 'x')}) {
    EXPECT_EQ(name(wrong), "invalid-name /document/name") << wrong;
  }
  const auto version = [](std::string_view text) {
    return problems_with_header("dsl: 1.0.0, namespace: n, name: n, version: '" + std::string(text) + "'");
  };
  for (const std::string_view fine : {"0.0.0", "1.2.3", "1.0.0-alpha.1", "1.0.0-0a.b-c+exp.sha.01", "10.20.30+1"}) {
    EXPECT_EQ(version(fine), "") << fine;
  }
  for (const std::string_view wrong : {"", "1", "1.0", "1.0.0.0", "01.0.0", "1.0.0-", "1.0.0-01", "1.0.0-a..b",
                                       "1.0.0+", "v1.0.0", "1.0.0 ", "latest", "-1.0.0"}) {
    EXPECT_EQ(version(wrong), "invalid-version /document/version") << wrong;
  }
  const auto dsl = [](std::string_view text) {
    return problems_with_header("namespace: n, name: n, version: 1.0.0, dsl: " + std::string(text));
  };
  EXPECT_EQ(dsl("1.0.0"), "");
  EXPECT_EQ(dsl("1.0.17"), "");
  EXPECT_EQ(dsl("1.1.0"), "unsupported /document/dsl");
  EXPECT_EQ(dsl("0.8.0"), "unsupported /document/dsl");
  EXPECT_EQ(dsl("1.0"), "invalid-type /document/dsl");  // a number
  EXPECT_EQ(dsl("'1.0'"), "invalid-version /document/dsl");
  EXPECT_EQ(problems("document: []\ndo: {}\n"), "invalid-type /document\ninvalid-type /do");
  EXPECT_EQ(problems("- a\n"), "invalid-type ");
}

TEST(RefusalTest, PartsOfTheLanguageThatAreNotSupportedYet) {
  EXPECT_EQ(problems_in("emit: { event: { with: { type: x } } }"), "unsupported /do/0/a/emit");
  EXPECT_EQ(problems_in("listen: { to: { any: [] } }, foreach: {}"), "unsupported /do/0/a/listen");
  EXPECT_EQ(problems_in("run: { workflow: {} }"), "unsupported /do/0/a/run");
  for (const std::string_view protocol : {"asyncapi", "grpc", "openapi", "a2a", "mcp"}) {
    EXPECT_EQ(problems_in("call: " + std::string(protocol)), "unsupported /do/0/a/call") << protocol;
  }
  EXPECT_EQ(problems_in("call: 'https://example.com/f.yaml'"), "unsupported /do/0/a/call");
  EXPECT_EQ(problems_in("call: 'log:1.0.0@mine'"), "unsupported /do/0/a/call");
  EXPECT_EQ(problems_in("call: pawl.each, with: { in: '${ . }' }"), "unsupported /do/0/a/call");
  EXPECT_EQ(problems_in("call: pawl.ech"), "unknown-function /do/0/a/call");
  EXPECT_EQ(problems_in("fork: { compete: true, branches: [] }"), "unsupported /do/0/a/fork/compete");
  EXPECT_EQ(problems_in("fork: { compete: false, branches: [] }"), "");
  for (const std::string_view member : {"input", "output", "export"}) {
    EXPECT_EQ(problems_in("do: [], " + std::string(member) + ": { schema: { document: {} } }"),
              "unsupported /do/0/a/" + std::string(member) + "/schema");
  }
  EXPECT_EQ(problems_of("do: []\ninput: { schema: {} }\noutput: { schema: {} }\n"),
            "unsupported /input/schema\nunsupported /output/schema");
  EXPECT_EQ(problems_of("do: []\nuse: { secrets: [], catalogs: {}, extensions: [], authentications: {} }\n"),
            "unsupported /use/secrets\nunsupported /use/catalogs\nunsupported /use/extensions\n"
            "unsupported /use/authentications");
  EXPECT_EQ(problems_of("do: []\nevaluate: { mode: loose }\n"), "unsupported /evaluate/mode");
  EXPECT_EQ(problems_of("do: []\nevaluate: { language: js }\n"), "unsupported /evaluate/language");
  EXPECT_EQ(problems_of("do: []\nevaluate: { language: jq, mode: strict }\n"), "");
  EXPECT_EQ(problems_of("do: []\nevaluate: { mode: lose }\n"), "invalid-value /evaluate/mode");
}

TEST(RefusalTest, AdditionsStandInAClosedObject) {
  for (const std::string_view later : {"compensate", "idempotencyKey", "priority", "heartbeat", "concurrency"}) {
    EXPECT_EQ(problems_in("do: [], metadata: { pawl: { " + std::string(later) + ": 1 } }"),
              "unsupported /do/0/a/metadata/pawl/" + std::string(later));
  }
  EXPECT_EQ(problems_in("do: [], metadata: { pawl: { saga: true } }"), "unknown-addition /do/0/a/metadata/pawl/saga");
  EXPECT_EQ(problems_in("try: [], catch: {}, metadata: { pawl: { saga: true } }"),
            "unsupported /do/0/a/metadata/pawl/saga");
  EXPECT_EQ(problems_in("do: [], metadata: { saga: true, any: [thing] }"), "");
  EXPECT_EQ(problems_in("do: [], metadata: []"), "invalid-type /do/0/a/metadata");
  EXPECT_EQ(problems_in("do: [], metadata: { pawl: 1 }"), "invalid-type /do/0/a/metadata/pawl");
  EXPECT_EQ(hint_in("do: [], metadata: { pawl: { prioriti: 1 } }"), "did you mean \"priority\"?");
  const auto queue = [](std::string_view value) {
    return problems_in("do: [], metadata: { pawl: { queue: " + std::string(value) + " } }");
  };
  EXPECT_EQ(queue("slow"), "");
  EXPECT_EQ(queue("5"), "invalid-type /do/0/a/metadata/pawl/queue");
  EXPECT_EQ(queue("''"), "invalid-name /do/0/a/metadata/pawl/queue");
  EXPECT_EQ(queue("'@http'"), "reserved-queue /do/0/a/metadata/pawl/queue");
  EXPECT_EQ(queue("'${ .q }'"), "unsupported /do/0/a/metadata/pawl/queue");
  EXPECT_EQ(queue(std::string(255, 'q')), "");
  EXPECT_EQ(queue(std::string(256, 'q')), "invalid-name /do/0/a/metadata/pawl/queue");
  EXPECT_EQ(problems_with_header("dsl: 1.0.0, namespace: n, name: n, version: 1.0.0, metadata: { pawl: "
                                 "{ saga: true, heartbeat: 1, queue: '@x' } }"),
            "unsupported /document/metadata/pawl/saga\nunknown-addition /document/metadata/pawl/heartbeat\n"
            "reserved-queue /document/metadata/pawl/queue");
}

TEST(RefusalTest, NamesOfTasks) {
  const auto name = [](std::string_view text) {
    return problems_of("do: [ \"" + std::string(text) + "\": { do: [] } ]\n");
  };
  for (const std::string_view fine : {"a", "a/b", "größe", "Continue", "ends"}) EXPECT_EQ(name(fine), "") << fine;
  for (const std::string_view reserved : {"continue", "exit", "end"}) {
    EXPECT_EQ(name(reserved), "reserved-task-name /do/0/" + std::string(reserved));
  }
  EXPECT_EQ(name(std::string(255, 'x')), "");
  EXPECT_EQ(name(std::string(256, 'x')), "invalid-name /do/0/" + std::string(256, 'x'));
  EXPECT_EQ(name("${ .x }"), "invalid-name /do/0/${ .x }");
  EXPECT_EQ(name(std::string(3'000, 'x')), "invalid-name /do/0/" + std::string(3'000, 'x'));
  // Eight names of 249 bytes in each other, with /do/0/ before each, leave 8 of the 2,048 bytes of a reference.
  const auto innermost = [](const std::string& last) {
    std::string text = "do: ", end;
    for (int i = 0; i < 8; ++i) {
      text += "[ " + std::string(249, 'n') + ": { do: ";
      end += " } ]";
    }
    return problems_of(text + "[ " + last + ": { do: [] } ]" + end + "\n").substr(0, 12);
  };
  EXPECT_EQ(innermost("ab"), "");
  EXPECT_EQ(innermost("abc"), "invalid-name");
  EXPECT_EQ(problems_of("do: [ f: { fork: { branches: [ a: { do: [] }, a: { do: [] } ] } } ]\n"),
            "duplicate-task-name /do/0/f/fork/branches/1/a");
  EXPECT_EQ(problems_of("do: []\nuse: { functions: { end: { do: [] } } }\n"), "reserved-task-name /use/functions/end");
  for (const std::string taken : {"http", "pawl.mine", "f@default"}) {
    EXPECT_EQ(problems_of("do: []\nuse: { functions: { '" + taken + "': { do: [] } } }\n"),
              "invalid-name /use/functions/" + taken);
  }
  EXPECT_EQ(problems_of("do: [ { a: { do: [] }, b: { do: [] } }, {}, x ]\n"),
            "invalid-type /do/0\ninvalid-type /do/1\ninvalid-type /do/2");
  EXPECT_EQ(problems_of("do: { a: { do: [] } }\n"), "invalid-type /do");
  EXPECT_EQ(problems_of("do: [ a: [] ]\n"), "invalid-type /do/0/a");
}

TEST(RefusalTest, ThenStaysInItsList) {
  EXPECT_EQ(problems_of("do:\n- f: { fork: { branches: [ x: { do: [], then: y }, y: { do: [] } ] } }\n"),
            "then-scope /do/0/f/fork/branches/0/x/then");
  EXPECT_EQ(problems_of("do:\n- t: { try: [ x: { do: [], then: n } ], catch: { then: x } }\n- n: { do: [] }\n"),
            "then-scope /do/0/t/try/0/x/then\nthen-scope /do/0/t/catch/then");
  EXPECT_EQ(problems_of("do:\n- t: { try: [], catch: { then: n } }\n- n: { do: [] }\n"), "");
  EXPECT_EQ(problems_in("do: [], then: 1"), "invalid-type /do/0/a/then");
  EXPECT_EQ(problems_in("do: [], then: '${ .next }'"), "invalid-name /do/0/a/then");
  EXPECT_EQ(hint_in("do: [], then: ende"), "did you mean \"end\"?");
  EXPECT_EQ(hint_in("do: [], then: elsewhere"),
            "then names a task of the same list; to leave the list, use exit or end");
  EXPECT_EQ(problems_of("do: []\nuse: { functions: { f: { do: [], then: g }, g: { do: [] } } }\n"),
            "then-scope /use/functions/f/then");
}

TEST(RefusalTest, ShapesOfTasks) {
  EXPECT_EQ(problems_in("set: 5"), "invalid-type /do/0/a/set");
  EXPECT_EQ(problems_in("set: {}"), "invalid-value /do/0/a/set");
  EXPECT_EQ(problems_in("set: [1]"), "invalid-type /do/0/a/set");
  EXPECT_EQ(problems_in("if: true, do: []"), "invalid-type /do/0/a/if");
  EXPECT_EQ(problems_in("switch: []"), "invalid-value /do/0/a/switch");
  EXPECT_EQ(problems_in("switch: {}"), "invalid-type /do/0/a/switch");
  EXPECT_EQ(problems_in("switch: [ b: { when: .x } ]"), "missing-member /do/0/a/switch/0/b");
  EXPECT_EQ(problems_in("switch: [ b: { wen: .x, then: end } ]"), "unknown-member /do/0/a/switch/0/b/wen");
  EXPECT_EQ(problems_in("switch: [ b ]"), "invalid-type /do/0/a/switch/0");
  EXPECT_EQ(problems_in("for: { each: x }, do: []"), "missing-member /do/0/a/for");
  EXPECT_EQ(problems_in("for: { in: . }"), "missing-member /do/0/a");
  EXPECT_EQ(problems_in("for: { in: [1] }, do: []"), "invalid-type /do/0/a/for/in/0");
  EXPECT_EQ(problems_in("for: { in: {} }, do: []"), "invalid-type /do/0/a/for/in");
  EXPECT_EQ(problems_in("for: { each: item, at: item, in: . }, do: []"), "duplicate-variable /do/0/a/for");
  EXPECT_EQ(problems_in("do: [], while: .x"), "unknown-member /do/0/a/while");
  EXPECT_EQ(problems_in("fork: {}"), "missing-member /do/0/a/fork");
  EXPECT_EQ(problems_in("fork: { branches: [], compete: 1 }"), "invalid-type /do/0/a/fork/compete");
  EXPECT_EQ(problems_in("try: []"), "missing-member /do/0/a");
  EXPECT_EQ(problems_in("catch: {}"), "unknown-task /do/0/a");
  EXPECT_EQ(problems_in("raise: {}"), "missing-member /do/0/a/raise");
  EXPECT_EQ(problems_in("raise: { error: { type: x } }"), "missing-member /do/0/a/raise/error");
  EXPECT_EQ(problems_in("raise: { error: { type: x, status: '400' } }"), "invalid-type /do/0/a/raise/error/status");
  EXPECT_EQ(problems_in("raise: { error: { type: x, status: 99 } }"), "invalid-value /do/0/a/raise/error/status");
  EXPECT_EQ(problems_in("raise: { error: { type: x, status: 400, instance: x } }"),
            "invalid-value /do/0/a/raise/error/instance");
  EXPECT_EQ(problems_in("raise: { error: gone }"), "unresolved-name /do/0/a/raise/error");
  EXPECT_EQ(problems_in("raise: { error: 5 }"), "invalid-type /do/0/a/raise/error");
  EXPECT_EQ(hint_in("cal: x.y"), "did you mean \"call\"?");
}

// One mistake is one error: what is misspelt is not missing, too.
TEST(RefusalTest, MisspeltRequiredMembers) {
  EXPECT_EQ(problems_in("call: http, with: { methd: get, endpoint: 'https://h/' }"),
            "unknown-member /do/0/a/with/methd");
  EXPECT_EQ(problems_in("switch: [ b: { when: .x, thn: end } ]"), "unknown-member /do/0/a/switch/0/b/thn");
  EXPECT_EQ(problems_in("try: [], cach: {}"), "unknown-member /do/0/a/cach");
  EXPECT_EQ(problems_in("do: [], timeout: { aftr: PT1S }"), "unknown-member /do/0/a/timeout/aftr");
  // Something else is missing, or what is misspelt is there.
  EXPECT_EQ(problems_in("call: http, with: { methd: get }"),
            "missing-member /do/0/a/with\nunknown-member /do/0/a/with/methd");
  EXPECT_EQ(problems_in("call: http, with: { method: get, methd: get, endpoint: 'https://h/' }"),
            "unknown-member /do/0/a/with/methd");
  EXPECT_EQ(problems_in("call: http, with: { verb: get, endpoint: 'https://h/' }"),
            "missing-member /do/0/a/with\nunknown-member /do/0/a/with/verb");
}

TEST(RefusalTest, DurationsAndTimeouts) {
  EXPECT_EQ(problems_in("wait: {}"), "invalid-duration /do/0/a/wait");
  EXPECT_EQ(problems_in("wait: { years: 1 }"), "unknown-member /do/0/a/wait/years");
  EXPECT_EQ(problems_in("wait: { seconds: 1.5 }"), "invalid-type /do/0/a/wait/seconds");
  EXPECT_EQ(problems_in("wait: { seconds: '${ .n }' }"), "invalid-type /do/0/a/wait/seconds");
  EXPECT_EQ(problems_in("wait: { days: 9223372036854775807 }"), "invalid-duration /do/0/a/wait");
  EXPECT_EQ(problems_in("wait: -PT5S"), "negative-duration /do/0/a/wait");
  EXPECT_EQ(problems_in("wait: PT1.5H"), "invalid-duration /do/0/a/wait");
  EXPECT_EQ(problems_in("wait: null"), "invalid-type /do/0/a/wait");
  EXPECT_EQ(problems_in("do: [], timeout: {}"), "missing-member /do/0/a/timeout");
  EXPECT_EQ(problems_in("do: [], timeout: 5"), "invalid-type /do/0/a/timeout");
  EXPECT_EQ(problems_in("do: [], timeout: '${ .t }'"), "invalid-name /do/0/a/timeout");
  EXPECT_EQ(hint_in("do: [], timeout: PT10S"), "text is the name of a timeout here; a duration is {after: PT10S}");
  EXPECT_EQ(problems_of("do: [ a: { do: [], timeout: shrt } ]\nuse: { timeouts: { short: { after: PT1S } } }\n"),
            "unresolved-name /do/0/a/timeout");
}

TEST(RefusalTest, CatchAndRetry) {
  const auto handler = [](std::string_view text) {
    return problems_in("try: [], catch: { " + std::string(text) + " }");
  };
  EXPECT_EQ(handler("errors: { with: {} }"), "invalid-value /do/0/a/catch/errors/with");
  EXPECT_EQ(handler("errors: { with: { status: '503' } }"), "invalid-type /do/0/a/catch/errors/with/status");
  EXPECT_EQ(handler("errors: { with: { code: x } }"), "unknown-member /do/0/a/catch/errors/with/code");
  EXPECT_EQ(handler("errors: { with: { type: '${ .t }' } }"),
            "literal-looks-like-expression /do/0/a/catch/errors/with/type");
  EXPECT_EQ(handler("as: $e"), "invalid-name /do/0/a/catch/as");
  EXPECT_EQ(handler("retry: often"), "unresolved-name /do/0/a/catch/retry");
  EXPECT_EQ(handler("retry: 5"), "invalid-type /do/0/a/catch/retry");
  EXPECT_EQ(handler("retry: { backoff: {} }"), "invalid-value /do/0/a/catch/retry/backoff");
  EXPECT_EQ(handler("retry: { backoff: { linear: {}, constant: {} } }"), "invalid-value /do/0/a/catch/retry/backoff");
  EXPECT_EQ(handler("retry: { backoff: { linear: { by: 1 } } }"),
            "unknown-member /do/0/a/catch/retry/backoff/linear/by");
  EXPECT_EQ(handler("retry: { backoff: { square: {} } }"),
            "invalid-value /do/0/a/catch/retry/backoff\nunknown-member /do/0/a/catch/retry/backoff/square");
  EXPECT_EQ(handler("retry: { limit: { attempt: { count: -1 } } }"),
            "invalid-value /do/0/a/catch/retry/limit/attempt/count");
  EXPECT_EQ(handler("retry: { limit: { attempt: { count: 1.5 } } }"),
            "invalid-type /do/0/a/catch/retry/limit/attempt/count");
  EXPECT_EQ(handler("retry: { limit: { attempt: { count: 0 } } }"), "");
  EXPECT_EQ(handler("retry: { jitter: { from: PT1S } }"), "missing-member /do/0/a/catch/retry/jitter");
  EXPECT_EQ(handler("retry: { jitter: { from: PT2S, to: PT1S } }"), "invalid-value /do/0/a/catch/retry/jitter");
  EXPECT_EQ(handler("retry: { jitter: { from: PT1S, to: PT1S } }"), "");
}

TEST(RefusalTest, Calls) {
  const auto http = [](std::string_view with) {
    return problems_in("call: http, with: { method: get, endpoint: 'https://h/', " + std::string(with) + " }");
  };
  EXPECT_EQ(problems_in("call: http"), "missing-member /do/0/a");
  EXPECT_EQ(problems_in("call: http, with: {}"), "missing-member /do/0/a/with\nmissing-member /do/0/a/with");
  EXPECT_EQ(http("output: response"), "");
  EXPECT_EQ(http("headers: []"), "invalid-type /do/0/a/with/headers");
  EXPECT_EQ(http("headers: plain"), "invalid-type /do/0/a/with/headers");
  EXPECT_EQ(http("headers: { X-Count: 5 }"), "invalid-type /do/0/a/with/headers/X-Count");
  EXPECT_EQ(http("headers: { 'a b': x }"), "invalid-value /do/0/a/with/headers/a b");
  EXPECT_EQ(http("headers: { a: \"x\\r\\nb: y\" }"), "invalid-value /do/0/a/with/headers/a");
  EXPECT_EQ(http("query: { n: 5 }"), "invalid-type /do/0/a/with/query/n");
  EXPECT_EQ(http("redirect: 'yes'"), "invalid-type /do/0/a/with/redirect");
  EXPECT_EQ(http("bdy: 1"), "unknown-member /do/0/a/with/bdy");
  const auto endpoint = [](std::string_view value) {
    return problems_in("call: http, with: { method: get, endpoint: " + std::string(value) + " }");
  };
  for (const std::string_view fine :
       {"'http://h'", "'HTTPS://h:8080/a?b={c}'", "'${ .url }'", "{ uri: 'https://h/{id}' }"}) {
    EXPECT_EQ(endpoint(fine), "") << fine;
  }
  for (const std::string_view wrong : {"'file:///x'", "'h/x'", "'/x'", "'https://'", "'https:///x'", "'{base}/x'",
                                       "'ftp://h'", "'https://h/a b'", "''"}) {
    EXPECT_EQ(endpoint(wrong), "invalid-uri /do/0/a/with/endpoint") << wrong;
  }
  EXPECT_EQ(endpoint("'https://h/${.id}'"), "literal-looks-like-expression /do/0/a/with/endpoint");
  EXPECT_EQ(endpoint("{ uri: 'https://h/', authentication: { basic: {} } }"),
            "unsupported /do/0/a/with/endpoint/authentication");
  EXPECT_EQ(endpoint("{}"), "missing-member /do/0/a/with/endpoint");
  EXPECT_EQ(problems_in("call: '${ .f }'"), "invalid-name /do/0/a/call");
  EXPECT_EQ(problems_in("call: 5"), "invalid-type /do/0/a/call");
  EXPECT_EQ(problems_in("call: 'shop.charge:1.0.0'"), "invalid-name /do/0/a/call");
  EXPECT_EQ(problems_in("call: 'shop.charge@default'"), "invalid-version /do/0/a/call");
  EXPECT_EQ(problems_in("call: 'shop.charge:latest@default'"), "invalid-version /do/0/a/call");
  EXPECT_EQ(problems_in("call: shop..charge"), "invalid-name /do/0/a/call");
  EXPECT_EQ(problems_in("call: shop.charge, with: []"), "invalid-type /do/0/a/with");
  EXPECT_EQ(hint_in("call: htp"), "did you mean \"http\"?");
  EXPECT_EQ(hint_in("call: notify"), "an action for a worker has a dot in its name: pack.action");
}

TEST(RefusalTest, FunctionsMayNotRecurse) {
  EXPECT_EQ(problems_of("do: [ a: { call: f } ]\nuse: { functions: { f: { call: f } } }\n"),
            "recursive-function /use/functions/f/call");
  EXPECT_EQ(
      problems_of("do: []\nuse: { functions: { a: { do: [ x: { call: b } ] }, b: { call: c }, c: { call: a } } }\n"),
      "recursive-function /use/functions/a/do/0/x/call\nrecursive-function /use/functions/b/call\n"
      "recursive-function /use/functions/c/call");
  EXPECT_EQ(problems_of("do: []\nuse: { functions: { a: { do: [ x: { call: b }, y: { call: c } ] }, b: { call: c }, c: "
                        "{ do: [] } } }\n"),
            "");
}

TEST(RefusalTest, WhatIsNotUsedIsCheckedToo) {
  EXPECT_EQ(problems_of("do: []\nuse: { retries: { r: { dela: PT1S } }, errors: { e: { status: 400 } }, "
                        "timeouts: { t: { after: soon } }, functions: { f: { wait: never } } }\n"),
            "unknown-member /use/retries/r/dela\nmissing-member /use/errors/e\n"
            "invalid-duration /use/timeouts/t/after\ninvalid-duration /use/functions/f/wait");
  EXPECT_EQ(problems_of("do: []\nuse: { retries: [], timeouts: { t: PT1S } }\n"),
            "invalid-type /use/retries\ninvalid-type /use/timeouts/t");
  EXPECT_EQ(problems_of("do: []\nuse: { retrys: {} }\n"), "unknown-member /use/retrys");
}

TEST(FlowWarningTest, LoopsNeedAWait) {
  EXPECT_EQ(problems_of("do:\n- a: { do: [] }\n- b: { if: .x, do: [], then: a }\n"), "loop-without-wait /do/1/b/then");
  EXPECT_EQ(problems_of("do:\n- a: { if: .x, do: [], then: a }\n"), "loop-without-wait /do/0/a/then");
  EXPECT_EQ(problems_of("do:\n- a: { wait: PT1S }\n- b: { if: .x, do: [], then: a }\n"), "");
  EXPECT_EQ(problems_of("do:\n- w: { wait: PT1S }\n- a: { do: [] }\n- b: { if: .x, do: [], then: a }\n"),
            "loop-without-wait /do/2/b/then");
  EXPECT_EQ(problems_of("do:\n- a: { do: [ w: { wait: PT1S } ] }\n- b: { if: .x, do: [], then: a }\n"), "");
  EXPECT_EQ(problems_of("do:\n- a: { call: f }\n- b: { if: .x, do: [], then: a }\n"
                        "use: { functions: { f: { call: g }, g: { wait: PT1S } } }\n"),
            "");
  EXPECT_EQ(problems_of("do:\n- a: { do: [] }\n- b: { switch: [ c: { when: .x, then: a }, d: { then: end } ] }\n"),
            "loop-without-wait /do/1/b/switch/0/c/then");
  EXPECT_EQ(problems_of("do:\n- a: { do: [] }\n- b: { try: [], catch: { then: a } }\n"),
            "loop-without-wait /do/1/b/catch/then");
}

TEST(FlowWarningTest, UnreachableTasks) {
  EXPECT_EQ(problems_of("do:\n- a: { do: [], then: c }\n- b: { do: [] }\n- c: { do: [] }\n"),
            "unreachable-task /do/1/b");
  EXPECT_EQ(problems_of("do:\n- a: { do: [], then: exit }\n- b: { do: [], then: c }\n- c: { do: [] }\n"),
            "unreachable-task /do/1/b\nunreachable-task /do/2/c");
  EXPECT_EQ(problems_of("do:\n- a: { raise: { error: { type: x, status: 400 } } }\n- b: { do: [] }\n"),
            "unreachable-task /do/1/b");
  EXPECT_EQ(problems_of("do:\n- a: { if: .x, raise: { error: { type: x, status: 400 } } }\n- b: { do: [] }\n"), "");
  EXPECT_EQ(problems_of("do:\n- a: { switch: [ x: { then: c } ] }\n- b: { do: [] }\n- c: { do: [] }\n"),
            "unreachable-task /do/1/b");
  EXPECT_EQ(problems_of("do:\n- a: { switch: [ x: { when: .x, then: c } ] }\n- b: { do: [] }\n- c: { do: [] }\n"), "");
  EXPECT_EQ(problems_of("do:\n- a: { try: [], catch: { then: c }, then: end }\n- b: { do: [] }\n- c: { do: [] }\n"),
            "unreachable-task /do/1/b");
}

TEST(FlowWarningTest, BranchesThatExport) {
  EXPECT_EQ(
      problems_of(
          "do:\n- f: { fork: { branches: [ x: { do: [ e: { do: [], export: { as: . } } ] }, y: { call: g } ] } }\n"
          "use: { functions: { g: { do: [], export: { as: . } } } }\n"),
      "fork-export-conflict /do/0/f/fork/branches");
  EXPECT_EQ(
      problems_of(
          "do:\n- f: { fork: { branches: [ x: { do: [], export: { as: . } }, y: { do: [] } ] }, export: { as: . } }\n"),
      "");
}

// Documents that try to make the compiler slow, all within the limits.
TEST(CompileTimeTest, StaysLinear) {
  std::string many = "do:\n";
  while (many.size() < 1'000'000)
    many += "- t" + std::to_string(many.size()) + ": { set: { x: '${ .a + 1 }', y: [1, 2] } }\n";
  std::string unknown = "do:\n- a: { do: [] }\n";
  while (unknown.size() < 1'000'000) unknown += "x" + std::to_string(unknown.size()) + ": 1\n";
  std::string chain = "do: []\nuse:\n  functions:\n    f0: { do: [] }\n";
  for (int i = 1; i < 9'000; ++i) chain += "    f" + std::to_string(i) + ": { call: f" + std::to_string(i - 1) + " }\n";
  std::string backward = "do:\n- a: { do: [] }\n";
  for (int i = 0; i < 9'000; ++i) backward += "- t" + std::to_string(i) + ": { if: .x, do: [], then: a }\n";
  std::string policy = "use: { retries: { r: { when: '" + std::string(15'000, ' ') + ".x' } } }\ndo:\n";
  for (int i = 0; i < 4'900; ++i) policy += "- t" + std::to_string(i) + ": { try: [], catch: { retry: r } }\n";
  std::string wrong = "do: [ a: { set: { x: [ 1";
  while (wrong.size() < 1'000'000) wrong += ", '${ nonsens }'";
  wrong += " ] } } ]\n";
  for (const std::string& text : {many, unknown, chain, backward, policy, wrong}) {
    const auto start = std::chrono::steady_clock::now();
    const Compiled result = compile(document(text), {.bytes = 2 << 20});
    const auto taken = std::chrono::steady_clock::now() - start;
    EXPECT_FALSE(result.program == nullptr && result.diagnostics.empty());
    EXPECT_LT(taken, std::chrono::seconds{20}) << text.substr(0, 80);  // quadratic, it would be minutes
  }
}

}  // namespace
}  // namespace pawl::dsl
