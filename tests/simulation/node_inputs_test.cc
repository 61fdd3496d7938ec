// Inputs that are not in memory are read when somebody wants the work: as many at once as there is room for, and no
// longer than they can be.
#include "engine/problems.h"
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::size_t large = 1'000'000;

class NodeInputsTest : public NodeTest {
 protected:
  // Restarted with so many tasks, none of whose inputs is in memory.
  void begin_with(int tasks, std::size_t bytes, engine::LoopConfig loop = {}, const std::string& name = "large") {
    begin(loop);
    world_->database.deploy(world_->tenant, "sim", "large", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: large, version: 1.0.0}
do:
  - work: {call: shop.one, with: {text: "${ .text }"}}
)");
    world_->database.deploy(world_->tenant, "sim", "send", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: send, version: 1.0.0}
do:
  - work: {call: http, with: {method: post, endpoint: "http://shop.example/", body: "${ .text }"}}
)");
    for (int i = 0; i < tasks; ++i) {
      engine::StartRun start = request(name);
      start.input = json::Value::object({{"text", json::Value(std::string(bytes, 'x'))}});
      runs_.push_back((*wait_for(send(std::move(start))))->id);
    }
    world_->kill(world_->processes().front()->number());
    world_->database.set_hook(hook_);
    restart();
  }
  GatedStorage& storage(std::size_t loop) { return world_->processes().back()->loop_storage(loop); }
  std::size_t loads() { return storage(0).loads() + storage(1).loads(); }
  // What becomes of the runs that are read.
  void on_loaded(std::function<void(const ports::RunKey&, GatedStorage::Loaded&)> then) {
    for (const std::size_t loop : {0, 1}) storage(loop).set_on_loaded(then);
  }
  // Of these runs none can be read, until `over`.
  void refuse_to_read(std::vector<Uuid> runs, const bool& over) {
    on_loaded([runs = std::move(runs), &over](const ports::RunKey& key, GatedStorage::Loaded& loaded) {
      if (!over && std::ranges::find(runs, key.run) != runs.end()) loaded = fail(engine::unavailable("a bad sector"));
    });
  }
  int work(int count, std::uint32_t max = 1) {
    int done = 0;
    while (done < count) {
      const auto tasks = poll(max, seconds{10});
      if (tasks.empty()) break;
      for (const auto& task : tasks) EXPECT_EQ(complete(task.token), engine::Accepted::done);
      done += static_cast<int>(tasks.size());
    }
    return done;
  }
  bool all_ended() {
    return std::ranges::all_of(runs_, [&](const Uuid& run) { return ended(run); });
  }

  store::memory::Hook hook_;  // from the restart on
  std::vector<Uuid> runs_;
};

// Each of two loops may read as much as the poll may be given; as much again has been claimed for it.
TEST_F(NodeInputsTest, ThoseOfOnePollAreReadUpToItsBytes) {
  begin_with(60, large);
  constexpr std::size_t bound = engine::limits::poll_bytes;
  std::size_t given = 0, peak = 0;
  on_loaded([&](const auto&, const auto&) { peak = std::max(peak, loads() - given); });
  while (given < 60) {
    const auto tasks = poll(100, seconds{5});
    ASSERT_FALSE(tasks.empty()) << given;
    given += tasks.size();
    for (const auto& task : tasks) {
      EXPECT_GE(task.input.size_bytes(), large);
      EXPECT_EQ(complete(task.token), engine::Accepted::done);
    }
  }
  EXPECT_LE(peak * large, 3 * bound);
  for (const std::size_t loop : {0, 1}) {
    EXPECT_LE(storage(loop).most_loading(), bound / engine::limits::input_bytes_read);
  }
  EXPECT_EQ(loads(), 60U);
  EXPECT_TRUE(all_ended());
}

TEST_F(NodeInputsTest, ThoseOfManyPollsAreReadUpToTheRoomForInputs) {
  engine::LoopConfig loop;
  loop.input_bytes = 4 << 20;
  begin_with(60, large, loop);
  std::vector<Answers<std::vector<engine::Assignment>>> polls;
  for (int i = 0; i < 20; ++i) {
    polls.push_back(std::make_shared<Answer<std::vector<engine::Assignment>>>());
    poll_only(polls.back(), 3, seconds{20});
  }
  std::size_t given = 0;
  for (const auto& answer : polls) {
    wait_for(answer);
    given += (**answer).size();
    for (const auto& task : **answer) EXPECT_EQ(complete(task.token), engine::Accepted::done);
  }
  EXPECT_GE(given, 20U);
  EXPECT_EQ(work(static_cast<int>(60 - given)), static_cast<int>(60 - given));
  EXPECT_TRUE(all_ended());
  for (const std::size_t loop_index : {0, 1}) EXPECT_LE(storage(loop_index).most_loading(), 4U);
}

