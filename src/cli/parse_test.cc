#include "cli/parse.h"

#include <gtest/gtest.h>

#include <vector>

namespace pawl::cli {
namespace {

std::expected<Invocation, Message> parsed(std::vector<const char*> words) {
  words.insert(words.begin(), "pawl");
  return parse(static_cast<int>(words.size()), words.data());
}

template <class Options>
Options options_of(std::vector<const char*> words) {
  const auto invocation = parsed(std::move(words));
  EXPECT_TRUE(invocation) << invocation.error().text;
  if (!invocation || !std::holds_alternative<Options>(invocation->command)) return {};
  return std::get<Options>(invocation->command);
}

std::string refused(std::vector<const char*> words) {
  const auto invocation = parsed(std::move(words));
  if (invocation) return "taken";
  EXPECT_EQ(invocation.error().exit, Exit::usage);
  return invocation.error().text;
}

std::string help(std::vector<const char*> words) {
  const auto invocation = parsed(std::move(words));
  if (invocation) return "taken";
  EXPECT_EQ(invocation.error().exit, Exit::done);
  return invocation.error().text;
}

TEST(Parse, Following) {
  EXPECT_FALSE(options_of<cli::Run>({"run", "a/b"}).follow);
  EXPECT_TRUE(options_of<cli::Run>({"run", "a/b", "--follow"}).follow);
  const auto follow = options_of<RunsFollow>({"runs", "follow", "r1", "--after", "7", "--at-most", "5m"});
  EXPECT_EQ(follow.id, "r1");
  EXPECT_EQ(follow.after, 7u);
  EXPECT_EQ(follow.at_most, "5m");
  EXPECT_NE(refused({"runs", "follow", "r1", "--after", "-1"}), "taken");
  EXPECT_FALSE(options_of<RunsLogs>({"runs", "logs", "r1"}).follow);
  EXPECT_TRUE(options_of<RunsLogs>({"runs", "logs", "r1", "--follow"}).follow);
  EXPECT_EQ(options_of<Explain>({"explain", "r1"}).id, "r1");
}

TEST(Parse, Defaults) {
  const auto dev = options_of<Dev>({"dev"});
  EXPECT_EQ(dev.name, "default");
  EXPECT_FALSE(dev.listen_given);
  EXPECT_EQ(dev.loops, 2U);
  const auto server = options_of<Server>({"server"});
  EXPECT_EQ(server.listen, "127.0.0.1:7295");
  EXPECT_EQ(server.metrics_listen, "");
  const auto run = options_of<cli::Run>({"run", "a/b"});
  EXPECT_EQ(run.definition, "a/b");
  EXPECT_FALSE(run.wait);
  EXPECT_TRUE(options_of<Deploy>({"deploy", "f"}).activate);
  EXPECT_EQ(options_of<Bench>({"bench", "start"}).count, std::nullopt);
  EXPECT_EQ(options_of<Bench>({"bench", "fan-100"}).workload, "fan-100");
  EXPECT_EQ(options_of<Bench>({"bench", "start", "--rate", "50"}).rate, 50U);
  EXPECT_EQ(options_of<Bench>({"bench", "tenants", "--tenants", "20"}).tenants, 20U);
}

TEST(Parse, Values) {
  const auto run =
      options_of<cli::Run>({"run", "a/b", "--input", "{}", "--key", "k", "--wait", "--wait-at-most", "5m"});
  EXPECT_EQ(run.input, "{}");
  EXPECT_EQ(run.key, "k");
  EXPECT_TRUE(run.wait);
  EXPECT_EQ(run.wait_at_most, "5m");
  EXPECT_EQ(options_of<cli::Run>({"run", "a/b", "--input", "-"}).input, "-");
  EXPECT_EQ(options_of<cli::Run>({"run", "a/b", "--input=-1"}).input, "-1");
  EXPECT_TRUE(options_of<Dev>({"dev", "--listen", "h:1"}).listen_given);
  EXPECT_FALSE(options_of<Deploy>({"deploy", "--no-activate", "f"}).activate);
  EXPECT_EQ(options_of<Deploy>({"deploy", "f", "g", "-"}).files, (std::vector<std::string>{"f", "g", "-"}));
  EXPECT_EQ(options_of<RunsWait>({"runs", "wait", "r1", "r2", "--at-most", "1s"}).ids,
            (std::vector<std::string>{"r1", "r2"}));
  EXPECT_TRUE(options_of<Eval>({"eval", "-r", "-n", "1"}).raw);
  EXPECT_EQ(options_of<RunsList>({"runs", "list", "--limit", "200"}).limit, 200U);
}

TEST(Parse, OutputStandsAnywhere) {
  for (const std::vector<const char*>& words : {std::vector<const char*>{"-o", "json", "runs", "list"},
                                                {"runs", "-o", "json", "list"},
                                                {"runs", "list", "-o", "json"},
                                                {"runs", "list", "--output=json"}}) {
    const auto invocation = parsed(words);
    ASSERT_TRUE(invocation) << invocation.error().text;
    EXPECT_EQ(invocation->output, Output::json);
  }
  EXPECT_EQ(parsed({"runs", "list"})->output, Output::automatic);
  EXPECT_EQ(parsed({"runs", "list", "-o", "table"})->output, Output::table);
  EXPECT_EQ(parsed({"runs", "list", "-o", "tsv"})->output, Output::tsv);
}

TEST(Parse, IdsAreForCommandsThatPrintSome) {
  EXPECT_EQ(parsed({"run", "a/b", "-o", "id"})->output, Output::id);
  EXPECT_EQ(parsed({"runs", "list", "-o", "id"})->output, Output::id);
  EXPECT_NE(refused({"runs", "events", "r", "-o", "id"}).find("--output id"), std::string::npos);
  EXPECT_NE(refused({"version", "-o", "id"}).find("--output id"), std::string::npos);
}

TEST(Parse, WrongUsageIsToldWithAHint) {
  EXPECT_NE(refused({"deplo", "f"}).find("did you mean \"deploy\"?"), std::string::npos);
  EXPECT_NE(refused({"runs", "cancle", "r"}).find("no command runs cancle: did you mean \"cancel\"?"),
            std::string::npos);
  EXPECT_NE(refused({"qqqqqq"}).find("there is no command qqqqqq\n"), std::string::npos);
  for (const std::vector<const char*>& words : {std::vector<const char*>{"run"},
                                                {"run", "a/b", "--nonsense"},
                                                {"runs", "list", "--limit", "0"},
                                                {"runs", "list", "--limit", "201"},
                                                {"dev", "--loops", "9"},
                                                {"bench", "nonsense"},
                                                {"bench", "start", "--rate", "0"},
                                                {"bench", "start", "--tenants", "20000"},
                                                {"runs", "list", "-o", "xml"},
                                                {"deploy"},
                                                {"runs", "wait"},
                                                {"run", "a/b", "c/d"},
                                                {"--log-level", "loud", "dev"}}) {
    EXPECT_TRUE(refused(words).starts_with("pawl: ")) << refused(words);
  }
}

TEST(Parse, WhatIsTooMuchAndWhatIsMissing) {
  EXPECT_EQ(refused({"runs", "list", "--limt", "5"}),
            "pawl: pawl runs list has no option --limt: did you mean \"--limit\"?\nTry pawl runs list --help.\n");
  EXPECT_EQ(refused({"run", "a/b", "--versoin=2"}),
            "pawl: pawl run has no option --versoin: did you mean \"--version\"?\nTry pawl run --help.\n");
  EXPECT_EQ(refused({"run", "a/b", "c/d"}), "pawl: pawl run takes no more arguments: c/d\nTry pawl run --help.\n");
  EXPECT_EQ(refused({"dev", "--listen"}), "pawl: --listen needs a value\nTry pawl dev --help.\n");
  EXPECT_EQ(refused({"deploy"}), "pawl: FILE is required\nTry pawl deploy --help.\n");
  EXPECT_EQ(refused({"runs", "cancle"}),
            "pawl: there is no command runs cancle: did you mean \"cancel\"?\nTry pawl runs --help.\n");
}

TEST(Parse, HelpOfACommandThatIsNotSaid) {
  EXPECT_NE(refused({}).find("Subcommands:"), std::string::npos);
  EXPECT_NE(refused({"runs"}).find("cancel"), std::string::npos);
  EXPECT_NE(refused({"runs"}).find("Usage: pawl runs ["), std::string::npos);
}

TEST(Parse, HelpEndsWithAnExample) {
  for (const std::vector<const char*>& words : {std::vector<const char*>{"--help"},
                                                {"help"},
                                                {"runs", "--help"},
                                                {"help", "runs", "list"},
                                                {"db", "--help"},
                                                {"version", "--help"},
                                                {"env", "-h"},
                                                {"run", "--help"},
                                                {"help", "token"}}) {
    const std::string text = help(words);
    const std::size_t example = text.find("\nExample:\n  pawl ");
    ASSERT_NE(example, std::string::npos) << text;
    EXPECT_EQ(std::count(text.begin() + static_cast<std::ptrdiff_t>(example) + 1, text.end(), '\n'), 2) << text;
  }
  EXPECT_EQ(help({"help", "run"}), help({"run", "--help"}));
  EXPECT_TRUE(refused({"help", "nonsense"}).starts_with("pawl: there is no command nonsense"));
}

TEST(Parse, VersionIsThatOfTheCommand) { EXPECT_TRUE(help({"--version"}).starts_with("pawl 0.")); }

TEST(Parse, LogLevels) {
  EXPECT_EQ(parsed({"dev"})->log_level, LogLevel::info);
  EXPECT_EQ(parsed({"dev", "--log-level", "error"})->log_level, LogLevel::error);
}

}  // namespace
}  // namespace pawl::cli
