#include "store/definitions.h"

#include "json/write.h"
#include "store/test_fixture.h"

namespace pawl::store {

namespace {

class PgDefinitions : public test::PgTest {
 protected:
  PgDefinitions() : definitions_(io_, {.conninfo = database_.conninfo(), .connections = 4}) {}

  // A document of shop/order whose content is `text`.
  Deployment deployment(std::string version, const std::string& text, bool activate = true) {
    auto program = std::make_shared<dsl::Program>();
    program->namespace_ = "shop";
    program->name = "order";
    program->version = std::move(version);
    program->document = json::Value::object({{"do", text}});
    program->sha256 = sha256(json::to_text(program->document));
    return {.tenant = a(),
            .program = program,
            .source = "source of " + text,
            .source_type = "application/yaml",
            .activate = activate};
  }
  Result<Deployed> deploy(Deployment wanted) {
    return answer_of<Deployed>([&](Done<Deployed> then) { definitions_.deploy(std::move(wanted), std::move(then)); });
  }
  std::string active() {
    return database_.value(
        "SELECT version FROM pawl.workflow_definitions d JOIN pawl.workflow_definition_versions v"
        " ON v.version_id = d.active_version_id");
  }

  Definitions definitions_;
};

TEST_F(PgDefinitions, TheFirstDeploymentMakesDefinitionAndVersion) {
  const Result<Deployed> deployed = deploy(deployment("1.0.0", "one"));
  ASSERT_TRUE(deployed) << deployed.error().detail;
  EXPECT_TRUE(deployed->created);
  EXPECT_TRUE(deployed->active);
  EXPECT_EQ(database_.value("SELECT definition_id FROM pawl.workflow_definitions"), deployed->definition.text());
  EXPECT_EQ(database_.value("SELECT version_id FROM pawl.workflow_definition_versions"), deployed->version.text());
  EXPECT_EQ(database_.value("SELECT convert_from(source, 'UTF8') FROM pawl.workflow_definition_versions"),
            "source of one");
  EXPECT_EQ(database_.value("SELECT document FROM pawl.workflow_definition_versions"), "{\"do\": \"one\"}");
  EXPECT_EQ(active(), "1.0.0");
}

TEST_F(PgDefinitions, TheSameDocumentAgainChangesNothing) {
  const Result<Deployed> one = deploy(deployment("1.0.0", "one"));
  const std::string updated = database_.value("SELECT updated_at FROM pawl.workflow_definitions");
  const Result<Deployed> again = deploy(deployment("1.0.0", "one"));
  ASSERT_TRUE(one && again);
  EXPECT_FALSE(again->created);
  EXPECT_TRUE(again->active);
  EXPECT_EQ(again->version, one->version);
  EXPECT_EQ(database_.value("SELECT updated_at FROM pawl.workflow_definitions"), updated);
}

TEST_F(PgDefinitions, AnotherDocumentUnderTheSameVersionIsRefusedAndActivatesNothing) {
  ASSERT_TRUE(deploy(deployment("1.0.0", "one")));
  ASSERT_TRUE(deploy(deployment("2.0.0", "two")));
  const Result<Deployed> refused = deploy(deployment("1.0.0", "other"));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().status, 409);
  EXPECT_EQ(refused.error().code, "version-exists");
  EXPECT_EQ(active(), "2.0.0");
  EXPECT_EQ(database_.value("SELECT count(*) FROM pawl.workflow_definition_versions"), "2");
}

TEST_F(PgDefinitions, ADeploymentMayLeaveWhatIsActiveAndMayGoBack) {
  ASSERT_TRUE(deploy(deployment("1.0.0", "one")));
  const Result<Deployed> aside = deploy(deployment("2.0.0", "two", false));
  ASSERT_TRUE(aside);
  EXPECT_TRUE(aside->created);
  EXPECT_FALSE(aside->active);
  EXPECT_EQ(active(), "1.0.0");
  ASSERT_TRUE(deploy(deployment("2.0.0", "two")));
  EXPECT_EQ(active(), "2.0.0");
  ASSERT_TRUE(deploy(deployment("1.0.0", "one")));
  EXPECT_EQ(active(), "1.0.0");
}

TEST_F(PgDefinitions, AVersionThatIsNotActivatedLeavesADefinitionWithoutOne) {
  const Result<Deployed> deployed = deploy(deployment("1.0.0", "one", false));
  ASSERT_TRUE(deployed);
  EXPECT_FALSE(deployed->active);
  EXPECT_EQ(active(), "");
}

TEST_F(PgDefinitions, TenantsDoNotShareNames) {
  ASSERT_TRUE(deploy(deployment("1.0.0", "one")));
  Deployment other = deployment("1.0.0", "other");
  other.tenant = b();
  const Result<Deployed> deployed = deploy(std::move(other));
  ASSERT_TRUE(deployed);
  EXPECT_TRUE(deployed->created);
  Deployment nobody = deployment("1.0.0", "one");
  nobody.tenant = id("0190f0c0-0000-7000-8000-0000000000ff");
  const Result<Deployed> refused = deploy(std::move(nobody));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, "tenant-unknown");
}

TEST_F(PgDefinitions, OfManyAtOnceOneMakesItAndOneDocumentWins) {
  constexpr int count = 12;
  int answered = 0, created = 0, refused = 0;
  for (int i = 0; i < count; ++i) {
    definitions_.deploy(deployment("1.0.0", i % 2 == 0 ? "even" : "odd"), [&](Result<Deployed> result) {
      ++answered;
      if (!result) {
        EXPECT_EQ(result.error().code, "version-exists");
        ++refused;
      } else if (result->created) {
        ++created;
      }
    });
  }
  pg::test::run_until(io_, [&] { return answered == count; });
  EXPECT_EQ(created, 1);
  EXPECT_EQ(refused, count / 2);
}

}  // namespace

}  // namespace pawl::store
