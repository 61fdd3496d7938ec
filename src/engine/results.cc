// Results of work and heartbeats: whose they are, whether they count (protocol section 6).
#include <algorithm>

#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

using State = Invocation::State;

namespace {
constexpr Microseconds refused_claim_pause = std::chrono::seconds(1);
}

void Loop::submit(Item& item) {
  Invocation* invocation = invocations_.find(item.result.invocation);
  if (invocation == nullptr) {
    invocation = &invocations_.add(item.result.invocation);
    load_row(item.result.invocation);
  }
  if (invocation->state == State::loading) {
    placed(item);
    invocation->waiting.push_back(&item);
    return;
  }
  item.run.run = invocation->run;
  const bool closed = invocation->state == State::closed;
  Verdict verdict = closed ? Verdict::stale : Verdict::decide;
  if (item.kind == Kind::result) verdict = judge(*invocation, item);
  if (verdict != Verdict::decide) return settle_verdict(*invocation, item, verdict);
  invocation->late_expected = closed;
  admission_.push(item);
}

Loop::Verdict Loop::judge(const Invocation& invocation, const Item& item) const {
  const ResultOf& result = item.result;
  const bool same = result.attempt == invocation.attempt && result.lease == invocation.lease;
  if (invocation.state == State::closed) {
    if (!same) return Verdict::stale;
    if (invocation.resolving) return Verdict::stale_with_batch;
    if (invocation.resolution == ports::Resolution::revoked) return Verdict::decide;  // as late
    const bool ended =
        invocation.resolution == ports::Resolution::completed || invocation.resolution == ports::Resolution::failed;
    return ended ? Verdict::done : Verdict::stale;
  }
  // The store has accepted it already: for nobody else while its row is completing.
  if (item.inbox && result.attempt == invocation.attempt && !invocation.resolving) return Verdict::decide;
  if (result.attempt > invocation.attempt) return Verdict::unknown;
  if (result.attempt < invocation.attempt) {
    const Invocation* before = invocation.before.get();
    const bool ended_by_it = before != nullptr && before->attempt == result.attempt && before->lease == result.lease &&
                             before->resolving && !before->by_quarantine && before->how != core::Resolved::How::revoked;
    return ended_by_it ? Verdict::done_with_batch : Verdict::stale;
  }
  if (result.lease > invocation.lease) return Verdict::unknown;
  if (result.lease < invocation.lease) return Verdict::stale;
  if (invocation.resolving && invocation.by_quarantine) return Verdict::stale_with_batch;
  if (invocation.resolving && invocation.how != core::Resolved::How::revoked) return Verdict::done_with_batch;
  return Verdict::decide;
}

// What was true when the batch in flight is committed is answered with it; if it fails, the question is asked anew.
void Loop::settle_verdict(Invocation& invocation, Item& item, Verdict verdict) {
  placed(item);
  if (item.inbox && verdict == Verdict::unknown) return refuse(item, unavailable("The store knows more of it."));
  Accepted accepted = Accepted::stale;
  if (verdict == Verdict::done || verdict == Verdict::done_with_batch) accepted = Accepted::done;
  if (verdict == Verdict::unknown) accepted = Accepted::unknown_token;
  if (verdict == Verdict::done_with_batch || verdict == Verdict::stale_with_batch) {
    if (OpenBatch* batch = find_batch(invocation.batch)) {
      batch->joined.push_back({.item = &item, .accepted = accepted});
      return;
    }
  }
  if (item.kind == Kind::heartbeat) return answer(item, HeartbeatAnswer{accepted, std::nullopt});
  answer(item, Result<Accepted>(accepted));
}

void Loop::place_result(Item& item) {
  Invocation* invocation = invocations_.find(item.result.invocation);
  if (invocation == nullptr || invocation->state == State::loading) return submit(item);
  item.run.run = invocation->run;
  const Verdict verdict = judge(*invocation, item);
  if (verdict != Verdict::decide) return settle_verdict(*invocation, item, verdict);
  place_on_run(item);
}

void Loop::place_judged(Run& run, Item& item) {
  Invocation* invocation = invocations_.find(item.result.invocation);
  if (invocation == nullptr || invocation->state == State::loading) return submit(item);
  const Verdict verdict = judge(*invocation, item);
  if (verdict != Verdict::decide) return settle_verdict(*invocation, item, verdict);
  decide(run, item);
}

// What the table knows from an older page or row may have been resolved since; the run's state knows better. Then the
// row is read again, and decides what the result is worth.
bool Loop::confirmed(Run& run, Item& item) {
  Invocation* invocation = invocations_.find(item.result.invocation);
  if (invocation == nullptr || invocation->confirmed || invocation->resolving || invocation->state == State::closed)
    return true;
  for (const core::Invocation& open : core::pending(*run.state).invocations) {
    if (open.id != item.result.invocation.invocation || open.attempt != invocation->attempt) continue;
    invocation->confirmed = true;
    return true;
  }
  invocations_.take_out(*invocation);
  invocation->state = State::loading;
  placed(item);
  if (item.result.quarantine) {
    invocation->quarantining = false;
    release(item);
  } else {
    invocation->waiting.push_back(&item);
  }
  load_row(invocation->key);
  return false;
}

