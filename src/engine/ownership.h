// Which lanes the loops of this process own: takes those that have no owner or a dead one, renews the lease, and
// compares what the store says with what the loops believe (protocol section 5). One operation at a time, on a
// connection of its own.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <vector>

#include "engine/loop.h"
#include "ports/clock.h"
#include "ports/storage.h"

namespace pawl::engine {

class Ownership {
 public:
  Ownership(ports::NodeInfo info, ports::Clock& clock, ports::Storage& control,
            std::vector<std::unique_ptr<Loop>>& loops);
  ~Ownership();
  Ownership(const Ownership&) = delete;
  Ownership& operator=(const Ownership&) = delete;

  void begin();
  void stop();                  // nothing more is taken or renewed
  void leave(Done<void> then);  // after the loops have stopped
  std::string why_not() const;  // empty when every lane has an owner that lives and all loops here commit

 private:
  // Lanes to take for a loop of ours; `from` none: they have no owner.
  struct Taking {
    std::size_t loop = 0;
    std::optional<Uuid> from;
    std::vector<ports::Lane> lanes;
    std::uint64_t ownership = 0;  // of the loop when this was planned
  };

  void register_node();
  void look();
  void trust();
  void looked(Result<ports::Renewal> renewed);
  bool compare(const std::vector<ports::LoopView>& views);
  void plan(const std::vector<ports::LoopView>& views);
  void plan_lanes(std::optional<Uuid> from, const std::vector<ports::Lane>& lanes, std::vector<std::size_t>& shares);
  void fence_next();
  void take_next();
  void look_later(bool soon);
  template <class F>
  auto guarded(F then);

  const ports::NodeInfo info_;
  ports::Clock& clock_;
  ports::Storage& control_;
  std::vector<std::unique_ptr<Loop>>& loops_;
  bool stopped_ = false, registered_ = false, waiting_for_others_ = false;
  ports::Steady began_{}, renewal_sent_{};
  std::uint32_t failures_ = 0;
  std::size_t unowned_ = 0;                // lanes without a living owner when we looked last
  std::vector<std::uint64_t> ownerships_;  // of the loops, when the renewal was sent
  std::deque<Uuid> to_fence_;
  std::deque<Taking> to_take_;
  ports::TimerId timer_ = 0;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

}  // namespace pawl::engine
