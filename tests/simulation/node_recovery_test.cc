// What a server does when it comes back: from standing still, and from a commit whose outcome it does not know.
#include "simulation/node_fixture.h"

namespace pawl::simulation {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;
using store::memory::Fault;
using store::memory::Point;
using When = Point::When;

class NodeRecoveryTest : public NodeTest {
 protected:
  void begin(engine::LoopConfig loop = {}) {
    NodeTest::begin(loop);
    world_->database.deploy(world_->tenant, "sim", "call", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: call, version: 1.0.0}
do:
  - ask: {call: http, with: {method: get, endpoint: "http://shop.example/ask"}}
)");
  }
  Process& first() { return *world_->processes().front(); }
  void on_send(std::function<void(const ports::Batch&)> then) {
    for (const std::size_t loop : {0, 1}) first().loop_storage(loop).set_on_send(then);
  }
};

// It has asked for a call; the answer of that commit and all of its timers wait for it, the answer first.
TEST_F(NodeRecoveryTest, AServerThatStoodStillBeyondItsLeaseSendsNothingWhenItGoesOn) {
  begin();
  world_->database.set_hook([](const Point& point) -> Fault {
    return {.stop = milliseconds{point.script == "commit" && point.when == When::arrive ? 50 : 0}};
  });
  const auto started = send(request("call"));
  run_for(milliseconds{20});
  first().stop();
  restart();
  const auto taken = [&] {
    return std::ranges::all_of(world_->database.tables().lanes,
                               [](const auto& lane) { return lane.second.epoch == 2; });
  };
  ASSERT_TRUE(until([&] { return taken() && world_->ledger.calls_of(world_->processes().back()->number()) == 1; }));
  int sent = 0;
  on_send([&](const ports::Batch&) { ++sent; });
  first().go_on();
  run_for(seconds{3});
  EXPECT_EQ(started->code(), "");  // the start was committed, and that stays true
  EXPECT_EQ(world_->ledger.calls_of(first().number()), 0U);
  EXPECT_EQ(sent, 0);
}

TEST_F(NodeRecoveryTest, WorkWhoseClaimWasCommittedWithoutAnAnswerIsGivenOutBeforeItsLeaseLapses) {
  begin();
  bool claims = false, cut = false;
  on_send([&](const ports::Batch& batch) { claims = !batch.claims.empty(); });
  world_->database.set_hook([&](const Point& point) -> Fault {
    if (cut || !claims || point.script != "commit" || point.when != When::after_commit) return {};
    cut = true;
    return {.cut = true};
  });
  start("one");
  const auto tasks = poll(1, seconds{10});
  EXPECT_TRUE(cut);
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].token.lease, 2U);
  EXPECT_EQ(complete(tasks[0].token), engine::Accepted::done);
}

// All answers have come when the first commits of them are lost; batches of one row let the rest wait for their turn.
TEST_F(NodeRecoveryTest, ACallThatWasAnsweredIsNotMadeAgainWhenACommitIsLost) {
  engine::LoopConfig loop;
  loop.batch_rows = 1;
  begin(loop);
  constexpr std::size_t runs = 20;
  bool over = false;
  std::set<store::memory::BackendId> held;
  world_->database.set_hook([&](const Point& point) -> Fault {
    if (over || point.script != "commit") return {};
    if (point.when == When::arrive && world_->ledger.calls_of(first().number()) == runs) {
      held.insert(point.backend);
      return {.stop = seconds{1}};
    }
    const bool lost = point.when == When::before_commit && held.contains(point.backend);
    return {.cut = lost, .die = lost};
  });
  std::set<Uuid> started;
  for (std::size_t i = 0; i < runs; ++i) started.insert((*start("call"))->id);
  run_for(milliseconds{1'500});
  over = true;
  EXPECT_GE(held.size(), 2U);
  EXPECT_TRUE(until([&] { return std::ranges::all_of(started, [&](const Uuid& run) { return ended(run); }); }));
  EXPECT_EQ(world_->ledger.calls_of(first().number()), runs);
}

}  // namespace
}  // namespace pawl::simulation
