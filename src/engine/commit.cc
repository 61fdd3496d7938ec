// A batch is sent, and what it promised is released once its commit tag has come.
#include <algorithm>

#include "base/log.h"
#include "engine/loop.h"

namespace pawl::engine {

using State = Invocation::State;

void Loop::send() {
  std::unique_ptr<OpenBatch> batch = std::exchange(open_, std::make_unique<OpenBatch>());
  open_->number = ++last_batch_;
  batch->sent = clock_.steady();
  for (auto& decided : batch->changes) go_on(*decided.run);
  metrics_.in_flight.add(1);
  ports::Batch content = std::move(batch->batch);
  const std::uint64_t number = batch->number;
  in_flight_.push_back(std::move(batch));
  storage_.commit(id_, std::move(content),
                  guarded([this, number](std::expected<ports::Committed, ports::CommitFailure> result) {
                    committed(number, std::move(result));
                  }));
  OpenBatch& sent = *in_flight_.back();
  if (config_.sabotage.effects_before_commit) release_effects(sent);
  if (config_.sabotage.answers_before_commit) release_answers(sent);
}

void Loop::committed(std::uint64_t number, std::expected<ports::Committed, ports::CommitFailure> result) {
  {
    Hold hold(*this);
    auto found =
        std::find_if(in_flight_.begin(), in_flight_.end(), [&](const auto& batch) { return batch->number == number; });
    std::unique_ptr<OpenBatch> batch = std::move(*found);
    in_flight_.erase(found);
    metrics_.in_flight.add(-1);
    metrics_.commit_seconds.observe(std::chrono::duration<double>(clock_.steady() - batch->sent).count());
    if (result)
      release(*batch, *result);
    else
      failed(std::move(batch), std::move(result.error()));
    if (phase_ == Phase::draining_answers && in_flight_.empty()) all_answered();
    wanted_ = true;
  }
  pump();
}

// Everything in memory first, then the answers: whoever is answered may call again at once.
void Loop::release(OpenBatch& batch, const ports::Committed& committed) {
  clock_.observe(committed.database_time);
  metrics_.batches.add();
  metrics_.rows.add(batch.rows);
  if (phase_ == Phase::running) {
    back_offs_ = 0;
    troubled_ = troubled_ && clock_.steady() < trouble_ends_;
    testing_ = false;
  }
  for (std::size_t i = 0; i < batch.starts.size(); ++i) {
    if (i < committed.won.size() && !committed.won[i]) lost_start(batch, batch.starts[i]);
  }
  claims_answered(batch, committed);
  for (const auto& [run, wait_no, due] : batch.closed) timers_.remove({due, run, wait_no});
  for (auto* list : {&batch.starts, &batch.changes}) {
    for (OpenBatch::Decided& decided : *list) {
      if (decided.run != nullptr) release_run(decided);
    }
  }
  release_effects(batch);
  release_answers(batch);
  for (const ports::InboxKey& row : batch.discarded) inbox_.forget(row);
  extensions_answered(batch, committed);
  for (auto* list : {&batch.starts, &batch.changes}) {
    for (OpenBatch::Decided& decided : *list) {
      if (decided.run != nullptr && decided.run->in_flight == 0) check_watches(*decided.run);
    }
  }
  settle_runs(batch);
}

void Loop::release_run(OpenBatch::Decided& decided) {
  Run& run = *decided.run;
  --run.in_flight;
  followers_.tell(run.key);
  if (run.starting) {
    run.starting = false;
    metrics_.runs_started.add();
    go_on(run);
  }
  if (decided.ended) metrics_.runs_ended.add();
}

// Tasks go to queues, calls leave, timers are armed; what is closed goes. Also called too early, by a sabotage.
void Loop::release_effects(OpenBatch& batch) {
  for (Invocation* invocation : std::exchange(batch.requested, {})) {
    if (invocation->before) {
      abort_call(*invocation->before);
      invocations_.drop_input(*invocation->before);
      invocation->before.reset();
    }
    // What waited for the row, which another attempt has opened meanwhile.
    for (Item* item : std::exchange(invocation->waiting, {})) submit(*item);
    if (invocation->state != State::tentative) continue;
    invocation->state = State::ready;
    offer(*invocation);
  }
  for (Invocation* invocation : std::exchange(batch.resolved, {})) {
    if (!invocation->resolving || invocation->batch != batch.number) continue;  // opened again since
    abort_call(*invocation);
    invocations_.remove(*invocation);
  }
  for (auto* list : {&batch.starts, &batch.changes}) {
    for (OpenBatch::Decided& decided : *list) {
      if (decided.opened && decided.run != nullptr) arm_waits(*decided.run, batch.number);
    }
  }
}

void Loop::arm_waits(Run& run, std::uint64_t batch) {
  for (Run::OpenWait& wait : run.waits) {
    if (wait.armed || wait.batch > batch) continue;
    wait.armed = true;
    timers_.add({wait.due, run.key, wait.wait_no});
  }
}

void Loop::release_answers(OpenBatch& batch) {
  for (auto* list : {&batch.starts, &batch.changes}) {
    for (OpenBatch::Decided& decided : *list) {
      Item* item = std::exchange(decided.item, nullptr);
      if (item == nullptr) continue;
      if (item->kind == Kind::start)
        answer(*item, Result<RunView>(view(*decided.run)));
      else if (decided.view)
        answer(*item, Result<RunView>(std::move(*decided.view)));
      else
        answer(*item, std::move(decided.accepted));
    }
  }
  for (OpenBatch::Joined& joined : std::exchange(batch.joined, {})) {
    Item& item = *joined.item;
    if (joined.view)
      answer(item, std::move(*joined.view));
    else if (item.kind == Kind::heartbeat)
      answer(item, HeartbeatAnswer{*joined.accepted, std::nullopt});
    else
      answer(item, std::move(joined.accepted));
  }
}

void Loop::settle_runs(OpenBatch& batch) {
  for (auto* list : {&batch.starts, &batch.changes}) {
    for (OpenBatch::Decided& decided : *list) {
      if (decided.run != nullptr) settle(*decided.run);
    }
  }
  runs_.evict();
}

// A run that has ended and that nobody waits for needs no memory.
void Loop::settle(Run& run) {
  const bool ended = run.state && core::has_ended(run.state->status());
  if (ended && !run.busy())
    runs_.remove(run);
  else
    runs_.settle(run);
}

}  // namespace pawl::engine
