// A client of the API: starts one run, keyed or not, with or without retries; may cancel it, may wait for its end.
#pragma once

#include <optional>
#include <string>

#include "simulation/world.h"

namespace pawl::simulation {

class Client {
 public:
  struct Wish {
    std::string workflow;
    std::string key;  // empty: none
    int tries = 1;
    std::int64_t number = 0;  // the input's
    bool cancels = false;
    bool waits = false;   // for the run's end
    bool by_sql = false;  // starts and cancels in transactions of its own
  };

  Client(World& world, Wish wish) : world_(world), wish_(std::move(wish)) {}
  void begin(Microseconds after);
  // The start was refused or its answer is known: nothing more will come of it.
  bool over() const { return over_; }
  const std::optional<Uuid>& run() const { return run_; }

 private:
  void start(int tries);
  void start_by_sql();
  void cancel_by_sql();
  void started(const engine::RunView& view);
  void cancel(int tries);
  void wait(int tries);

  World& world_;
  Wish wish_;
  bool over_ = false;
  std::optional<Uuid> run_;
};

}  // namespace pawl::simulation
