// A worker process: polls, works, completes; dies, is late, completes twice, as the plan says.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "simulation/world.h"

namespace pawl::simulation {

class Worker {
 public:
  Worker(World& world, std::string name, std::string queue);
  void begin();
  void stop() { stopped_ = true; }  // finishes what it has, and polls no more
  std::uint64_t completed() const { return completed_; }

 private:
  void poll();
  void take(std::vector<engine::Assignment> assignments);
  void work(const engine::Assignment& assignment);
  void finished(const engine::TaskToken& token);
  void beat(engine::TaskToken token, int times);
  void complete(engine::TaskResult result, std::string nonce, int tries);
  void commit(const engine::TaskResult& result, const std::string& nonce);
  template <class F>
  void later(Microseconds delay, F then);  // unless it has died meanwhile

  World& world_;
  std::string name_, queue_;
  std::uint64_t life_ = 0, completed_ = 0;
  bool stopped_ = false, tells_what_it_holds_;
  std::vector<engine::TaskToken> holding_;
};

}  // namespace pawl::simulation
