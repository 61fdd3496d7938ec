// A process as a caller of engine::Node sees it: calls that are sent and waited for, on the model of the store.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "engine/node.h"
#include "simulation/simulation.h"
#include "simulation/world.h"

namespace pawl::simulation {

class NodeTest : public testing::Test {
 protected:
  void begin(engine::LoopConfig loop = {}) {
    world_ = std::make_unique<World>(World::Settings{.seed = 11, .safeguards = {}, .loop = loop});
    world_->database.deploy(world_->tenant, "sim", "sleep", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: sleep, version: 1.0.0}
do:
  - pause: {wait: {seconds: 2}}
)");
    world_->database.deploy(world_->tenant, "sim", "one", "1.0.0", R"(
document: {dsl: 1.0.0, namespace: sim, name: one, version: 1.0.0}
do:
  - work: {call: shop.one}
)");
    restart();
  }
  void restart() {
    world_->start_process();
    ASSERT_TRUE(until([&] { return node().ready(); })) << node().why_not();
  }

  engine::Node& node() { return world_->processes().back()->node(); }
  bool until(const std::function<bool()>& condition, Microseconds at_most = std::chrono::minutes{1}) {
    return world_->scheduler.run_until(condition, at_most);
  }
  void run_for(Microseconds time) { world_->scheduler.run_for(time); }

  template <class T>
  struct Answer {
    std::optional<Result<T>> result;
    bool there() const { return result.has_value(); }
    std::string code() const { return !result ? "none" : *result ? "" : result->error().code; }
    const T& operator*() const { return **result; }
    const T* operator->() const { return &**result; }
  };
  template <class T>
  using Answers = std::shared_ptr<Answer<T>>;
  template <class T>
  static Done<T> into(const Answers<T>& answer) {
    return [answer](Result<T> result) {
      EXPECT_FALSE(answer->result) << "answered twice";
      answer->result = std::move(result);
    };
  }
  template <class T>
  Answers<T> wait_for(Answers<T> answer) {
    EXPECT_TRUE(until([&] { return answer->there(); })) << "never answered";
    return answer;
  }

  engine::StartRun request(std::string name, std::string key = "") {
    engine::StartRun start;
    start.tenant = world_->tenant;
    start.namespace_ = "sim";
    start.name = std::move(name);
    start.input = json::Value::object({{"n", json::Value::integer(1)}});
    start.idempotency_key = std::move(key);
    return start;
  }
  Answers<engine::RunView> send(engine::StartRun start) {
    auto answer = std::make_shared<Answer<engine::RunView>>();
    node().start(std::move(start), into(answer));
    return answer;
  }
  Answers<engine::RunView> start(std::string name, std::string key = "") { return wait_for(send(request(name, key))); }
  Answers<engine::RunView> cancel_only(const Uuid& run) {
    auto answer = std::make_shared<Answer<engine::RunView>>();
    node().cancel(world_->tenant, run, "enough", into(answer));
    return answer;
  }
  Answers<engine::RunView> cancel(const Uuid& run) { return wait_for(cancel_only(run)); }
  Answers<engine::RunView> watch(const Uuid& run) {
    auto answer = std::make_shared<Answer<engine::RunView>>();
    node().when_ended({world_->tenant, run}, into(answer));
    return answer;
  }
  engine::PollId poll_only(Answers<std::vector<engine::Assignment>> answer, std::uint32_t max, Microseconds wait) {
    return node().poll({world_->tenant, "default", "worker", {"shop.one"}, max, wait}, into(answer));
  }
  std::vector<engine::Assignment> poll(std::uint32_t max = 1, Microseconds wait = std::chrono::seconds{2}) {
    auto answer = std::make_shared<Answer<std::vector<engine::Assignment>>>();
    poll_only(answer, max, wait);
    return **wait_for(answer);
  }
  engine::Accepted complete(const engine::TaskToken& token) {
    auto answer = std::make_shared<Answer<engine::Accepted>>();
    node().complete({.token = token, .failed = false, .output = json::Value("done"), .error = {}, .retry_after = {}},
                    into(answer));
    return **wait_for(answer);
  }
  engine::HeartbeatAnswer beat(const engine::TaskToken& token, bool progress = false) {
    auto answer = std::make_shared<Answer<engine::HeartbeatAnswer>>();
    node().heartbeat({token, progress}, into(answer));
    return **wait_for(answer);
  }
  // The history has a hole, and is whole again, for the process that is started then.
  store::memory::EventRow lose_first_event(const Uuid& run) {
    world_->kill(world_->processes().back()->number());
    auto& log = world_->database.mutable_tables().events.at({world_->tenant, run});
    store::memory::EventRow lost = log.front();
    log.erase(log.begin());
    restart();
    return lost;
  }
  void bring_back(const Uuid& run, const store::memory::EventRow& lost) {
    world_->kill(world_->processes().back()->number());
    auto& log = world_->database.mutable_tables().events.at({world_->tenant, run});
    log.insert(log.begin(), lost);
    restart();
  }
  core::RunStatus status(const Uuid& run) { return world_->database.tables().runs.at({world_->tenant, run}).status; }
  bool ended(const Uuid& run) { return core::has_ended(status(run)); }
  const ports::StoredInvocation& row(const engine::TaskToken& token) {
    return world_->database.tables().invocations.at({token.tenant, token.invocation});
  }

  // Every commit whose batch the condition holds for fails with this, at the statement that writes it.
  void refuse(std::function<bool(const ports::Batch&)> condition, std::string statement, std::string sqlstate) {
    auto bad = std::make_shared<std::set<store::memory::BackendId>>();
    for (const std::size_t loop : {0, 1}) {
      GatedStorage& storage = world_->processes().back()->loop_storage(loop);
      storage.set_on_send([this, bad, condition, &storage](const ports::Batch& batch) {
        sizes_.push_back(batch.starts.size() + batch.changes.size());
        if (condition(batch))
          bad->insert(storage.backend());
        else
          bad->erase(storage.backend());
      });
    }
    world_->database.set_hook([=](const store::memory::Point& point) -> store::memory::Fault {
      if (point.script != "commit" || point.when != store::memory::Point::When::before_statement) return {};
      if (point.statement != statement || !bad->contains(point.backend)) return {};
      return {.sqlstate = sqlstate};
    });
  }

  std::unique_ptr<World> world_;
  std::vector<std::size_t> sizes_;
};

}  // namespace pawl::simulation
