#include "app/process_title.h"

#include "gtest/gtest.h"

#include <string>
#include <vector>

namespace pawl::app {
namespace {

// The arguments as /proc would show them, without the empty ends.
std::vector<std::string> shown(std::vector<std::string> arguments) {
  arguments.insert(arguments.begin(), "pawl");
  std::vector<char*> argv;
  for (std::string& each : arguments) argv.push_back(each.data());
  hide_secrets(static_cast<int>(argv.size()), argv.data());
  std::vector<std::string> all;
  for (std::size_t i = 1; i < argv.size(); ++i) {
    all.emplace_back(argv[i]);
    EXPECT_EQ(arguments[i].find_first_not_of('\0', all.back().size()), std::string::npos) << "a rest is left";
  }
  return all;
}

std::string shown_one(const std::string& argument) { return shown({argument}).front(); }

TEST(ProcessTitle, HidesPasswordsOfUrls) {
  EXPECT_EQ(shown_one("postgresql://pawl:long secret@db/pawl"), "postgresql://pawl:***@db/pawl");
  EXPECT_EQ(shown_one("--database=postgres://pawl:a/b@c:d@db:5432/pawl"),
            "--database=postgres://pawl:***@db:5432/pawl");
  EXPECT_EQ(shown_one("postgresql://db/pawl?user=pawl&password=secret&sslmode=require"),
            "postgresql://db/pawl?user=pawl&password=***&sslmode=require");
  EXPECT_EQ(shown_one("postgresql://pawl:pw@db"), "postgresql://pawl:***@d");  // it may not grow
}

TEST(ProcessTitle, HidesPasswordsOfPairs) {
  EXPECT_EQ(shown_one("host=db password=secret user=pawl"), "host=db password=*** user=pawl");
  EXPECT_EQ(shown_one(R"(host=db password = 'my \' secret' user=pawl)"), "host=db password = *** user=pawl");
  EXPECT_EQ(shown_one("sslpassword=secret password=another"), "sslpassword=*** password=***");
}

TEST(ProcessTitle, HidesTokens) {
  EXPECT_EQ(shown({"--token", "pawl_secret", "runs"}), (std::vector<std::string>{"--token", "***", "runs"}));
  EXPECT_EQ(shown({"--token=pawl_secret"}), (std::vector<std::string>{"--token=***"}));
}

TEST(ProcessTitle, LeavesTheRestAlone) {
  const std::vector<std::string> all = {
      "server",   "--listen", "0.0.0.0:7295", "--database", "postgresql://pawl@db/pawl", "postgresql://[::1]:5432/pawl",
      "password", "--token"};
  EXPECT_EQ(shown(all), all);
}

}  // namespace
}  // namespace pawl::app
