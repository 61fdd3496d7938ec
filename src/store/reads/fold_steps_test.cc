#include "store/reads/fold_steps.h"

#include <gtest/gtest.h>

namespace pawl::store {

namespace {

using core::Event;
using core::EventType;
using json::Value;

Time at(int seconds) { return Time(std::chrono::seconds(1'793'534'400 + seconds)); }

Event event(std::uint32_t seq, EventType type, std::string path, Value payload = Value::object()) {
  return {.seq = seq,
          .type = type,
          .ts = at(static_cast<int>(seq)),
          .path = std::move(path),
          .payload = std::move(payload)};
}

constexpr const char* charge_id = "0190f0c0-0000-8000-8000-00000000000c";

Event charge(std::uint32_t seq, int attempt) {
  return event(seq, EventType::invocation_requested, "/do/0/t/try/0/charge",
               Value::object({{"invocation", charge_id}, {"attempt", Value::integer(attempt)}, {"input", "in"}}));
}

}  // namespace

TEST(FoldSteps, AReferenceIsThePathWithoutItsMarks) {
  EXPECT_EQ(reference_of("/do/0/a"), "/do/0/a");
  EXPECT_EQ(reference_of("/do/2/parcels[1]/do/0/book"), "/do/2/parcels/do/0/book");
  EXPECT_EQ(reference_of("/do/1/poll~3"), "/do/1/poll");
  EXPECT_EQ(reference_of("/do/4/pay!1/try/0/charge"), "/do/4/pay/try/0/charge");
  EXPECT_EQ(reference_of("/do/4/pay[2]~3!1"), "/do/4/pay");
  EXPECT_EQ(reference_of("/do/5/tell>/use/functions/send"), "/use/functions/send");
  EXPECT_EQ(reference_of("/do/0/a~1b"), "/do/0/a~1b");  // a pointer's escape is no visit
  EXPECT_EQ(reference_of("/do/0/50%25 off%21"), "/do/0/50% off!");
  EXPECT_EQ(reference_of("/do/0/%"), "/do/0/%");
  EXPECT_EQ(reference_of(""), "");
}

TEST(FoldSteps, ATasksNameIsTheLastTokenOfItsReference) {
  EXPECT_EQ(task_name_of("/do/0/charge"), "charge");
  EXPECT_EQ(task_name_of("/do/0/a~1b~0c"), "a/b~c");
}

TEST(FoldSteps, ATaskThatEndsAtOnceIsOneStep) {
  const std::vector<Event> events = {event(1, EventType::run_started, ""),
                                     event(2, EventType::task_completed, "/do/0/a", Value::object({{"output", "x"}})),
                                     event(3, EventType::task_skipped, "/do/1/b"),
                                     event(4, EventType::run_completed, "")};
  const std::vector<Step> steps = fold_steps(events);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].path, "/do/0/a");
  EXPECT_EQ(steps[0].task, "a");
  EXPECT_EQ(steps[0].status, StepStatus::completed);
  EXPECT_EQ(steps[0].started_at, at(2));
  EXPECT_EQ(steps[0].ended_at, at(2));
  EXPECT_EQ(steps[0].output, Value("x"));
  EXPECT_FALSE(steps[0].input);
  EXPECT_EQ(steps[1].status, StepStatus::skipped);
  EXPECT_FALSE(steps[1].output);
}

TEST(FoldSteps, ARetriedCallIsOneStepWithAttempts) {
  std::vector<Event> events = {
      event(1, EventType::run_started, ""),
      event(2, EventType::task_started, "/do/0/t"),
      charge(3, 1),
      event(4, EventType::task_faulted, "/do/0/t/try/0/charge", Value::object({{"error", "no"}})),
      event(5, EventType::task_retrying, "/do/0/t", Value::object({{"attempt", Value::integer(1)}})),
      event(6, EventType::wait_opened, "/do/0/t", Value::object({{"wait", Value::integer(1)}, {"kind", "retry"}}))};
  std::vector<Step> steps = fold_steps(events);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].status, StepStatus::waiting);
  EXPECT_EQ(steps[0].attempt, 2U);
  EXPECT_EQ(steps[1].status, StepStatus::faulted);
  EXPECT_EQ(steps[1].error, Value("no"));

  events.push_back(event(7, EventType::wait_closed, "/do/0/t", Value::object({{"wait", Value::integer(1)}})));
  events.push_back(charge(8, 2));
  steps = fold_steps(events);
  ASSERT_EQ(steps.size(), 2U);
  EXPECT_EQ(steps[0].status, StepStatus::running);
  EXPECT_EQ(steps[1].status, StepStatus::running);
  EXPECT_EQ(steps[1].attempt, 2U);
  EXPECT_EQ(steps[1].started_at, at(3));
  EXPECT_FALSE(steps[1].ended_at);
  EXPECT_FALSE(steps[1].error);
  EXPECT_EQ(steps[1].input, Value("in"));
  EXPECT_EQ(steps[1].invocation_id, Uuid::parse(charge_id));
}

TEST(FoldSteps, AWaitingTaskBeginsWithItsTimerAndATimeoutChangesNothing) {
  const auto opened = [](std::uint32_t seq, std::string path, int number, const char* kind) {
    return event(seq, EventType::wait_opened, std::move(path),
                 Value::object({{"wait", Value::integer(number)}, {"kind", kind}}));
  };
  std::vector<Event> events = {event(1, EventType::run_started, ""), opened(2, "/timeout", 1, "timeout"),
                               opened(3, "/do/0/pause", 2, "timer")};
  std::vector<Step> steps = fold_steps(events);
  ASSERT_EQ(steps.size(), 1U);
  EXPECT_EQ(steps[0].status, StepStatus::waiting);
  events.push_back(event(4, EventType::wait_closed, "/do/0/pause", Value::object({{"wait", Value::integer(2)}})));
  events.push_back(event(5, EventType::task_completed, "/do/0/pause", Value::object({{"output", nullptr}})));
  steps = fold_steps(events);
  EXPECT_EQ(steps[0].status, StepStatus::completed);
  EXPECT_EQ(steps[0].started_at, at(3));
  EXPECT_EQ(steps[0].ended_at, at(5));
}

TEST(FoldSteps, EachIterationAndVisitIsAStep) {
  const std::vector<Event> events = {
      event(1, EventType::task_started, "/do/0/loop"),
      event(2, EventType::iteration_started, "/do/0/loop", Value::object({{"index", Value::integer(0)}})),
      event(3, EventType::task_completed, "/do/0/loop[0]/do/0/a"),
      event(4, EventType::task_completed, "/do/0/loop[1]/do/0/a"),
      event(5, EventType::task_completed, "/do/0/loop[1]/do/0/a~2"),
      event(6, EventType::task_cancelled, "/do/0/loop")};
  const std::vector<Step> steps = fold_steps(events);
  ASSERT_EQ(steps.size(), 4U);
  EXPECT_EQ(steps[0].status, StepStatus::cancelled);
  EXPECT_EQ(steps[3].path, "/do/0/loop[1]/do/0/a~2");
  EXPECT_EQ(steps[3].reference, "/do/0/loop/do/0/a");
  EXPECT_EQ(name(steps[3].status), "completed");
}

}  // namespace pawl::store