TEST_F(NodeInputsTest, WithoutAnyRoomTheyAreReadOneByOne) {
  engine::LoopConfig loop;
  loop.input_bytes = 1;
  begin_with(20, 1'000, loop);
  EXPECT_EQ(work(20, 5), 20);
  EXPECT_TRUE(all_ended());
  for (const std::size_t loop_index : {0, 1}) EXPECT_EQ(storage(loop_index).most_loading(), 1U);
}

TEST_F(NodeInputsTest, CallsAreMadeWithoutAnyRoomToo) {
  engine::LoopConfig loop;
  loop.input_bytes = 1;
  begin_with(20, 1'000, loop, "send");
  EXPECT_TRUE(until([&] { return all_ended(); }, seconds{10}));
}

// ---- that do not come

TEST_F(NodeInputsTest, WhatCannotBeReadDoesNotKeepOutWhatIsBehindIt) {
  begin_with(40, 1'000);
  bool over = false;
  refuse_to_read({runs_.begin(), runs_.begin() + 20}, over);
  EXPECT_EQ(work(20), 20);
  EXPECT_FALSE(all_ended());
  over = true;
  EXPECT_EQ(work(20), 20);
  EXPECT_TRUE(all_ended());
}

TEST_F(NodeInputsTest, CallsToo) {
  engine::LoopConfig loop;
  loop.input_bytes = 1;
  begin_with(20, 1'000, loop, "send");
  bool over = false;
  refuse_to_read({runs_.begin(), runs_.begin() + 10}, over);
  const auto ended_behind = [&] {
    return std::ranges::count_if(runs_, [&](const Uuid& run) { return ended(run); }) == 10;
  };
  EXPECT_TRUE(until(ended_behind, seconds{10}));
  over = true;
  EXPECT_TRUE(until([&] { return all_ended(); }, seconds{30}));
}

TEST_F(NodeInputsTest, WhenNothingCanBeReadForAWhileAPollWaitsAndIsServed) {
  begin_with(20, 1'000);
  bool over = false;
  refuse_to_read(runs_, over);
  auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  poll_only(answer, 1, seconds{60});
  run_for(seconds{5});
  EXPECT_FALSE(answer->there());
  EXPECT_LT(loads(), 200U);  // it does not ask without a pause
  over = true;
  EXPECT_EQ((**wait_for(answer)).size(), 1U);
}

TEST_F(NodeInputsTest, WhatIsNotThereOrCannotBeFoldedIsPassedOver) {
  begin_with(20, 1'000);
  on_loaded([&](const ports::RunKey& key, GatedStorage::Loaded& loaded) {
    const auto at = std::ranges::find(runs_, key.run) - runs_.begin();
    if (at < 5) loaded = std::nullopt;
    if (at >= 5 && at < 10) ++(*loaded)->revision;
  });
  EXPECT_EQ(work(10), 10);
}

// ---- that come for nobody

TEST_F(NodeInputsTest, APollThatIsGivenUpLeavesThemToTheNext) {
  begin_with(20, 1'000);
  for (int i = 0; i < 10; ++i) {
    auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
    node().cancel_poll(poll_only(answer, 100, seconds{60}));
  }
  EXPECT_EQ(work(20, 100), 20);
  EXPECT_EQ(loads(), 20U);
}

// Some have come and are claimed by a commit whose answer is lost, the others are on their way.
TEST_F(NodeInputsTest, ALoopThatDropsItsMemoryReadsThemAnew) {
  begin_with(20, 1'000);
  int asked = 0;
  bool claims = false, cut = false;
  for (const std::size_t loop : {0, 1}) {
    storage(loop).set_on_send([&](const ports::Batch& batch) { claims = claims || !batch.claims.empty(); });
  }
  world_->database.set_hook([&](const store::memory::Point& point) -> store::memory::Fault {
    using When = store::memory::Point::When;
    if (point.script == "load_run" && point.when == When::arrive && ++asked > 2 && !cut) return {.stop = seconds{2}};
    if (!claims || point.script != "commit" || point.when != When::before_commit) return {};
    cut = true;
    return {.cut = true, .die = true};
  });
  auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
  const engine::PollId lost = poll_only(answer, 100, seconds{60});
  ASSERT_TRUE(until([&] { return cut; }));
  node().cancel_poll(lost);
  world_->database.set_hook({});
  ASSERT_TRUE(until([&] { return node().ready(); }));
  EXPECT_EQ(work(20), 20);
}

TEST_F(NodeInputsTest, SoItDoesForCalls) {
  engine::LoopConfig loop;
  loop.input_bytes = 1;
  bool over = false;
  hook_ = [&](const store::memory::Point& point) -> store::memory::Fault {
    const bool slow = !over && point.script == "load_run" && point.when == store::memory::Point::When::arrive;
    return {.stop = seconds{slow ? 10 : 0}};
  };
  begin_with(10, 1'000, loop, "send");
  ASSERT_TRUE(until([&] { return storage(0).loads() > 0 && storage(1).loads() > 0; }));
  over = true;
  world_->database.crash();
  for (int i = 0; i < 4; ++i) send(request("set"));  // it finds out by a commit
  EXPECT_TRUE(until([&] { return all_ended(); }, seconds{20}));
}

}  // namespace
}  // namespace pawl::simulation
