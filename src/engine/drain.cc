// Stopping on purpose: nothing new is taken, what is in flight finishes, then the loop fences itself, so that whoever
// comes next need not wait. (Handing lanes over to a live node takes the place of the fence once there are several.)
#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

void Loop::drain(Done<void> then) {
  Calling calling(*this);
  draining_ = true;
  drained_ = std::move(then);
  drain_until_ = clock_.steady() + config_.drain_grace;
  while (!watches_.empty()) refuse_watches(ports::RunKey(watches_.begin()->first), shutting_down());
  pump();
}

void Loop::drain_further() {
  if (!draining_ || phase_ == Phase::stopped || !drained_) return;
  const bool time_is_up = drain_until_ <= clock_.steady();
  const bool nothing_left =
      calls_.empty() && inner_.empty() && in_flight_.empty() && open_->nothing() && to_call_.out() == 0;
  if (!nothing_left && !time_is_up) return;
  ++generation_;  // what still comes back is of no use to anybody here
  phase_ = Phase::stopped;
  lanes_.clear();
  ++ownership_;
  while (!calls_.empty()) refuse(calls_.front(), shutting_down());
  drop_memory();
  while (!inner_.empty()) release(inner_.front());
  if (former_.empty() && !begun_) return post([this] { std::exchange(drained_, nullptr)({}); });
  storage_.fence_loop(id_,
                      guarded([this](Result<void> fenced) { std::exchange(drained_, nullptr)(std::move(fenced)); }));
}

}  // namespace pawl::engine
