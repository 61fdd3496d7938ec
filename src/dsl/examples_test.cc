// The specification's published examples (reference data beside the project): each compiles, or is refused for exactly
// the parts of the language that are not supported yet (language-semantics.md section 12 says what comes of them
// later).
#include <gtest/gtest.h>

#include "dsl/test_support.h"

namespace pawl::dsl {
namespace {

struct Example {
  std::string file;
  std::vector<std::string> problems;  // "code pointer", in the order of the text
};

const std::vector<Example>& examples() {
  static const std::vector<Example> all{
      {"accumulate-room-readings.yaml",
       {"unsupported /do/0/consumeReading/listen", "unsupported /do/1/logReading/do/0/callOrderService/call",
        "unsupported /do/2/generateReport/call"}},
      {"authentication-bearer-uri-format.yaml", {"unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"authentication-bearer.yaml", {"unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"authentication-oauth2-secret.yaml",
       {"unsupported /use/secrets", "unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"authentication-oauth2.yaml", {"unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"authentication-oidc-secret.yaml",
       {"unsupported /use/secrets", "unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"authentication-oidc.yaml", {"unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"authentication-reusable.yaml",
       {"unsupported /use/authentications", "unsupported /do/0/getPet/with/endpoint/authentication"}},
      {"call-asyncapi-publish.yaml", {"unsupported /do/0/findPet/call"}},
      {"call-asyncapi-subscribe-consume-amount.yaml", {"unsupported /do/0/getNotifications/call"}},
      {"call-asyncapi-subscribe-consume-forever-foreach.yaml", {"unsupported /do/0/getNotifications/call"}},
      {"call-asyncapi-subscribe-consume-until.yaml", {"unsupported /do/0/getNotifications/call"}},
      {"call-asyncapi-subscribe-consume-while.yaml", {"unsupported /do/0/getNotifications/call"}},
      {"call-custom-function-cataloged.yaml", {"unsupported /do/0/log/call"}},
      {"call-custom-function-inline.yaml", {"unsupported /use/functions/getPetById/input/schema"}},
      {"call-grpc.yaml", {"unsupported /do/0/greet/call"}},
      {"call-http-endpoint-interpolation-shorthand.yaml", {}},
      {"call-http-endpoint-interpolation.yaml", {}},
      {"call-http-query-headers-expressions.yaml", {"unsupported /input/schema"}},
      {"call-http-query-parameters.yaml", {"unsupported /input/schema"}},
      {"call-http-redirect.yaml", {"unsupported /input/schema"}},
      {"call-mcp.yaml", {"unsupported /do/0/publishMessageToSlack/call"}},
      {"call-openapi-redirect.yaml", {"unsupported /do/0/findPet/call"}},
      {"call-openapi.yaml", {"unsupported /do/0/findPet/call"}},
      {"conditional-task.yaml",
       {"literal-looks-like-expression /do/1/placeBet/with/body/customer",
        "literal-looks-like-expression /do/1/placeBet/with/body/bet"}},
      {"do-multiple.yaml", {}},
      {"do-single.yaml", {}},
      {"emit.yaml", {"unsupported /do/0/emitEvent/emit"}},
      {"for-inline-array.yaml", {}},
      {"for.yaml", {"unsupported /do/0/checkup/do/0/waitForCheckup/listen"}},
      {"fork.yaml", {"unsupported /do/0/raiseAlarm/fork/compete"}},
      {"listen-to-all read-envelope.yaml", {"unsupported /do/0/callDoctor/listen"}},
      {"listen-to-all.yaml", {"unsupported /do/0/callDoctor/listen"}},
      {"listen-to-any-filter.yaml", {"unsupported /do/0/callDoctor/listen"}},
      {"listen-to-any-forever-foreach.yaml", {"unsupported /do/0/listenToGossips/listen"}},
      {"listen-to-any-until-condition.yaml", {"unsupported /do/0/callDoctor/listen"}},
      {"listen-to-any-until-consumed.yaml", {"unsupported /do/0/callDoctor/listen"}},
      {"listen-to-any.yaml", {"unsupported /do/0/callDoctor/listen"}},
      {"listen-to-one.yaml", {"unsupported /do/0/waitForStartup/listen"}},
      {"mock-service-extension.yaml", {"unsupported /use/extensions"}},
      {"raise-inline.yaml", {}},
      {"raise-reusable.yaml", {}},
      {"run-container-cleanup-always.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-container-cleanup-eventually.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-container-stdin-and-arguments.yaml", {"unsupported /do/1/runContainer/run"}},
      {"run-container-with-name.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-container-with-pull-policy.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-container.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-return-all.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-return-code.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-return-none.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-return-stderr.yaml", {"unsupported /do/0/runContainer/run"}},
      {"run-script-with-stdin-and-arguments.yaml", {"unsupported /do/0/runScript/run"}},
      {"run-shell-stdin-and-arguments.yaml", {"unsupported /do/1/runShell/run"}},
      {"run-subflow.yaml", {"unsupported /do/0/registerCustomer/run"}},
      {"schedule-cron.yaml", {"unsupported /schedule"}},
      {"schedule-event-driven.yaml", {"unsupported /schedule"}},
      {"set-expression.yaml", {"unsupported /schedule"}},
      {"set.yaml", {"unsupported /schedule"}},
      {"star-wars-homeworld.yaml", {"unsupported /input/schema"}},
      {"switch-then-string.yaml", {}},
      {"try-catch-retry-inline.yaml", {}},
      {"try-catch-retry-reusable.yaml", {}},
      {"try-catch-then-directive.yaml", {}},
      {"try-catch-then.yaml",
       {"unsupported /do/0/tryGetPet/catch/do/0/notifySupport/emit",
        "literal-looks-like-expression /do/0/tryGetPet/catch/do/1/setError/set/error"}},
      {"try-catch.yaml", {}},
      {"wait-duration-inline.yaml", {}},
      {"wait-duration-iso8601.yaml", {}},
  };
  return all;
}

bool is_warning(const std::string& problem) { return problem.starts_with("literal-looks-like-expression "); }

TEST(ExamplesTest, EachCompilesOrIsRefusedForAKnownReason) {
  const auto folder = testing::examples_folder();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "SKIPPED: the reference data " << folder << " is not there";
  for (const Example& example : examples()) {
    SCOPED_TRACE(example.file);
    const Compiled result = compile(testing::read_file(folder / example.file));
    std::vector<std::string> found;
    for (const Diagnostic& diagnostic : result.diagnostics) found.push_back(diagnostic.code + " " + diagnostic.pointer);
    EXPECT_EQ(found, example.problems) << testing::describe(result.diagnostics);
    EXPECT_EQ(result.program != nullptr, std::ranges::all_of(example.problems, is_warning));
  }
}

TEST(ExamplesTest, NoneIsLeftOut) {
  const auto folder = testing::examples_folder();
  if (!std::filesystem::exists(folder)) GTEST_SKIP() << "SKIPPED: the reference data " << folder << " is not there";
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string name = entry.path().filename().string();
    if (entry.path().extension() != ".yaml") continue;
    ++files;
    EXPECT_TRUE(std::ranges::find(examples(), name, &Example::file) != examples().end()) << name;
  }
  EXPECT_EQ(files, 68u);
  EXPECT_EQ(examples().size(), 68u);
}

}  // namespace
}  // namespace pawl::dsl
