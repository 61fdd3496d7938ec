// The simulated world: a database, server processes that come and go, and the network to them.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "simulation/ledger.h"
#include "simulation/plan.h"
#include "simulation/process.h"
#include "store/memory/database.h"
#include "store/memory/scheduler.h"

namespace pawl::simulation {

// A call to the server as its caller sees it.
struct Exchange {
  std::string_view what;
  std::uint64_t process = 0;  // that it reached
  Time delivered{};
  bool over = false;  // over: the caller has an answer, or has given up
  int answers = 0;
  std::move_only_function<void()> broken;  // tells the caller that the connection is gone
};

class World {
 public:
  struct Settings {
    std::uint64_t seed = 1;
    store::memory::Safeguards safeguards{};
    engine::LoopConfig loop{};
  };

  explicit World(Settings settings);
  ~World();

  store::memory::Scheduler scheduler;
  store::memory::MemoryDatabase database;
  Ledger ledger;
  Plan plan;  // in force now
  const Uuid tenant;

  // ---- processes
  Process& start_process();  // with a clock as the plan has it
  Process& start_process(Microseconds clock_offset, bool observes);
  void kill(std::uint64_t process);  // a no-op when it is dead
  Process* find(std::uint64_t process);
  Process* any_process();  // of those that live; null when none does
  const std::vector<std::unique_ptr<Process>>& processes() const { return processes_; }

  // ---- the network
  // Sends a call to a process (`what` is a literal); it may get lost, arrive twice, or its answer may get lost. `then`
  // gets nothing when the connection broke or the caller's patience was over.
  template <class T>
  void call(std::string_view what, std::function<void(engine::Node&, Done<T>)> send,
            std::move_only_function<void(std::optional<Result<T>>)> then,
            Microseconds patience = std::chrono::seconds{8});

  // What is wrong with how calls were answered: twice, or not at all by a process that lives.
  void check_answers();

 private:
  template <class T>
  void deliver(const std::function<void(engine::Node&, Done<T>)>& send, const std::shared_ptr<Exchange>& exchange,
               std::shared_ptr<std::move_only_function<void(std::optional<Result<T>>)>> then);
  Microseconds latency();
  template <class T>
  void end(const std::shared_ptr<Exchange>& exchange,
           std::shared_ptr<std::move_only_function<void(std::optional<Result<T>>)>> then,
           std::optional<Result<T>> answer);

  Settings settings_;
  std::uint64_t last_process_ = 0;
  std::vector<std::unique_ptr<Process>> processes_;
  std::vector<std::shared_ptr<Exchange>> exchanges_;
};

// ---- machinery

template <class T>
void World::call(std::string_view what, std::function<void(engine::Node&, Done<T>)> send,
                 std::move_only_function<void(std::optional<Result<T>>)> then, Microseconds patience) {
  auto shared = std::make_shared<std::move_only_function<void(std::optional<Result<T>>)>>(std::move(then));
  const auto exchange = std::make_shared<Exchange>();
  exchange->what = what;
  exchange->broken = [this, weak = std::weak_ptr(exchange), shared] {
    if (const auto its = weak.lock()) end<T>(its, shared, std::nullopt);
  };
  scheduler.after(patience, [this, exchange, shared] { end<T>(exchange, shared, std::nullopt); });
  if (scheduler.random().chance(plan.request_lost)) return;
  const int copies = scheduler.random().chance(plan.request_doubled) ? 2 : 1;
  for (int copy = 0; copy < copies; ++copy) {
    // The copy's answer goes nowhere, but must come once all the same.
    const auto its = copy == 0 ? exchange : std::make_shared<Exchange>();
    its->what = what;
    if (copy > 0) its->over = true;
    scheduler.after(latency(), [this, send, its, shared] { deliver<T>(send, its, shared); });
  }
}

template <class T>
void World::deliver(const std::function<void(engine::Node&, Done<T>)>& send, const std::shared_ptr<Exchange>& exchange,
                    std::shared_ptr<std::move_only_function<void(std::optional<Result<T>>)>> then) {
  Process* process = any_process();
  if (!process) return end<T>(exchange, then, std::nullopt);
  exchange->process = process->number();
  const auto answered = [this, exchange, then](Result<T> result) {
    if (++exchange->answers > 1) ledger.violated("a call was answered twice");
    if (scheduler.random().chance(plan.answer_lost)) return;
    scheduler.after(latency(), [this, exchange, then, result = std::move(result)]() mutable {
      end<T>(exchange, then, std::move(result));
    });
  };
  process->gate()->pass([this, exchange, answered, send, number = process->number()] {
    exchange->delivered = scheduler.now();
    exchanges_.push_back(exchange);
    send(find(number)->node(), answered);
  });
}

template <class T>
void World::end(const std::shared_ptr<Exchange>& exchange,
                std::shared_ptr<std::move_only_function<void(std::optional<Result<T>>)>> then,
                std::optional<Result<T>> answer) {
  if (std::exchange(exchange->over, true)) return;
  (*then)(std::move(answer));
}

}  // namespace pawl::simulation
