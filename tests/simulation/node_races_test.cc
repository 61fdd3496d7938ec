// What crosses on the way: a row that is read while its run moves on.
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;
using When = Point::When;

class NodeRacesTest : public NodeTest {
 protected:
  // The first attempt's time is up after 2 s, the second one is requested at 3 s. A result of the first comes shortly
  // before that, when memory has forgotten the invocation, and its row takes a second to read.
  void let_a_late_result_cross_the_retry(std::string commit_fails_with = {}) {
    begin();
    world_->database.deploy(world_->tenant, "sim", "retried", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: retried, version: 1.0.0}
do:
  - outer:
      try: [{work: {call: shop.one, timeout: {after: PT2S}}}]
      catch: {retry: {delay: PT1S}}
)");
    run_ = (*start("retried"))->id;
    const auto tasks = poll();
    ASSERT_EQ(tasks.size(), 1U);
    first_ = tasks[0].token;
    ASSERT_TRUE(until([&] { return row(first_).status == ports::InvocationStatus::resolved; }));
    run_for(milliseconds{900});
    world_->database.set_hook([=, failed = false](const Point& point) mutable -> Fault {
      if (point.script == "load_invocation" && point.when == When::arrive) return {.stop = seconds{1}};
      const bool retry = point.script == "commit" && point.statement == "invocations";
      if (commit_fails_with.empty() || failed || !retry || point.when != When::before_statement) return {};
      failed = true;
      return {.stop = seconds{2}, .sqlstate = commit_fails_with};  // the row is read meanwhile
    });
    node().complete({.token = first_, .failed = false, .output = json::Value("late"), .error = {}, .retry_after = {}},
                    into(late_));
  }

  Uuid run_;
  engine::TaskToken first_;
  Answers<engine::Accepted> late_ = std::make_shared<Answer<engine::Accepted>>();
};

TEST_F(NodeRacesTest, AResultWhoseRowIsReadWhileTheTaskIsTriedAgainIsAnswered) {
  let_a_late_result_cross_the_retry();
  EXPECT_TRUE(until([&] { return late_->there(); }, seconds{5}));
  ASSERT_EQ(late_->code(), "");
  EXPECT_EQ(**late_, engine::Accepted::stale);
  const auto again = poll();
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].token.attempt, 2U);
  EXPECT_EQ(complete(again[0].token), engine::Accepted::done);
  EXPECT_TRUE(until([&] { return ended(run_) && node().idle(); }, seconds{5}));
}

TEST_F(NodeRacesTest, TheTaskIsTriedAgainThoughTheFirstCommitOfThatFailedWhileItsRowWasRead) {
  let_a_late_result_cross_the_retry("40001");
  const auto again = poll(1, seconds{8});
  ASSERT_EQ(again.size(), 1U);
  EXPECT_EQ(again[0].token.attempt, 2U);
  EXPECT_EQ(complete(again[0].token), engine::Accepted::done);
  EXPECT_TRUE(until([&] { return ended(run_) && node().idle(); }, seconds{5}));
  EXPECT_TRUE(late_->there());
}

// After a crash the client repeats its start and the worker its result, both before recovery has read the run.
TEST_F(NodeRacesTest, AResultWhoseRowIsReadWhileItsRunIsStartedAgainIsAnswered) {
  begin();
  const Uuid run = (*start("one", "key"))->id;
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  world_->kill(world_->processes().front()->number());
  world_->database.set_hook([](const Point& point) -> Fault {
    if (point.when != When::arrive) return {};
    if (point.script == "load_pending") return {.stop = seconds{10}};
    return {.stop = point.script == "load_invocation" ? milliseconds{500} : milliseconds{0}};
  });
  restart();
  node().complete({.token = tasks[0].token, .failed = false, .output = {}, .error = {}, .retry_after = {}},
                  into(late_));
  EXPECT_EQ((*start("one", "key"))->id, run);
  EXPECT_TRUE(until([&] { return late_->there(); }, seconds{3}));
  ASSERT_EQ(late_->code(), "");
  EXPECT_EQ(**late_, engine::Accepted::done);
  EXPECT_TRUE(ended(run));
}

