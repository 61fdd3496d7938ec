// More open work than fits in memory: everybody's is found all the same.
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::seconds;

class NodeSharesTest : public NodeTest {
 protected:
  void begin(engine::LoopConfig loop) {
    NodeTest::begin(loop);
    deploy(other_, "one", "{call: shop.one}");
    deploy(world_->tenant, "beside", "{call: shop.one, metadata: {pawl: {queue: beside}}}");
    deploy(world_->tenant, "two", "{call: shop.two}");
  }
  void deploy(const Uuid& tenant, const std::string& name, const std::string& task) {
    world_->database.deploy(
        tenant, "sim", name, "1.0.0",
        "document: {dsl: 1.0.0, namespace: sim, name: " + name + ", version: 1.0.0}\ndo:\n  - work: " + task);
  }
  void start_many(const Uuid& tenant, const std::string& name, int count) {
    for (int i = 0; i < count; ++i) {
      engine::StartRun start = request(name);
      start.tenant = tenant;
      EXPECT_EQ(wait_for(send(start))->code(), "");
    }
  }
  void restart_with_it() {
    world_->kill(world_->processes().front()->number());
    restart();
  }
  // Polls and completes until `count` tasks are done, or until a poll has waited for five seconds in vain.
  int work(const Uuid& tenant, const std::string& queue, const std::string& action, int count) {
    int done = 0;
    while (done < count) {
      auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
      node().poll({tenant, queue, "worker of " + action, {action}, 2, seconds{5}}, into(answer));
      wait_for(answer);
      if ((**answer).empty()) return done;
      for (const auto& task : **answer) {
        EXPECT_EQ(complete(task.token), engine::Accepted::done);
        ++done;
      }
    }
    return done;
  }
  static engine::LoopConfig small() {
    engine::LoopConfig loop;
    loop.invocations = 16;  // in each of two loops
    return loop;
  }

  const Uuid other_ = *Uuid::parse("018f0000-0000-7000-8000-000000000002");
};

TEST_F(NodeSharesTest, AfterARestartATenantWithMoreThanFitsKeepsNobodyOut) {
  begin(small());
  start_many(world_->tenant, "one", 150);
  start_many(other_, "one", 10);
  restart_with_it();
  EXPECT_EQ(work(other_, "default", "shop.one", 10), 10);
  EXPECT_EQ(work(world_->tenant, "default", "shop.one", 150), 150);
}

TEST_F(NodeSharesTest, NorDoesAQueueThatNobodyPollsKeepOutAnotherOfItsTenant) {
  begin(small());
  start_many(world_->tenant, "one", 150);
  start_many(world_->tenant, "beside", 10);
  restart_with_it();
  EXPECT_EQ(work(world_->tenant, "beside", "shop.one", 10), 10);
}

TEST_F(NodeSharesTest, NorAnActionThatNobodyDoesAnotherOfItsQueue) {
  engine::LoopConfig loop;
  loop.queue_window = 4;
  begin(loop);
  start_many(world_->tenant, "two", 60);
  start_many(world_->tenant, "one", 10);
  EXPECT_EQ(work(world_->tenant, "default", "shop.one", 10), 10);
}

// Its tenant has what it may have of that action when the pages with the other one come.
TEST_F(NodeSharesTest, NorDoesItWhenItHasFilledTheShareOfItsTenant) {
  engine::LoopConfig loop = small();
  loop.page_rows = 20;
  begin(loop);
  start_many(world_->tenant, "two", 200);
  start_many(world_->tenant, "one", 30);
  restart_with_it();
  run_for(seconds{5});  // all pages have come
  const Time before = world_->scheduler.now();
  EXPECT_EQ(work(world_->tenant, "default", "shop.one", 30), 30);
  EXPECT_LT(world_->scheduler.now() - before, seconds{2});
  EXPECT_EQ(work(world_->tenant, "default", "shop.two", 200), 200);
}

// There is one of each in memory at most: only a poll for it gets another one in.
TEST_F(NodeSharesTest, OfMoreActionsThanFitEachIsDoneThatSomebodyPollsFor) {
  engine::LoopConfig narrow;
  narrow.queue_window = 4;
  for (const engine::LoopConfig& loop : {small(), narrow}) {
    begin(loop);
    for (int i = 0; i < 60; ++i) {
      const std::string number = std::to_string(i);
      deploy(world_->tenant, "many" + number, "{call: shop.a" + number + "}");
      start_many(world_->tenant, "many" + number, 2);
    }
    restart_with_it();
    for (int i = 59; i >= 0; --i) {
      EXPECT_EQ(work(world_->tenant, "default", "shop.a" + std::to_string(i), 2), 2) << i;
    }
  }
}

