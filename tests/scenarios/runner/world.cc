#include "world.h"

#include <algorithm>
#include <set>

#include "base/hash.h"

namespace pawl::scenarios {
namespace {

using json::Value;

const Time start_of_time = *parse_time("2026-03-01T12:00:00Z");

Uuid id_of(std::string_view what) { return Uuid::version8(sha256(what)); }

Value member(const Value& value, std::string_view key) {
  const Value* found = value.find(key);
  return found == nullptr ? Value() : *found;
}

// Every member that `wanted` names is there and equal, objects recursively; anything else must be equal.
bool includes(const Value& has, const Value& wanted) {
  if (!wanted.is_object()) return has == wanted;
  return std::ranges::all_of(wanted.members(), [&](const json::Member& each) {
    const Value* found = has.find(each.key());
    return found != nullptr && includes(*found, each.value);
  });
}

std::string differs(std::string_view what, const Value& wanted, const Value& has) {
  return std::string(what) + ": expected " + json::to_text(wanted) + ", got " + json::to_text(has);
}

Value event_value(const core::Event& event) {
  return Value::object({{"type", core::name(event.type)}, {"path", event.path}, {"payload", event.payload}});
}

bool same(const core::Pending& a, const core::Pending& b) {
  const auto wait = [](const core::Wait& x, const core::Wait& y) {
    return x.wait_no == y.wait_no && x.kind == y.kind && x.path == y.path && x.due_at == y.due_at;
  };
  const auto invocation = [](const core::Invocation& x, const core::Invocation& y) {
    return x.id == y.id && x.path == y.path && x.queue == y.queue && x.action == y.action && x.key == y.key &&
           x.attempt == y.attempt && x.event_seq == y.event_seq && x.event_ts == y.event_ts && x.with == y.with;
  };
  return std::ranges::equal(a.waits, b.waits, wait) && std::ranges::equal(a.invocations, b.invocations, invocation);
}

}  // namespace

World::World(std::shared_ptr<const dsl::Program> program, const Scenario& scenario, Mode mode)
    : program_(std::move(program)),
      scenario_(scenario),
      mode_(mode),
      state_(id_of("tenant"), id_of(scenario.name)),
      now_(start_of_time) {}

std::string World::run() {
  feed(core::Start{scenario_.input, Value::object({{"kind", "api"}}), scenario_.queue});
  for (const Value& each : scenario_.steps) {
    if (const std::string wrong = step(each); !wrong.empty()) return json::to_text(each) + ": " + wrong;
    if (!broken_.empty()) return broken_;
  }
  if (!broken_.empty()) return broken_;
  return check_result();
}

std::string World::step(const Value& step) {
  if (const Value* expected = step.find("expect")) return expect(*expected);
  seen_ = log_.size();
  if (const Value* completed = step.find("complete")) return complete(*completed);
  if (const Value* failure = step.find("fail")) return failed(*failure);
  if (const Value* duration = step.find("advance")) return advance(duration->text());
  if (const Value* cancelled = step.find("cancel")) {
    feed(core::Cancel{std::string(cancelled->text())});
    return {};
  }
  if (step.find("crash") != nullptr) {
    crash();
    return {};
  }
  return "unknown step";
}

std::string World::expect(const Value& expected) {
  for (const json::Member& each : expected.members()) {
    std::string wrong;
    if (each.key() == "events") {
      wrong = expect_events(each.value);
    } else if (each.key() == "invocation") {
      wrong = expect_invocation(each.value);
    } else if (each.key() == "invocations") {
      const auto open = static_cast<std::int64_t>(core::pending(state_).invocations.size());
      if (each.value.integer() != open) wrong = differs("open invocations", each.value, Value::integer(open));
    } else if (each.key() == "requests" || each.key() == "keys") {
      const Value has = Value::integer(each.key() == "keys" ? count_keys() : count_requests());
      if (has != each.value) wrong = differs(each.key(), each.value, has);
    } else if (each.key() == "status") {
      const Value status = core::name(state_.status());
      if (status != each.value) wrong = differs("status", each.value, status);
    } else {
      wrong = "unknown expectation " + std::string(each.key());
    }
    if (!wrong.empty()) return wrong;
  }
  return {};
}

// The events of the last step, each by its type or by an object of which every member must be there.
std::string World::expect_events(const Value& expected) const {
  if (mode_.max_events != Mode{}.max_events) return {};  // continuations add events of their own
  std::vector<Value> types;
  bool fits = expected.items().size() == log_.size() - seen_;
  for (std::size_t i = seen_; i < log_.size(); ++i) {
    const Value event = event_value(log_[i]);
    types.push_back(Value(std::string(core::name(log_[i].type)) + " " + log_[i].path));
    if (!fits) continue;
    const Value& wanted = expected.items()[i - seen_];
    fits = wanted.is_string() ? member(event, "type") == wanted : includes(event, wanted);
    if (!fits) types.back() = event;
  }
  return fits ? std::string() : differs("events", expected, Value::array(std::move(types)));
}

// How many invocations were requested since the start, and with how many different idempotency keys (rule S5).
std::int64_t World::count_requests() const {
  return std::ranges::count(log_, core::EventType::invocation_requested, &core::Event::type);
}

std::int64_t World::count_keys() const {
  std::set<std::string> keys;
  for (const core::Event& event : log_) {
    if (event.type == core::EventType::invocation_requested) keys.emplace(member(event.payload, "key").text());
  }
  return static_cast<std::int64_t>(keys.size());
}

std::string World::expect_invocation(const Value& expected) const {
  const core::Pending pending = core::pending(state_);
  std::vector<Value> open;
  for (const core::Invocation& each : pending.invocations) {
    open.push_back(Value::object({{"action", each.action},
                                  {"version", each.version},
                                  {"input", each.with},
                                  {"task", each.path},
                                  {"queue", each.queue},
                                  {"attempt", Value::integer(each.attempt)},
                                  {"key", each.key}}));
    const Value& has = open.back();
    const Value* input = expected.find("input");
    if (input != nullptr && *has.find("input") != *input) continue;
    if (includes(has, expected)) return {};
  }
  return differs("open invocation", expected, Value::array(std::move(open)));
}

std::optional<core::Invocation> World::find(std::string_view task) {
  const auto found = known_.find(std::string(task));
  if (found == known_.end()) return std::nullopt;
  return found->second;
}

std::string World::complete(const Value& step) {
  const auto invocation = find(member(step, "task").text());
  if (!invocation) return "no such invocation was requested";
  feed(core::Completed{invocation->id, invocation->attempt, 1, member(step, "output")});
  return {};
}

std::string World::failed(const Value& step) {
  const auto invocation = find(member(step, "task").text());
  if (!invocation) return "no such invocation was requested";
  core::Failed stimulus{invocation->id,        invocation->attempt,    1,
                        member(step, "error"), core::Effect::not_done, std::nullopt};
  if (const Value* after = step.find("retryAfter")) stimulus.retry_after = parse_duration(after->text());
  if (member(step, "effect").text() == "unknown") stimulus.effect = core::Effect::unknown;
  feed(stimulus);
  return {};
}

// Timers that fall due on the way fire in order; those that they open may fire too.
std::string World::advance(std::string_view duration) {
  const auto length = parse_duration(duration);
  if (!length) return "not a duration";
  const Time until = now_ + *length;
  for (;;) {
    const core::Pending pending = core::pending(state_);
    const core::Wait* next = nullptr;
    for (const core::Wait& wait : pending.waits) {
      if (wait.due_at <= until && (next == nullptr || wait.due_at < next->due_at)) next = &wait;
    }
    if (next == nullptr) break;
    now_ = std::max(now_, next->due_at);
    decide(core::TimerFired{next->wait_no});
  }
  now_ = until;
  return {};
}

// A decision that was cut goes on at once, as the engine's timer for its `continue` row would have it.
void World::feed(const core::Stimulus& stimulus) {
  decide(stimulus);
  for (;;) {
    const core::Pending pending = core::pending(state_);
    const auto rest = std::ranges::find(pending.waits, core::WaitKind::continue_, &core::Wait::kind);
    if (rest == pending.waits.end() || !broken_.empty()) return;
    decide(core::TimerFired{rest->wait_no});
  }
}

void World::decide(const core::Stimulus& stimulus) {
  core::Inputs inputs{.now = now_, .random = ++random_};
  inputs.max_events = mode_.max_events;
  const core::Decision decision = core::decide(*program_, state_, stimulus, inputs);
  log_.insert(log_.end(), decision.events.begin(), decision.events.end());
  for (const core::Invocation& each : decision.requested) known_[each.path] = each;
  if (broken_.empty()) broken_ = check_laws();
  if (mode_.crash) crash();
}

void World::crash() {
  const core::Pending before = core::pending(state_);
  core::RunState folded(state_.tenant(), state_.run());
  for (const core::Event& event : log_) {
    const auto applied = core::apply(*program_, folded, event);
    if (!applied) broken_ = applied.error().detail + " at " + applied.error().instance;
  }
  if (!same(before, core::pending(folded))) broken_ = "what is pending differs from the fold of the events";
  if (folded.status() != state_.status()) broken_ = "the status differs from the fold of the events";
  state_ = std::move(folded);
}

std::string World::check_laws() const {
  core::RunRows rows;
  rows.tenant = state_.tenant();
  rows.run = state_.run();
  rows.revision = state_.revision();
  rows.status = state_.status();
  rows.events = log_;
  rows.epochs.assign(log_.size(), 1);
  rows.lane_epoch = 1;
  const core::Pending pending = core::pending(state_);
  rows.waits = pending.waits;
  for (const core::Invocation& each : pending.invocations) rows.invocations.push_back({each.id, each.attempt});
  for (const core::Violation& violation : core::check(*program_, rows)) {
    return "law " + std::to_string(violation.law) + ": " + violation.what;
  }
  return {};
}

std::string World::check_result() const {
  for (const json::Member& each : scenario_.result.members()) {
    if (each.key() == "status") {
      const Value status = core::name(state_.status());
      if (status != each.value) return differs("status", each.value, status) + " " + json::to_text(state_.error());
    } else if (each.key() == "output") {
      if (state_.output() != each.value) return differs("output", each.value, state_.output());
    } else if (each.key() == "error") {
      if (!includes(state_.error(), each.value)) return differs("error", each.value, state_.error());
    } else {
      return "unknown result " + std::string(each.key());
    }
  }
  return {};
}

}  // namespace pawl::scenarios