// The lease of the first worker has lapsed and the second one's claim is on its way, when the first has finished after
// all. The claim fails at its COMMIT; the result, in the batch behind it, is committed.
TEST_F(NodeRacesTest, AClaimFailsAndTheResultBehindItIsCommitted) {
  engine::LoopConfig loop;
  loop.task_lease = seconds{2};
  begin(loop);
  run_ = (*start("one"))->id;
  const auto tasks = poll();
  ASSERT_EQ(tasks.size(), 1U);
  run_for(seconds{3});
  world_->database.set_hook([failed = false](const Point& point) mutable -> Fault {
    if (point.script != "commit" || point.when != When::before_commit || std::exchange(failed, true)) return {};
    return {.stop = milliseconds{100}, .sqlstate = "40001"};
  });
  auto polled = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(polled, 1, seconds{2});
  run_for(milliseconds{10});
  node().complete({.token = tasks[0].token, .failed = false, .output = {}, .error = {}, .retry_after = {}},
                  into(late_));
  EXPECT_EQ(**wait_for(late_), engine::Accepted::done);
  EXPECT_TRUE((**wait_for(polled)).empty());
  EXPECT_TRUE(ended(run_));
}

// The claim is committed, but its answer comes when a cancel behind it has closed the task: nobody is told of the
// lease. Then the cancel cannot be written.
TEST_F(NodeRacesTest, AClaimThatNobodyWasToldOfIsOfferedAgainWhenTheCancelBehindItFails) {
  begin();
  run_ = (*start("one"))->id;
  world_->database.set_hook([commits = 0](const Point& point) mutable -> Fault {
    if (point.script != "commit" || point.when != When::before_commit) return {};
    ++commits;
    if (commits == 1) return {.stop = milliseconds{100}};
    return commits == 2 ? Fault{.sqlstate = "53100"} : Fault{};
  });
  auto polled = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(polled, 1, seconds{20});
  run_for(milliseconds{10});
  EXPECT_EQ(cancel(run_)->code(), "store-unavailable");
  ASSERT_EQ((**wait_for(polled)).size(), 1U);
  EXPECT_EQ((**polled)[0].token.lease, 2U);
  EXPECT_EQ(row((**polled)[0].token).deaths, 1U);
  EXPECT_EQ(complete((**polled)[0].token), engine::Accepted::done);
  EXPECT_TRUE(until([&] { return ended(run_); }, seconds{5}));
}

TEST_F(NodeRacesTest, WorkIsStillOfferedWhenARepeatedStartOfItsRunCouldNotBeWritten) {
  begin();
  const Uuid run = (*start("one", "key"))->id;
  world_->kill(world_->processes().front()->number());
  restart();
  run_for(seconds{2});  // recovery has found the work, nothing has asked for its run
  refuse([](const ports::Batch& batch) { return !batch.starts.empty(); }, "starts", "53100");
  EXPECT_EQ(start("one", "key")->code(), "store-unavailable");
  world_->database.set_hook({});
  const auto tasks = poll(1, seconds{8});
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
  EXPECT_TRUE(ended(run));
}

TEST_F(NodeRacesTest, AfterARestartAPollReadsTheInputsOfWhatItAskedForAlone) {
  begin();
  std::set<Uuid> runs;
  for (int i = 0; i < 20; ++i) runs.insert((*start("one"))->id);
  world_->kill(world_->processes().front()->number());
  restart();
  run_for(seconds{2});
  int read = 0;
  world_->database.set_hook([&](const Point& point) -> Fault {
    if (point.script == "load_run" && point.when == When::arrive) ++read;
    return {};
  });
  for (const auto& task : poll(1)) {
    EXPECT_EQ(complete(task.token), engine::Accepted::done);
    runs.erase(task.run);
  }
  EXPECT_LE(read, 2);  // each loop may have read one
  for (int i = 0; i < 40 && !runs.empty(); ++i) {
    for (const auto& task : poll(3)) {
      EXPECT_EQ(complete(task.token), engine::Accepted::done);
      runs.erase(task.run);
    }
  }
  EXPECT_TRUE(runs.empty());
}

}  // namespace
}  // namespace pawl::simulation
