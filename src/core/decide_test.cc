// Properties of decide() and apply() over random definitions and random orders of what happens outside. The rules
// themselves have their scenarios in tests/scenarios.
#include "core/decide.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>
#include <string>
#include <tuple>

#include "base/hash.h"
#include "core/laws.h"
#include "core/random_definition.h"
#include "dsl/compile.h"

namespace pawl::core {
namespace {

using json::Value;

constexpr std::uint64_t seeds = 400;
// After how many events a decision is cut: between any two steps, so that what begins and is cancelled within one
// decision may stand inside of what began in an earlier one.
constexpr std::uint32_t cuts[] = {1'000, 1, 2, 3, 5, 8, 13};
// A run of these definitions that needs more has lost its way.
constexpr int most_decisions = 20'000;
const Time start_of_time = *parse_time("2026-03-01T12:00:00Z");

Uuid id_of(std::string_view what) { return Uuid::version8(sha256(what)); }

std::string text_of(const Event& event) {
  return std::to_string(event.seq) + " " + std::string(name(event.type)) + " " + event.path + " " +
         format_time(event.ts) + " " + json::to_text(event.payload);
}

std::string text_of(const Wait& wait) {
  return std::to_string(wait.wait_no) + " " + std::string(name(wait.kind)) + " " + wait.path + " " +
         format_time(wait.due_at);
}

std::string text_of(const Invocation& invocation) {
  return invocation.id.text() + " " + invocation.path + " " + invocation.queue + " " + invocation.action + " " +
         invocation.key + " " + std::to_string(invocation.attempt) + " " + std::to_string(invocation.event_seq) + " " +
         format_time(invocation.event_ts) + " " + json::to_text(invocation.with);
}

std::string text_of(const Decision& decision) {
  std::string text;
  for (const Event& event : decision.events) text += text_of(event) + "\n";
  for (const Wait& wait : decision.opened) text += "+wait " + text_of(wait) + "\n";
  for (const std::uint32_t wait_no : decision.closed) text += "-wait " + std::to_string(wait_no) + "\n";
  for (const Invocation& each : decision.requested) text += "+invocation " + text_of(each) + "\n";
  for (const Resolved& each : decision.resolved) {
    text += "-invocation " + each.id.text() + " " + std::to_string(each.attempt) + " " +
            std::to_string(static_cast<int>(each.how)) + "\n";
  }
  return text + (decision.late ? "late\n" : "") + (decision.ignored ? decision.ignored->code : "");
}

std::string text_of(const RunState& state) {
  std::string text = std::string(name(state.status())) + " revision " + std::to_string(state.revision()) + " output " +
                     json::to_text(state.output()) + " error " + json::to_text(state.error()) + "\n";
  const Pending open = pending(state);
  for (const Wait& wait : open.waits) text += text_of(wait) + "\n";
  for (const Invocation& invocation : open.invocations) text += text_of(invocation) + "\n";
  return text;
}

// The rows that a store would hold, changed by nothing but what the decisions say.
struct Rows {
  std::map<std::uint32_t, Wait> waits;
  std::map<Uuid, std::uint32_t> invocations;
  std::set<std::uint32_t> used_waits;

  void take(const Decision& decision) {
    for (const std::uint32_t wait_no : decision.closed) {
      EXPECT_EQ(waits.erase(wait_no), 1U) << "closes wait " << wait_no << ", which is not open";
    }
    for (const Resolved& each : decision.resolved) {
      EXPECT_EQ(invocations.erase(each.id), 1U) << "resolves an invocation that is not open";
    }
    for (const Wait& wait : decision.opened) {
      EXPECT_TRUE(used_waits.insert(wait.wait_no).second) << "wait " << wait.wait_no << " is used again";
      waits[wait.wait_no] = wait;
    }
    for (const Invocation& each : decision.requested) {
      EXPECT_TRUE(invocations.emplace(each.id, each.attempt).second) << "requests what is open: " << each.path;
    }
  }
};

class PlayedRun {
 public:
  PlayedRun(const dsl::Program& program, std::uint32_t max_events)
      : program_(program), max_events_(max_events), state_(id_of("tenant"), id_of("run")) {}

  const RunState& state() const { return state_; }
  const std::vector<Event>& log() const { return log_; }
  const std::vector<Invocation>& asked() const { return asked_; }
  Time now = start_of_time;

  // Decides on the state that went through all decisions, and on the fold of the log; both must say the same.
  Decision decide(const Stimulus& stimulus) {
    const Inputs inputs{.now = now, .random = ++random_, .budget = {}, .max_events = max_events_};
    RunState folded = fold();
    EXPECT_EQ(text_of(state_), text_of(folded));
    const std::uint32_t before = state_.revision();
    const std::vector<Wait> waits = pending(state_).waits;
    const bool was_cut = std::ranges::find(waits, WaitKind::continue_, &Wait::kind) != waits.end();
    Decision decision = core::decide(program_, state_, stimulus, inputs);
    EXPECT_EQ(text_of(decision), text_of(core::decide(program_, folded, stimulus, inputs)));
    EXPECT_NE(decision.events.empty(), !decision.ignored) << "swallowed, or ignored with events";
    EXPECT_EQ(state_.revision(), before + decision.events.size());
    if (decision.late && !was_cut) { EXPECT_EQ(decision.events.size(), 1U) << "a late result has an effect"; }
    log_.insert(log_.end(), decision.events.begin(), decision.events.end());
    asked_.insert(asked_.end(), decision.requested.begin(), decision.requested.end());
    rows_.take(decision);
    check_laws();
    EXPECT_LT(++decisions_, most_decisions);
    return decision;
  }

  bool goes_on() const { return !has_ended(state_.status()) && decisions_ < most_decisions; }

 private:
  RunState fold() const {
    RunState folded(state_.tenant(), state_.run());
    for (const Event& event : log_) {
      const auto applied = apply(program_, folded, event);
      EXPECT_TRUE(applied) << applied.error().detail << " at " << event.path;
    }
    return folded;
  }

  void check_laws() {
    RunRows rows;
    rows.tenant = state_.tenant();
    rows.run = state_.run();
    rows.revision = state_.revision();
    rows.status = state_.status();
    rows.events = log_;
    rows.epochs.assign(log_.size(), 1);
    rows.lane_epoch = 1;
    for (const auto& [wait_no, wait] : rows_.waits) rows.waits.push_back(wait);
    for (const auto& [id, attempt] : rows_.invocations) rows.invocations.push_back({id, attempt});
    for (const Violation& violation : check(program_, rows)) {
      ADD_FAILURE() << "law " << violation.law << ": " << violation.what;
    }
  }

  const dsl::Program& program_;
  const std::uint32_t max_events_;
  RunState state_;
  std::vector<Event> log_;
  std::vector<Invocation> asked_;  // all that were ever requested
  Rows rows_;
  std::uint64_t random_ = 0;
  int decisions_ = 0;
};

const Wait* next_timer(const Pending& open) {
  const auto sooner = [](const Wait& a, const Wait& b) {
    return std::tie(a.due_at, a.path, a.kind) < std::tie(b.due_at, b.path, b.kind);
  };
  const auto found = std::ranges::min_element(open.waits, sooner);
  return found == open.waits.end() ? nullptr : &*found;
}

// Everything in any order: results, failures, timers, results of what is no longer open, cancels, poison.
class AnyOrder {
 public:
  AnyOrder(PlayedRun& run, std::uint64_t seed) : run_(run), random_(seed) {}

  void play() {
    run_.decide(Start{Value::object({{"n", Value::integer(1)}}), Value::object({{"kind", "api"}}), {}});
    while (run_.goes_on() && !::testing::Test::HasFailure()) step();
    for (int i = 0; i < 3 && !::testing::Test::HasFailure(); ++i) old_result();
    run_.decide(Cancel{"too late"});
    run_.decide(TimerFired{1});
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return random_() % bound; }

  void step() {
    const Pending open = pending(run_.state());
    const std::uint64_t choice = below(100);
    if (choice < 5) return old_result();
    if (choice < 6 && below(8) == 0) return void(run_.decide(Cancel{"no longer wanted"}));
    if (choice < 7 && below(16) == 0)
      return void(run_.decide(Poisoned{Value::object({{"status", Value::integer(500)}})}));
    if (choice < 9) return void(run_.decide(TimerFired{static_cast<std::uint32_t>(below(50) + 1)}));
    if (choice < 50 || open.invocations.empty()) {
      if (const Wait* timer = next_timer(open)) {
        run_.now = std::max(run_.now, timer->due_at);
        run_.decide(TimerFired{timer->wait_no});
        return;
      }
    }
    if (!open.invocations.empty()) answer(open.invocations[below(open.invocations.size())]);
  }

  void old_result() {
    if (!run_.asked().empty()) answer(run_.asked()[below(run_.asked().size())]);
  }

  void answer(const Invocation& invocation) {
    run_.now += std::chrono::milliseconds(below(700));
    if (below(4) != 0) {
      const auto n = static_cast<std::int64_t>(below(100));
      run_.decide(Completed{invocation.id, invocation.attempt, 1, Value::object({{"n", Value::integer(n)}})});
      return;
    }
    Failed failed{.invocation = invocation.id,
                  .attempt = invocation.attempt,
                  .lease = 1,
                  .error = Value::object({{"status", Value::integer(static_cast<std::int64_t>(500 + below(5)))}}),
                  .effect = below(2) == 0 ? Effect::unknown : Effect::not_done,
                  .retry_after = std::nullopt};
    if (below(4) == 0) failed.retry_after = std::chrono::seconds(below(5));
    run_.decide(failed);
  }

  PlayedRun& run_;
  std::mt19937_64 random_;
};

// What happens depends on the definition and the seed alone, however the decisions are cut: continuations first, then
// open calls by path, then timers. How often a path was answered decides how it is answered next.
void play_by_rule(PlayedRun& run, std::uint64_t seed) {
  run.decide(Start{Value::object(), Value::object({{"kind", "api"}}), {}});
  std::map<std::string, int> answered;
  while (run.goes_on() && !::testing::Test::HasFailure()) {
    const Pending open = pending(run.state());
    const auto rest = std::ranges::find(open.waits, WaitKind::continue_, &Wait::kind);
    if (rest != open.waits.end()) {
      run.decide(TimerFired{rest->wait_no});
      continue;
    }
    const auto first = std::ranges::min_element(open.invocations, {}, &Invocation::path);
    if (first == open.invocations.end()) {
      const Wait* timer = next_timer(open);
      ASSERT_NE(timer, nullptr);
      run.now = std::max(run.now, timer->due_at);
      run.decide(TimerFired{timer->wait_no});
      continue;
    }
    const int number = ++answered[first->path];
    const Sha256 dice = sha256(std::to_string(seed) + first->path + std::to_string(number));
    run.now += std::chrono::milliseconds(static_cast<int>(dice[0]) * 4);
    if (static_cast<int>(dice[1]) % 4 != 0) {
      run.decide(Completed{first->id, first->attempt, 1, Value::object({{"n", Value::integer(number)}})});
    } else {
      const Value error = Value::object({{"status", Value::integer(500 + static_cast<int>(dice[2]) % 5)}});
      run.decide(Failed{first->id, first->attempt, 1, error, Effect::not_done, std::nullopt});
    }
  }
}

std::shared_ptr<const dsl::Program> compiled(const std::string& definition) {
  const dsl::Compiled result = dsl::compile(definition);
  for (const dsl::Diagnostic& each : result.diagnostics) {
    if (each.severity == dsl::Diagnostic::Severity::error) ADD_FAILURE() << each.pointer << ": " << each.message;
  }
  return result.program;
}

// A decision that is cut leaves the list of a try between two tasks, where nothing is open.
TEST(Decide, AnAttemptsTimeMayEndWhileADecisionIsCut) {
  const auto program = compiled(R"({
    "document": {"dsl": "1.0.0", "namespace": "test", "name": "cut", "version": "1.0.0"},
    "do": [{"attempt": {
      "try": [{"a": {"set": {"n": 1}}}, {"b": {"set": {"n": 2}}}],
      "catch": {"retry": {"delay": "PT1S", "limit": {"attempt": {"count": 0, "duration": "PT1S"}}},
                "do": [{"late": {"set": {"n": "${ $error.status }"}}}]}}}]})");
  ASSERT_NE(program, nullptr);
  std::set<std::int64_t> outputs;
  for (int continuations = 0; continuations < 5; ++continuations) {
    PlayedRun run(*program, 1);
    run.decide(Start{Value::object(), Value::object(), {}});
    const auto fire = [&](WaitKind kind) {
      const std::vector<Wait> waits = pending(run.state()).waits;
      const auto found = std::ranges::find(waits, kind, &Wait::kind);
      if (found != waits.end()) run.decide(TimerFired{found->wait_no});
      return found != waits.end();
    };
    for (int i = 0; i < continuations; ++i) fire(WaitKind::continue_);
    run.now += std::chrono::seconds(1);
    fire(WaitKind::timeout);
    while (fire(WaitKind::continue_)) continue;
    ASSERT_EQ(run.state().status(), RunStatus::completed) << continuations;
    outputs.insert(run.state().output().find("n")->integer());
  }
  EXPECT_EQ(outputs, (std::set<std::int64_t>{2, 408}));  // in time, and too late
}

// The outermost try counts how often each call below it was requested; a loop there makes it remember many.
TEST(Decide, WhatATryRemembersOfItsCallsCountsAsState) {
  const auto program = compiled(R"({
    "document": {"dsl": "1.0.0", "namespace": "test", "name": "many", "version": "1.0.0"},
    "do": [{"t": {
      "try": [{"each": {"for": {"each": "item", "in": "${ [range(30)] }"}, "do": [{"book": {"call": "shop.book"}}]}}],
      "catch": {"retry": {"delay": "PT1S"}}}}]})");
  ASSERT_NE(program, nullptr);
  PlayedRun run(*program, 1'000);
  run.decide(Start{Value::object(), Value::object(), {}});
  const auto complete = [&](int times) {
    for (int i = 0; i < times; ++i) {
      const Pending open = pending(run.state());
      ASSERT_EQ(open.invocations.size(), 1U);
      run.decide(Completed{open.invocations[0].id, open.invocations[0].attempt, 1, Value::object()});
    }
  };
  complete(9);
  const std::size_t before = run.state().size_bytes();
  complete(10);
  const std::size_t path = std::string_view("/do/0/t/try/0/each[9]/0/book").size();
  EXPECT_GE(run.state().size_bytes(), before + 10 * path);
  EXPECT_LE(run.state().size_bytes(), before + 10 * 300);
}

TEST(Decide, EqualsTheFoldOfItsEventsAndKeepsTheLaws) {
  std::map<RunStatus, int> ends;
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    const std::string definition = testing::RandomDefinition(seed).text();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + definition);
    const auto program = compiled(definition);
    ASSERT_NE(program, nullptr);
    PlayedRun run(*program, cuts[seed % std::size(cuts)]);
    AnyOrder(run, seed).play();
    ++ends[run.state().status()];
  }
  // The definitions are of a kind that reaches every end.
  EXPECT_GT(ends[RunStatus::completed], 50);
  EXPECT_GT(ends[RunStatus::faulted], 50);
  EXPECT_GT(ends[RunStatus::cancelled], 0);
}

TEST(Decide, EndsTheSameHoweverItIsCut) {
  for (std::uint64_t seed = 1; seed <= seeds && !HasFailure(); ++seed) {
    const std::string definition = testing::RandomDefinition(seed + 100'000).text();
    SCOPED_TRACE("seed " + std::to_string(seed) + ": " + definition);
    const auto program = compiled(definition);
    ASSERT_NE(program, nullptr);
    PlayedRun whole(*program, 1'000), cut(*program, cuts[1 + seed % (std::size(cuts) - 1)]);
    play_by_rule(whole, seed);
    play_by_rule(cut, seed);
    EXPECT_EQ(name(whole.state().status()), name(cut.state().status()));
    EXPECT_EQ(json::to_text(whole.state().output()), json::to_text(cut.state().output()));
    EXPECT_EQ(json::to_text(whole.state().error()), json::to_text(cut.state().error()));
  }
}

}  // namespace
}  // namespace pawl::core
