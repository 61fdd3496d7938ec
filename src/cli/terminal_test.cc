#include "cli/terminal.h"

#include <gtest/gtest.h>

#include <cerrno>
#include <functional>

namespace pawl::cli {
namespace {

const Surroundings pipe_out{.output_is_terminal = false};
const Surroundings screen{.output_is_terminal = true};

std::string printed(const std::function<void()>& call) {
  testing::internal::CaptureStdout();
  call();
  return testing::internal::GetCapturedStdout();
}
std::string noted(const std::function<void()>& call) {
  testing::internal::CaptureStderr();
  call();
  return testing::internal::GetCapturedStderr();
}

TEST(Terminal, TablesAreForTerminals) {
  const auto show = [](const Terminal& terminal) {
    return printed([&] { terminal.table({"RUN", "WHAT"}, {{"r1", "a"}}, "none"); });
  };
  EXPECT_EQ(show(Terminal(Output::automatic, screen)), "RUN  WHAT\nr1   a\n");
  EXPECT_EQ(show(Terminal(Output::automatic, pipe_out)), "r1\ta\n");
  EXPECT_EQ(show(Terminal(Output::table, pipe_out)), "RUN  WHAT\nr1   a\n");
  EXPECT_EQ(show(Terminal(Output::tsv, screen)), "r1\ta\n");
  EXPECT_EQ(show(Terminal(Output::id, screen)), "r1\n");
}

TEST(Terminal, NothingIsNoted) {
  const Terminal terminal(Output::automatic, pipe_out);
  EXPECT_EQ(printed([&] { terminal.table({"RUN"}, {}, "no runs"); }), "");
  EXPECT_EQ(noted([&] { terminal.table({"RUN"}, {}, "no runs"); }), "no runs\n");
}

TEST(Terminal, ValuesAreIndentedForPeople) {
  const json::Value value = json::Value::object({{"a", true}});
  EXPECT_EQ(printed([&] { Terminal(Output::automatic, screen).value(value); }), "{\n  \"a\": true\n}\n");
  EXPECT_EQ(printed([&] { Terminal(Output::automatic, pipe_out).value(value); }), "{\"a\":true}\n");
  EXPECT_EQ(printed([&] { Terminal(Output::json, screen).value(value); }), "{\"a\":true}\n");
}

TEST(Terminal, CellsOfOneLine) {
  EXPECT_EQ(printed([] { Terminal(Output::automatic, screen).cells({"a", "b"}); }), "a  b\n");
  EXPECT_EQ(printed([] { Terminal(Output::automatic, pipe_out).cells({"a", "b"}); }), "a\tb\n");
}

TEST(Terminal, ColoursOnlyWhereTheyAreWanted) {
  EXPECT_EQ(Terminal(Output::automatic, screen).status("completed"), "\x1b[32mcompleted\x1b[0m");
  EXPECT_EQ(Terminal(Output::automatic, screen).status("faulted"), "\x1b[31mfaulted\x1b[0m");
  EXPECT_EQ(Terminal(Output::automatic, screen).status("waiting"), "\x1b[33mwaiting\x1b[0m");
  EXPECT_EQ(Terminal(Output::table, pipe_out).status("completed"), "completed");
  Surroundings plain = screen;
  plain.wants_color = false;
  EXPECT_EQ(Terminal(Output::automatic, plain).status("completed"), "completed");
  Surroundings dumb = screen;
  dumb.is_dumb = true;
  EXPECT_EQ(Terminal(Output::automatic, dumb).status("completed"), "completed");
}

Problem problem_of(std::string title, std::string detail, std::string instance, std::string hint) {
  return {.status = 500,
          .code = "some-code",
          .title = std::move(title),
          .detail = std::move(detail),
          .instance = std::move(instance),
          .hint = std::move(hint)};
}

TEST(ProblemText, NamesThePlaceOnce) {
  EXPECT_EQ(problem_text(problem_of("It failed", "for a reason", "/a/b", "")),
            "pawl: It failed: for a reason (/a/b) [some-code]");
  EXPECT_EQ(problem_text(problem_of("Another listens on h:1", "", "h:1", "stop it")),
            "pawl: Another listens on h:1 [some-code]\nhint: stop it");
  EXPECT_EQ(problem_text(problem_of("Gone", "refused (http://h:1/v1)", "http://h:1", "")),
            "pawl: Gone: refused (http://h:1/v1) [some-code]");
  EXPECT_EQ(problem_text(problem_of("", "only a detail", "", "")), "pawl: only a detail [some-code]");
}

TEST(ProblemText, ColoursNothingThatOthersWrote) {
  EXPECT_EQ(problem_text(problem_of("a\x1b[31m", "b\nc\td", "", "")), "pawl: a\xef\xbf\xbd[31m: b\nc d [some-code]");
}

TEST(Terminal, ProblemsAreDocumentsForPrograms) {
  const Terminal terminal(Output::json, pipe_out);
  int code = -1;
  const std::string text = noted([&] { code = terminal.problem(problem_of("It failed", "", "", "")); });
  EXPECT_NE(text.find("\"code\":\"some-code\""), std::string::npos) << text;
  EXPECT_EQ(code, Exit::failed);
}

TEST(Terminal, ExitCodes) {
  const auto code = [](int status, std::string name) {
    return Terminal::exit_code(
        {.status = status, .code = std::move(name), .title = {}, .detail = {}, .instance = {}, .hint = {}});
  };
  EXPECT_EQ(code(503, "unreachable"), Exit::unreachable);
  EXPECT_EQ(code(503, "database-unknown"), Exit::unreachable);
  EXPECT_EQ(code(400, "usage"), Exit::usage);
  EXPECT_EQ(code(400, "expression"), Exit::expression);
  EXPECT_EQ(code(404, "run-not-found"), Exit::refused);
  EXPECT_EQ(code(500, "port-in-use"), Exit::refused);
  EXPECT_EQ(code(500, "internal"), Exit::failed);
}

}  // namespace
}  // namespace pawl::cli
