#include "http/documents.h"

#include "base/time.h"
#include "json/builder.h"
#include "json/write.h"

namespace pawl::http {

namespace {

using json::Value;

// Adds what is there, and leaves out what is not.
class Document {
 public:
  explicit Document(std::size_t expected = 16) : builder_(expected) {}
  Document& add(std::string_view key, Value value) {
    builder_.add(key, std::move(value));
    return *this;
  }
  Document& text(std::string_view key, std::string_view value) {
    if (!value.empty()) builder_.add(key, value);
    return *this;
  }
  Document& time(std::string_view key, Time value) { return add(key, format_time(value)); }
  Document& time(std::string_view key, const std::optional<Time>& value) { return value ? time(key, *value) : *this; }
  Document& id(std::string_view key, const Uuid& value) { return add(key, value.text()); }
  Value finish() { return builder_.finish(); }

 private:
  json::ObjectBuilder builder_;
};

std::string full_name(std::string_view namespace_, std::string_view name) {
  return std::string(namespace_) + "/" + std::string(name);
}

Value trigger(std::string_view kind) { return Value::object({{"kind", kind}}); }

Document run_members(const store::RunRow& run) {
  Document document(20);
  document.id("id", run.id)
      .text("definition", full_name(run.namespace_, run.name))
      .text("version", run.version)
      .text("status", core::name(run.status))
      .add("trigger", trigger(run.trigger_kind))
      .text("queue", run.queue)
      .add("priority", Value::integer(run.priority))
      .text("idempotencyKey", run.idempotency_key)
      .text("correlationId", run.correlation_id)
      .id("rootRunId", run.root_run_id)
      .time("startedAt", run.started_at)
      .time("updatedAt", run.updated_at)
      .time("endedAt", run.ended_at);
  if (run.parent_run_id) document.id("parentRunId", *run.parent_run_id);
  document.text("suspendedReason", run.suspended_reason);
  return document;
}

}  // namespace

Value run_document(const store::RunRow& run) { return run_members(run).finish(); }

Value run_document(const store::RunDetail& run) {
  Document document = run_members(run.row);
  document.add("input", run.input);
  if (run.output) document.add("output", *run.output);
  if (run.error) document.add("error", *run.error);
  return document.finish();
}

Value run_document(const engine::RunView& run) {
  Document document(16);
  document.id("id", run.id)
      .text("definition", full_name(run.namespace_, run.name))
      .text("version", run.version)
      .text("status", core::name(run.status))
      .add("input", run.input)
      .add("trigger", trigger(run.trigger_kind))
      .text("queue", run.queue)
      .add("priority", Value::integer(run.priority))
      .text("idempotencyKey", run.idempotency_key)
      .text("correlationId", run.correlation_id)
      .id("rootRunId", run.id)  // a run started over the API is the root of its tree
      .time("startedAt", run.started_at)
      .time("updatedAt", run.updated_at)
      .time("endedAt", run.ended_at);
  if (run.status == core::RunStatus::completed) document.add("output", run.output);
  if (!run.error.is_null()) document.add("error", run.error);
  return document.finish();
}

Value event_document(const core::Event& event) {
  return Document(5)
      .add("seq", Value::integer(event.seq))
      .time("ts", event.ts)
      .text("type", core::name(event.type))
      .text("path", event.path)
      .add("payload", event.payload)
      .finish();
}

Value step_document(const store::Step& step) {
  Document document(12);
  document.text("path", step.path)
      .text("task", step.task)
      .text("reference", step.reference)
      .text("status", store::name(step.status))
      .add("attempt", Value::integer(step.attempt))
      .time("startedAt", step.started_at)
      .time("endedAt", step.ended_at)
      .text("worker", step.worker);
  if (step.input) document.add("input", *step.input);
  if (step.output) document.add("output", *step.output);
  if (step.error) document.add("error", *step.error);
  if (step.invocation_id) document.id("invocationId", *step.invocation_id);
  return document.finish();
}

Response log_response(const store::LogPage& page) {
  json::ArrayBuilder items(page.lines.size());
  for (const store::LogLine& line : page.lines) {
    Document document(7);
    document.add("line", Value::integer(line.line))
        .time("ts", line.ts)
        .text("level", line.level)
        .text("path", line.path)
        .add("attempt", Value::integer(line.attempt))
        .add("message", line.message);
    if (line.cut) document.add("cut", true);
    items.add(document.finish());
  }
  Document document(3);
  document.add("items", items.finish());
  if (page.next_after) document.text("nextCursor", std::to_string(*page.next_after));
  if (page.dropped > 0) document.add("dropped", Value::integer(static_cast<std::int64_t>(page.dropped)));
  return json_response(200, document.finish());
}

Value definition_document(const store::DefinitionRow& definition) {
  return Document(4)
      .text("definition", full_name(definition.namespace_, definition.name))
      .text("activeVersion", definition.active_version)
      .time("createdAt", definition.created_at)
      .time("updatedAt", definition.updated_at)
      .finish();
}

Value version_document(const store::VersionDetail& version) {
  return Document(7)
      .text("definition", full_name(version.namespace_, version.name))
      .text("version", version.version)
      .add("active", version.active)
      .time("createdAt", version.created_at)
      .add("source", version.source)
      .text("sourceType", version.source_type)
      .add("document", version.document)
      .finish();
}

Value diagnostics_document(std::span<const dsl::Diagnostic> diagnostics) {
  json::ArrayBuilder all(diagnostics.size());
  for (const dsl::Diagnostic& each : diagnostics) {
    const bool is_error = each.severity == dsl::Diagnostic::Severity::error;
    all.add(Document(7)
                .add("severity", is_error ? "error" : "warning")
                .text("code", each.code)
                .text("message", each.message)
                .text("hint", each.hint)
                .add("pointer", each.pointer)
                .add("line", Value::integer(each.line))
                .add("column", Value::integer(each.column))
                .finish());
  }
  return all.finish();
}

Value assignment_document(const engine::Assignment& assignment) {
  const Value run = Document(3)
                        .id("id", assignment.run)
                        .text("definition", full_name(assignment.namespace_, assignment.name))
                        .text("version", assignment.definition_version)
                        .finish();
  return Document(9)
      .text("token", assignment.token.text())
      .text("action", assignment.action)
      .text("version", assignment.version)
      .add("input", assignment.input)
      .add("attempt", Value::integer(assignment.attempt))
      .text("idempotencyKey", assignment.idempotency_key)
      .time("deadline", assignment.deadline)
      .add("run", run)
      .text("path", assignment.path)
      .finish();
}

std::string_view name(engine::Accepted accepted) {
  switch (accepted) {
    case engine::Accepted::done:
      return "done";
    case engine::Accepted::stale:
      return "stale";
    case engine::Accepted::unknown_token:
      return "unknown-token";
  }
  return {};
}

Response json_response(int status, const Value& document) {
  Response response;
  response.status = status;
  response.content_type = "application/json";
  json::write(document, response.body);
  return response;
}

Response list_response(std::vector<Value> items, std::string_view next_cursor, bool cut) {
  Document document(3);
  document.add("items", Value::array(std::move(items))).text("nextCursor", next_cursor);
  if (cut) document.add("cut", Value(true));
  return json_response(200, document.finish());
}

}  // namespace pawl::http
