// The engine's own work: HTTP calls, which leave after the commit that requested them, a bounded number at once.
#include "base/log.h"
#include "engine/limits.h"
#include "engine/loop.h"

namespace pawl::engine {

using State = Invocation::State;

void Loop::make_calls() {
  while (!draining_) {
    Invocation* next = invocations_.next_call();
    if (next == nullptr || (!next->has_input && !invocations_.may_read(*next))) return;
    const Uuid tenant = next->key.tenant;
    if (next->has_input)
      call(*next);
    else
      fetch_input(*next);
    if (to_call_.has_spilled(tenant) && calls_run_low(tenant)) refill_ = true;
  }
}

// In its tenant's window; beyond it the rows in the table are found when the window drains.
void Loop::offer_call(Invocation& invocation, bool had_place) {
  const Uuid tenant = invocation.key.tenant;
  const bool needed = had_place || !invocation.waiting.empty() || invocation.before;
  if (!needed && invocation.rest == Invocation::Rest::none && to_call_.waiting(tenant) >= config_.call_window) {
    to_call_.spilled(tenant, passes_ + 1);
    return invocations_.remove(invocation);
  }
  invocations_.queue(invocation);
  wanted_ = true;
}

bool Loop::calls_run_low(const Uuid& tenant) const {
  return 2 * to_call_.waiting(tenant) < config_.call_window && invocations_.ready_shares().admits(tenant, own_queue);
}

// Each line in the log is one call: within one epoch of its lane an attempt has one at most. What a service sees beyond
// them came about on the way.
void Loop::call(Invocation& invocation) {
  metrics_.calls.add();
  log_debug("a call leaves", {{"run", invocation.run.text()},
                              {"path", invocation.path},
                              {"key", invocation.idempotency_key},
                              {"attempt", static_cast<std::int64_t>(invocation.attempt)},
                              {"epoch", static_cast<std::int64_t>(lanes_.epoch(invocation.run.lane()))}});
  invocations_.take_out(invocation);
  to_call_.called(invocation.key.tenant);
  invocation.state = State::calling;
  const ports::InvocationKey key = invocation.key;
  const std::uint32_t attempt = invocation.attempt;
  invocation.call = transport_.call({invocation.action, invocation.input, invocation.idempotency_key},
                                    guarded([this, key, attempt](ports::CallOutcome outcome) {
                                      {
                                        Hold hold(*this);
                                        called(key, attempt, std::move(outcome));
                                      }
                                      pump();
                                    }));
}

void Loop::called(const ports::InvocationKey& key, std::uint32_t attempt, ports::CallOutcome outcome) {
  to_call_.ended(key.tenant);
  wanted_ = true;
  Invocation* invocation = invocations_.find(key);
  // The call of an attempt that a batch in flight opens anew: it has ended all the same, and must not be ended again.
  if (invocation != nullptr && invocation->before && invocation->before->attempt == attempt) {
    invocation->before->call = 0;
  }
  if (invocation == nullptr || invocation->attempt != attempt) return;  // nobody waits for it any more
  invocation->call = 0;
  core::Stimulus stimulus;
  std::size_t bytes = 0;
  if (auto* output = std::get_if<json::Value>(&outcome)) {
    bytes = output->size_bytes();
    stimulus = core::Completed{key.invocation, attempt, 0, std::move(*output)};
  } else {
    auto& failure = std::get<ports::CallFailure>(outcome);
    stimulus = core::Failed{key.invocation, attempt, 0, std::move(failure.error), failure.effect, failure.retry_after};
  }
  Item& item = retain(Kind::result, {key.tenant, invocation->run}, std::move(stimulus), bytes);
  item.result = {key, attempt, 0};
  admission_.push(item);
}

void Loop::abort_call(Invocation& invocation) {
  if (invocation.call == 0) return;
  transport_.abort(invocation.call);
  invocation.call = 0;
  to_call_.ended(invocation.key.tenant);
  wanted_ = true;  // another may go now
}

}  // namespace pawl::engine
