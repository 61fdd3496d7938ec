// The work of the simple tasks (language-semantics.md section 4).
#include "base/encoding.h"
#include "base/hash.h"
#include "core/errors.h"
#include "core/walker.h"
#include "json/builder.h"

namespace pawl::core {
namespace {

using json::Value;

// Rule S5: the same for each retry and re-send, another for each iteration and visit.
std::string idempotency_key(const Uuid& run, std::string_view execution_id) {
  const Sha256 digest = sha256_parts({"idempotency key", run.text(), execution_id});
  return hex(std::span(digest).first(16));
}

// One row per key (protocol section 6). It begins with the run's time, which keeps the index local, and ends with the
// run's lane, so that whoever holds the id finds the owner.
Uuid invocation_id(const Frames& frames, std::string_view action, std::string_view key) {
  const Sha256 digest = sha256_parts({"invocation", frames.tenant.text(), action, key});
  return Uuid::version8(digest, frames.run).with_lane(frames.run.lane());
}

}  // namespace

void Walker::work(Activation& at, const dsl::SetTask& task) {
  auto value = evaluation_.value(task.value, at.input, {.activation = &at, .input = &at.input});
  if (!value) return raise(at, error_of(value.error(), at.task->reference));
  const auto& then = at.task->then;
  complete(std::move(at), std::move(*value), then);
}

void Walker::work(Activation& at, const dsl::SwitchTask& task) {
  const dsl::SwitchCase* taken = nullptr;
  const dsl::SwitchCase* otherwise = nullptr;
  for (const dsl::SwitchCase& each : task.cases) {
    if (!each.when) {
      otherwise = &each;
      continue;
    }
    const auto holds = evaluation_.test(*each.when, at.input, {.activation = &at, .input = &at.input});
    if (!holds) return raise(at, error_of(holds.error(), at.task->reference));
    if (*holds) {
      taken = &each;
      break;
    }
  }
  if (taken == nullptr) taken = otherwise;
  const auto& then = taken == nullptr ? at.task->then : taken->then;
  const Value output = at.input;
  complete(std::move(at), output, then, taken == nullptr ? std::string_view() : std::string_view(taken->name));
}

// The transformed input, where it is not the raw one that the history has already.
json::ObjectBuilder Walker::input_payload(const Activation& at) const {
  json::ObjectBuilder payload;
  if (!Value::identical(at.raw, at.input) && at.raw != at.input) payload.add("input", at.input);
  return payload;
}

void Walker::work(Activation& at, const dsl::DoTask&) { begin(at, EventType::task_started, input_payload(at)); }

void Walker::work(Activation& at, const dsl::RaiseTask& task) {
  const auto error = evaluation_.value(task.error, at.input, {.activation = &at, .input = &at.input});
  if (!error) return raise(at, error_of(error.error(), at.task->reference));
  Value raised = *error;
  if (const Value* instance = raised.find("instance"); instance == nullptr) {
    raised = json::with_member(std::move(raised), "instance", at.task->reference);
  }
  raise(at, std::move(raised));
}

void Walker::work(Activation& at, const dsl::WaitTask& task) {
  const auto due = evaluation_.instant(task.duration, now_, at.input, {.activation = &at, .input = &at.input});
  if (!due) return raise(at, error_of(due.error(), at.task->reference));
  json::ObjectBuilder payload = input_payload(at);
  payload.add("wait", Value::integer(frames_.next_wait));
  payload.add("kind", name(WaitKind::timer));
  payload.add("dueAt", format_time(*due));
  begin(at, EventType::wait_opened, std::move(payload));
}

void Walker::work(Activation& at, const dsl::HttpCall& task) {
  const Arguments arguments{.activation = &at, .input = &at.input};
  auto with = evaluation_.value(task.with, at.input, arguments);
  if (!with) return raise(at, error_of(with.error(), at.task->reference));
  Result<Value> endpoint = Value();
  if (const auto* uri = std::get_if<expr::UriTemplate>(&task.endpoint)) {
    const auto text = uri->expand(at.input);
    endpoint = text ? Result<Value>(Value(*text)) : fail(text.error());
  } else {
    endpoint = evaluation_.value(std::get<expr::Expression>(task.endpoint), at.input, arguments);
  }
  if (!endpoint) return raise(at, error_of(endpoint.error(), at.task->reference));
  if (!endpoint->is_string()) {
    return raise(at, make_error(StandardError::expression, 400, "the endpoint is not a string", at.task->reference));
  }
  request(at, "http", {}, "@http", json::with_member(std::move(*with), "endpoint", std::move(*endpoint)));
}

void Walker::work(Activation& at, const dsl::ActionCall& task) {
  auto with = evaluation_.value(task.with, at.input, {.activation = &at, .input = &at.input});
  if (!with) return raise(at, error_of(with.error(), at.task->reference));
  std::string queue = at.task->queue.empty() ? frames_.queue : at.task->queue;
  if (queue.empty()) queue = "default";
  request(at, task.action, task.version, std::move(queue), std::move(*with));
}

void Walker::request(Activation& at, std::string action, std::string version, std::string queue, Value with) {
  std::uint32_t attempt = 1;
  if (const Execution* outer = outermost_try(program_, *at.scope)) {
    const auto before = outer->attempts.find(at.path);
    if (before != outer->attempts.end()) attempt = before->second + 1;
  }
  const std::string key = idempotency_key(frames_.run, at.path);
  json::ObjectBuilder payload = input_payload(at);
  payload.add("invocation", invocation_id(frames_, action, key).text());
  payload.add("key", key);
  payload.add("action", action);
  if (!version.empty()) payload.add("version", version);
  payload.add("queue", queue);
  payload.add("attempt", Value::integer(attempt));
  payload.add("with", std::move(with));
  begin(at, EventType::invocation_requested, std::move(payload));
}

void Walker::work(Activation& at, const dsl::FunctionCall& task) {
  auto with = evaluation_.value(task.with, at.input, {.activation = &at, .input = &at.input});
  if (!with) return raise(at, error_of(with.error(), at.task->reference));
  json::ObjectBuilder payload = input_payload(at);
  payload.add("with", std::move(*with));
  begin(at, EventType::task_started, std::move(payload));
}

}  // namespace pawl::core
