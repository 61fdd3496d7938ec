#include "http/documents.h"

#include "gtest/gtest.h"

#include "json/parse.h"

namespace pawl::http {
namespace {

const Uuid id = *Uuid::parse("0190a5c4-0000-7000-8000-00000000000a");
const Time noon = *parse_time("2026-11-21T12:00:00Z");

TEST(Documents, ARunAsTheEngineAnswersIt) {
  engine::RunView run;
  run.id = id;
  run.namespace_ = "shop";
  run.name = "order";
  run.version = "1.0.0";
  run.status = core::RunStatus::running;
  run.input = *json::parse("{}");
  run.trigger_kind = "api";
  run.started_at = run.updated_at = noon;
  EXPECT_EQ(run_document(run), *json::parse(R"({"id":"0190a5c4-0000-7000-8000-00000000000a","definition":"shop/order",
      "version":"1.0.0","status":"running","input":{},"trigger":{"kind":"api"},"priority":5,
      "rootRunId":"0190a5c4-0000-7000-8000-00000000000a","startedAt":"2026-11-21T12:00:00Z","updatedAt":"2026-11-21T12:00:00Z"})"));
  run.status = core::RunStatus::completed;  // an output of null is an output
  run.ended_at = noon;
  EXPECT_TRUE(run_document(run).find("output")->is_null());
  EXPECT_EQ(run_document(run).find("endedAt")->text(), "2026-11-21T12:00:00Z");
  run.status = core::RunStatus::faulted;
  run.error = *json::parse(R"({"status":500})");
  EXPECT_EQ(run_document(run).find("output"), nullptr);
  EXPECT_EQ(*run_document(run).find("error"), run.error);
}

TEST(Documents, ARunAsItIsStoredLooksTheSame) {
  engine::RunView view;
  store::RunDetail stored;
  view.id = stored.row.id = stored.row.root_run_id = id;
  view.namespace_ = stored.row.namespace_ = "a";
  view.name = stored.row.name = "b";
  view.version = stored.row.version = "1.0.0";
  view.status = stored.row.status = core::RunStatus::completed;
  view.trigger_kind = stored.row.trigger_kind = "api";
  view.queue = stored.row.queue = "q";
  view.idempotency_key = stored.row.idempotency_key = "k";
  view.correlation_id = stored.row.correlation_id = "c";
  view.started_at = stored.row.started_at = view.updated_at = stored.row.updated_at = noon;
  view.ended_at = stored.row.ended_at = noon;
  view.input = stored.input = json::Value("in");
  view.output = json::Value("out");
  stored.output = json::Value("out");
  EXPECT_EQ(run_document(view), run_document(stored));
  EXPECT_EQ(run_document(stored.row).find("input"), nullptr);
}

TEST(Documents, EventsStepsAndTasks) {
  EXPECT_EQ(
      event_document(
          {.seq = 1, .type = core::EventType::run_started, .ts = noon, .path = "", .payload = json::Value::object()}),
      *json::parse(R"({"seq":1,"ts":"2026-11-21T12:00:00Z","type":"run.started","payload":{}})"));
  store::Step step;
  step.path = "/do/0/a";
  step.task = "a";
  step.reference = "/do/0/a";
  step.status = store::StepStatus::completed;
  step.started_at = noon;
  step.output = json::Value();
  EXPECT_EQ(step_document(step),
            *json::parse(R"({"path":"/do/0/a","task":"a","reference":"/do/0/a","status":"completed","attempt":1,
                                                 "startedAt":"2026-11-21T12:00:00Z","output":null})"));
  engine::Assignment task;
  task.action = "shop.charge";
  task.idempotency_key = "k";
  task.deadline = noon;
  task.run = id;
  task.namespace_ = "shop";
  task.name = "order";
  task.definition_version = "1.0.0";
  task.path = "/do/0/a";
  const json::Value document = assignment_document(task);
  EXPECT_EQ(document.find("token")->text(), task.token.text());
  EXPECT_EQ(document.find("version"), nullptr);
  EXPECT_TRUE(document.find("input")->is_null());
  EXPECT_EQ(
      *document.find("run"),
      *json::parse(R"({"id":"0190a5c4-0000-7000-8000-00000000000a","definition":"shop/order","version":"1.0.0"})"));
}

TEST(Documents, Diagnostics) {
  const std::vector<dsl::Diagnostic> one{{.severity = dsl::Diagnostic::Severity::warning,
                                          .code = "c",
                                          .message = "m",
                                          .hint = "",
                                          .pointer = "/do",
                                          .line = 3,
                                          .column = 4}};
  EXPECT_EQ(diagnostics_document(one),
            *json::parse(R"([{"severity":"warning","code":"c","message":"m","pointer":"/do","line":3,"column":4}])"));
}

TEST(Documents, AListThatIsCutSaysSo) { EXPECT_EQ(list_response({}, "", true).body, R"({"cut":true,"items":[]})"); }

TEST(Documents, ListsEndWithoutACursor) {
  EXPECT_EQ(list_response({}, "").body, R"({"items":[]})");
  EXPECT_EQ(list_response({json::Value::integer(1)}, "c").body, R"({"items":[1],"nextCursor":"c"})");
}

}  // namespace
}  // namespace pawl::http
