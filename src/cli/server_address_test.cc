#include "cli/server_address.h"

#include <gtest/gtest.h>

#include <cstdlib>
#include <filesystem>

#include "app/dev_directory.h"
#include "cli/database.h"

namespace pawl::cli {
namespace {

class ServerAddressTest : public testing::Test {
 protected:
  void SetUp() override {
    char made[] = "/tmp/pawl-address-XXXXXX";
    ASSERT_NE(mkdtemp(made), nullptr);
    folder_ = made;
    for (const char* name : {"PAWL_URL", "PAWL_TOKEN", "PAWL_DATABASE_URL"}) unsetenv(name);
  }
  void TearDown() override {
    for (const char* name : {"PAWL_URL", "PAWL_TOKEN", "PAWL_DATABASE_URL"}) unsetenv(name);
    std::filesystem::remove_all(folder_);
  }
  ServerAddress here() const { return {.url = {}, .token = {}, .data_dir = folder_}; }
  void leave() const { ASSERT_TRUE(app::write_dev_client(folder_, {"http://dev:1", "dev-token", "dev-database"})); }

  std::string folder_;
};

TEST_F(ServerAddressTest, OptionsGoBeforeTheEnvironment) {
  setenv("PAWL_URL", "http://variable:1", 1);
  setenv("PAWL_TOKEN", "variable-token", 1);
  const auto said = find_server({.url = "http://option:1", .token = "option-token", .data_dir = {}});
  ASSERT_TRUE(said);
  EXPECT_EQ(said->url.value, "http://option:1");
  EXPECT_EQ(said->url.source, "--url");
  EXPECT_EQ(said->token.value, "option-token");
  const auto variable = find_server({});
  ASSERT_TRUE(variable);
  EXPECT_EQ(variable->url.value, "http://variable:1");
  EXPECT_EQ(variable->url.source, "PAWL_URL");
  EXPECT_EQ(variable->token.source, "PAWL_TOKEN");
}

TEST_F(ServerAddressTest, ANamedDevGoesBeforeTheEnvironment) {
  leave();
  setenv("PAWL_URL", "http://variable:1", 1);
  setenv("PAWL_TOKEN", "variable-token", 1);
  setenv("PAWL_DATABASE_URL", "variable-database", 1);
  const auto found = find_server(here());
  ASSERT_TRUE(found);
  EXPECT_EQ(found->url.value, "http://dev:1");
  EXPECT_EQ(found->url.source, "pawl dev in " + folder_);
  EXPECT_EQ(found->token.value, "dev-token");
  EXPECT_EQ(find_database({}, here()).value(), "dev-database");
  EXPECT_EQ(find_database("option-database", here()).value(), "option-database");
  EXPECT_EQ(find_database({}, {}).value(), "variable-database");
}

TEST_F(ServerAddressTest, AnotherServerDoesNotGetTheTokenOfDev) {
  leave();
  ServerAddress other = here();
  other.url = "http://elsewhere:1";
  EXPECT_EQ(find_server(other).value().token.value, "");
  other.url = "http://dev:1";
  EXPECT_EQ(find_server(other).value().token.value, "dev-token");
}

TEST_F(ServerAddressTest, NothingKnownIsAProblemThatSaysWhere) {
  const auto server = find_server(here());
  ASSERT_FALSE(server);
  EXPECT_EQ(server.error().code, "unreachable");
  EXPECT_EQ(server.error().detail, "no pawl dev has run in " + folder_);
  const auto database = find_database({}, here());
  ASSERT_FALSE(database);
  EXPECT_EQ(database.error().code, "database-unknown");
}

}  // namespace
}  // namespace pawl::cli