TEST_F(NodeSharesTest, APollForWhatIsNotThereDoesNotReadTheTableForEver) {
  engine::LoopConfig loop;
  loop.queue_window = 4;
  begin(loop);
  start_many(world_->tenant, "two", 60);
  int pages = 0;
  world_->database.set_hook([&](const store::memory::Point& point) -> store::memory::Fault {
    if (point.script == "load_pending" && point.when == store::memory::Point::When::arrive) ++pages;
    return {};
  });
  EXPECT_TRUE(poll(1, seconds{20}).empty());
  EXPECT_LE(pages, 2 * 4);  // of two loops
}

TEST_F(NodeSharesTest, WhatWorkersHoldMayLeaveMemoryAndIsCompletedAllTheSame) {
  begin(small());
  start_many(world_->tenant, "one", 60);
  std::vector<engine::Assignment> held;
  while (held.size() < 60) {
    const auto more = poll(20, seconds{5});
    ASSERT_FALSE(more.empty()) << held.size();
    held.insert(held.end(), more.begin(), more.end());
  }
  for (const auto& task : held) EXPECT_EQ(beat(task.token).result, engine::Accepted::done);
  start_many(other_, "one", 10);
  EXPECT_EQ(work(other_, "default", "shop.one", 10), 10);
  for (const auto& task : held) EXPECT_EQ(complete(task.token), engine::Accepted::done);
}

// ---- the engine's own calls

TEST_F(NodeSharesTest, TenantsWhoseServicesNeverAnswerHoldUpNobodyElse) {
  begin({});
  std::vector<Answers<engine::RunView>> starts;
  const auto start_calls = [&](std::uint8_t number, const std::string& host, int count) {
    Uuid tenant = other_;
    tenant.bytes[0] = number;
    deploy(tenant, "call", "{call: http, with: {method: get, endpoint: 'http://" + host + "/'}}");
    for (int i = 0; i < count; ++i) {
      engine::StartRun start = request("call");
      start.tenant = tenant;
      starts.push_back(send(start));
    }
  };
  for (std::uint8_t bad = 1; bad <= 5; ++bad) start_calls(bad, "silent.example", 300);
  run_for(seconds{5});
  EXPECT_GT(world_->processes().front()->transport().out(), 100U);
  start_calls(6, "shop.example", 100);
  Uuid good = other_;
  good.bytes[0] = 6;
  const auto done = [&] {
    return std::ranges::count_if(world_->database.tables().runs, [&](const auto& each) {
             return each.first.tenant == good && core::has_ended(each.second.status);
           }) == 100;
  };
  EXPECT_TRUE(until(done, seconds{30}));
  EXPECT_LE(world_->processes().front()->transport().out(), engine::limits::calls_at_once);
}

TEST_F(NodeSharesTest, CallsBeyondTheWindowWaitInTheTable) {
  engine::LoopConfig loop;
  loop.call_window = 8;
  begin(loop);
  deploy(world_->tenant, "never", "{call: http, with: {method: get, endpoint: 'http://silent.example/'}}");
  start_many(world_->tenant, "never", 400);
  Gauge& open = world_->processes().front()->metrics().gauge("pawl_tasks_open", "");
  EXPECT_LE(open.value(), 64 + 2 * 8);  // out, and the windows of two loops
  restart_with_it();
  run_for(seconds{5});
  Gauge& again = world_->processes().front()->metrics().gauge("pawl_tasks_open", "");
  EXPECT_LE(again.value(), 64 + 2 * 8 + 64);  // what came back with its input found its place taken
}

TEST_F(NodeSharesTest, CallsThatHaveSpilledAreMadeAsOthersEnd) {
  engine::LoopConfig loop;
  loop.call_window = 4;
  begin(loop);
  deploy(world_->tenant, "call", "{call: http, with: {method: get, endpoint: 'http://shop.example/'}}");
  start_many(world_->tenant, "call", 500);
  restart_with_it();
  const auto done = [&] {
    return std::ranges::all_of(world_->database.tables().runs,
                               [](const auto& each) { return core::has_ended(each.second.status); });
  };
  EXPECT_TRUE(until(done, seconds{20}));
}

}  // namespace
}  // namespace pawl::simulation
