// Broken documents, made from sound ones by fixed seeds: whatever the text, compile() answers with a program or with a
// diagnostic whose place lies in the text. Run under the address and undefined-behaviour sanitizers too.
#include <gtest/gtest.h>

#include "base/random.h"
#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

constexpr int mutations_of_each_kind = 40;

// A document that uses everything, so that the test means something without the reference data.
constexpr std::string_view everything = R"(document:
  dsl: '1.0.3'
  namespace: test
  name: everything
  version: 1.0.0
  title: "Everything \u00e9"
  tags: { a: b }
  metadata: { pawl: { queue: slow } }
input: { from: '{ order: . }' }
use:
  retries: { careful: { when: .status > 499, delay: PT1S, backoff: { linear: {} }, limit: { attempt: { count: 3 } } } }
  timeouts: { short: { after: { seconds: 30 } } }
  errors: { gone: { type: https://example.com/gone, status: 410, title: "${ .why }" } }
  functions:
    send:
      call: mail.send:1.0.0@default
      with:
        to: &to "${ .to }"
        copy: *to
        text: |
          several lines
do:
  - prepare: { set: { total: "${ .order.qty * 2 }", list: &list [ 1, 2.5, 1e3, 0x1f, ~, true ] }, timeout: short }
  - pick:
      switch:
        - small: { when: .total < 5, then: last }
        - other: { then: continue }
  - loop:
      for: { each: n, at: i, in: .list }
      while: $i < 10
      do:
        - inner: { if: $n != null, call: http, with: { method: get, endpoint: "https://example.com/{id}" } }
  - attempt:
      try:
        - both: { fork: { branches: [ { x: { call: send } }, { y: { wait: { minutes: 1 } } } ] } }
      catch:
        errors: { with: { status: 503 } }
        as: problem
        retry: careful
        do: [ { note: { raise: { error: gone } } } ]
        then: last
  - last: { do: [], output: { as: . }, export: { as: "$context" } }
timeout: short
output: { as: "." }
)";

std::vector<std::string> sound_documents() {
  std::vector<std::string> documents{std::string(everything)};
  const auto folder = testing::examples_folder();
  if (!std::filesystem::exists(folder)) return documents;
  std::vector<std::filesystem::path> files;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) files.push_back(entry.path());
  std::ranges::sort(files);
  for (const auto& file : files) documents.push_back(testing::read_file(file));
  return documents;
}

std::string cut(const std::string& text, Random& random) { return text.substr(0, random.below(text.size() + 1)); }

std::string flip(std::string text, Random& random) {
  for (std::uint64_t flips = 1 + random.below(4); flips > 0; --flips) {
    text[random.below(text.size())] = static_cast<char>(random.below(256));
  }
  return text;
}

// Characters with a meaning, so that more of the mutants get past the first lines.
std::string sprinkle(std::string text, Random& random) {
  static constexpr std::string_view marks = "{}[]:,&*#?|-<>=!%@`\"'$().\n\t 0aé";
  for (std::uint64_t count = 1 + random.below(3); count > 0; --count) {
    text.insert(random.below(text.size() + 1), 1, marks[random.below(marks.size())]);
  }
  return text;
}

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream in(text);
  for (std::string line; std::getline(in, line);) lines.push_back(line + "\n");
  return lines;
}

// A line twice, a line away, or two lines swapped.
std::string shuffle(const std::string& text, Random& random) {
  std::vector<std::string> lines = lines_of(text);
  const std::size_t at = random.below(lines.size());
  switch (random.below(3)) {
    case 0:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(random.below(lines.size() + 1)), std::string(lines[at]));
      break;
    case 1:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    default:
      std::swap(lines[at], lines[random.below(lines.size())]);
  }
  std::string result;
  for (const std::string& line : lines) result += line;
  return result;
}

void expect_an_answer(const std::string& text) {
  const Compiled result = compile(text);
  bool has_error = false;
  const auto lines = static_cast<std::uint32_t>(std::ranges::count(text, '\n') + 1);
  for (const Diagnostic& diagnostic : result.diagnostics) {
    has_error = has_error || diagnostic.severity == Diagnostic::Severity::error;
    EXPECT_FALSE(diagnostic.code.empty());
    EXPECT_GE(diagnostic.line, 1u);
    EXPECT_LE(diagnostic.line, lines);
    EXPECT_GE(diagnostic.column, 1u);
  }
  EXPECT_EQ(result.program == nullptr, has_error) << text;
}

TEST(MutationTest, TheDocumentItselfIsSound) {
  const Compiled result = compile(everything);
  EXPECT_NE(result.program, nullptr) << testing::describe(result.diagnostics);
}

TEST(MutationTest, AnyTextGetsAnAnswer) {
  std::uint64_t seed = 1;
  for (const std::string& text : sound_documents()) {
    Random random(seed++);
    for (int i = 0; i < mutations_of_each_kind; ++i) {
      expect_an_answer(cut(text, random));
      expect_an_answer(flip(text, random));
      expect_an_answer(sprinkle(text, random));
      expect_an_answer(shuffle(text, random));
    }
  }
}

TEST(MutationTest, TwoCompilationsGiveTheSame) {
  Random random(42);
  for (int i = 0; i < 200; ++i) {
    const std::string text = sprinkle(std::string(everything), random);
    const Compiled first = compile(text);
    const Compiled second = compile(text);
    EXPECT_EQ(testing::describe(first.diagnostics), testing::describe(second.diagnostics));
    if (first.program && second.program) EXPECT_EQ(first.program->sha256, second.program->sha256);
  }
}

}  // namespace
}  // namespace pawl::dsl