void Loop::place_heartbeat(Item& item) {
  Invocation* invocation = invocations_.find(item.result.invocation);
  if (invocation == nullptr || invocation->state == State::loading) return submit(item);
  const ResultOf& beat = item.result;
  if (beat.attempt > invocation->attempt || beat.lease > invocation->lease) {
    return settle_verdict(*invocation, item, Verdict::unknown);
  }
  const bool newest = beat.attempt == invocation->attempt && beat.lease == invocation->lease;
  if (newest && invocation->resolving) return settle_verdict(*invocation, item, Verdict::stale_with_batch);
  // A claim that has not been sent gives way to the worker that turns out to live.
  if (newest && invocation->state == State::claiming && invocation->claim_batch == open_->number) unclaim(*invocation);
  const bool held = invocation->state == State::leased || invocation->state == State::ready;
  if (!newest || !held || beat.lease == 0) return settle_verdict(*invocation, item, Verdict::stale);

  placed(item);
  if (invocation->extension_batch == open_->number) {
    for (std::size_t i = 0; i < open_->extensions.size(); ++i) {
      if (open_->extensions[i].invocation != invocation->key) continue;
      open_->extensions[i].items.push_back(&item);
      open_->batch.extensions[i].progress |= beat.progress;
    }
    return;
  }
  invocation->lapses_at = std::max(invocation->lapses_at, clock_.steady() + config_.task_lease);
  invocations_.hold(*invocation);
  invocation->arrived = true;
  invocation->untold = false;
  invocation->extension_batch = open_->number;
  open_->batch.extensions.push_back(
      {invocation->key, invocation->attempt, invocation->lease, config_.task_lease, beat.progress});
  open_->extensions.push_back({invocation->key, {&item}});
  ++open_->rows;
  admission_.charge(item.run.tenant, 1, 0);
}

// A call whose answer waits to be decided, since the outcome of an earlier commit was unknown: it is not made again.
bool Loop::is_answered(const Invocation& invocation) const {
  return invocation.own_work && std::ranges::any_of(invocation.waiting, [&](const Item* item) {
           return item->kind == Kind::result && item->result.attempt == invocation.attempt;
         });
}

void Loop::load_row(const ports::InvocationKey& key) {
  storage_.load_invocation(key, guarded([this, key](Result<std::optional<ports::StoredInvocation>> row) {
                             {
                               Hold hold(*this);
                               row_loaded(key, std::move(row));
                             }
                             pump();
                           }));
}

void Loop::row_loaded(const ports::InvocationKey& key, Result<std::optional<ports::StoredInvocation>> row) {
  Invocation* invocation = invocations_.find(key);
  if (invocation == nullptr || invocation->state != State::loading) return;
  if (!row || !*row) {
    const std::vector<Item*> waiting = std::exchange(invocation->waiting, {});
    invocations_.remove(*invocation);
    for (Item* item : waiting) {
      if (!row)
        delay(*item);
      else if (item->kind == Kind::heartbeat)
        answer(*item, HeartbeatAnswer{Accepted::unknown_token, std::nullopt});
      else
        answer(*item, Result<Accepted>(Accepted::unknown_token));
    }
    return;
  }
  const ports::StoredInvocation& stored = **row;
  invocations_.fill(*invocation, stored);
  switch (stored.status) {
    case ports::InvocationStatus::quarantined:
      invocation->resolution = ports::Resolution::none;
      [[fallthrough]];
    case ports::InvocationStatus::resolved:
      invocation->state = State::closed;
      break;
    default:
      if (is_answered(*invocation))
        invocation->state = State::calling;
      else
        hold_or_offer(*invocation, stored, clock_.steady() + config_.task_lease);
      break;
  }
  // Not before: what somebody waits for does not leave memory when its queue is full.
  for (Item* item : std::exchange(invocation->waiting, {})) submit(*item);
  invocation = invocations_.find(key);
  if (invocation != nullptr && invocation->state == State::closed && !invocation->late_expected) {
    invocations_.remove(*invocation);
  }
}

// A row that is open, as the store has it: ready, or held by a worker, to whom it is left until then.
void Loop::hold_or_offer(Invocation& invocation, const ports::StoredInvocation& row, ports::Steady until) {
  const ports::Steady now = clock_.steady();
  const bool held = row.status != ports::InvocationStatus::ready;
  const TaskToken token{invocation.key.tenant, invocation.key.invocation, invocation.attempt, invocation.lease};
  const auto untold = untold_.extract(row.key);
  const bool never_left = !untold.empty() && untold.mapped() == std::pair(row.attempt, row.lease);
  const bool lost = row.status == ports::InvocationStatus::leased && invocation.channel != nullptr &&
                    (never_left || dispatch_.is_disowned(*invocation.channel, invocation.worker, token));
  if (never_left)
    invocation.untold = true;
  else if (lost)
    disown(invocation);
  const bool lapsed = row.status == ports::InvocationStatus::leased && until <= now;
  if ((!held || lost || lapsed) && invocation.refusals == 0) return offer(invocation);
  // A claim was refused just now, by a lock or a worker's own transaction: it is tried again after a second.
  invocation.lapses_at = held && invocation.refusals == 0 ? until : now + refused_claim_pause;
  invocations_.hold(invocation);
}

}  // namespace pawl::engine
