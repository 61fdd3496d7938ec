// A stimulus becomes part of the open batch.
#include <algorithm>

#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

void Loop::place(Item& item) {
  switch (item.kind) {
    case Kind::start:
      return place_start(item);
    case Kind::result:
      return place_result(item);
    case Kind::heartbeat:
      return place_heartbeat(item);
    case Kind::cancel:
    case Kind::timer:
      return place_on_run(item);
  }
}

bool Loop::blocked(const Run& run) const {
  return run.loading || run.starting || (run.in_flight > 0 && run.batch == open_->number);
}

void Loop::place_on_run(Item& item) {
  if (quarantined_.contains(item.run)) return refuse(item, run_quarantined(""));
  Run* run = runs_.find(item.run);
  if (run == nullptr) {
    run = &runs_.add(item.run);
    load(*run);
  }
  runs_.use(*run);
  if (blocked(*run) || !run->waiting.empty()) return park(*run, item);
  decide(*run, item);
}

// Results come before cancels and timers of the same run, whatever came first.
void Loop::park(Run& run, Item& item) {
  if (!run.loading) placed(item);  // the group under test goes without it
  const bool sorted = !config_.sabotage.cancel_before_result;
  auto at = run.waiting.end();
  while (sorted && at != run.waiting.begin() && (*std::prev(at))->kind > item.kind) --at;
  run.waiting.insert(at, &item);
}

void Loop::go_on(Run& run) {
  if (run.next || run.waiting.empty()) return;
  run.next = true;
  next_.push_back(&run);
  wanted_ = true;
}

void Loop::forget_next(Run& run) {
  if (run.next) std::erase(next_, &run);
  run.next = false;
}

void Loop::place_waiting(Run& run) {
  run.next = true;  // keeps it in memory meanwhile
  while (!run.waiting.empty() && !blocked(run) && has_room()) {
    Item& item = *run.waiting.front();
    run.waiting.pop_front();
    if (item.kind == Kind::start)
      join(run, {.item = &item, .view = existing(run, item)});
    else if (item.kind == Kind::result)
      place_judged(run, item);
    else
      decide(run, item);
  }
  run.next = false;
  if (!blocked(run)) go_on(run);  // no room: with the next batch
  settle(run);
}

void Loop::decide(Run& run, Item& item) {
  if (item.kind == Kind::timer && run.open_wait(item.wait_no()) == nullptr && item.wait_no() != 0) {
    return join(run, {.item = &item});
  }
  if (item.kind == Kind::result && !confirmed(run, item)) return settle(run);
  core::Inputs inputs{.now = clock_.now(),
                      .random = random_.next(),
                      .budget = config_.budget,
                      .max_events = config_.decision_events,
                      .max_bytes = config_.decision_bytes};
  const std::uint32_t was = run.state->revision();
  core::Decision decision = core::decide(*run.program, *run.state, item.stimulus, inputs);
  metrics_.decisions.add();
  if (decision.events.empty()) return ignored(run, item, decision);
  add_decision(run, item, was, std::move(decision));
}

void Loop::add_decision(Run& run, Item& item, std::uint32_t was, core::Decision decision) {
  placed(item);
  OpenBatch& open = *open_;
  const core::RunState& state = *run.state;
  OpenBatch::Decided decided;
  decided.run = &run;
  decided.item = &item;
  decided.opened = !decision.opened.empty();
  decided.ended = core::has_ended(state.status()) && !decision.late;
  decided.accepted = decision.late ? Accepted::stale : Accepted::done;

  std::size_t rows = 1 + decision.events.size() + decision.opened.size() + decision.closed.size() +
                     decision.requested.size() + decision.resolved.size();
  std::size_t bytes = 0;
  for (const core::Event& event : decision.events) bytes += event.payload.size_bytes();
  open.rows += rows;
  open.bytes += bytes;
  admission_.charge(run.key.tenant, rows, bytes);

  if (item.inbox) {
    open.batch.inbox.push_back(*item.inbox);
    item.inbox_done = true;
    ++open.rows;
  }
  note_resolved(item, decision);
  note_requested(run, decision);
  note_waits(run, decision);
  if (config_.sabotage.no_continue_row) hide_continue_rows(run, decision);
  if (item.kind != Kind::start && item.reply.index() == 1) decided.view = view(run);

  ports::RunChange change{.key = run.key,
                          .was = was,
                          .now = state.revision(),
                          .status = state.status(),
                          .ended_at = state.ended_at(),
                          .updated_at = state.last_ts(),
                          .epoch = lanes_.epoch(run.key.run.lane()),
                          .decision = std::move(decision),
                          .accepted = {}};
  if (item.inbox && item.kind == Kind::result) note_accepted(change);
  run.batch = open.number;
  ++run.in_flight;
  if (item.kind == Kind::start) {
    item.start->decided.push_back(state.started_at());
    run.head.started_at = state.started_at();
    open.batch.starts.push_back({run.head, std::move(change)});
    open.starts.push_back(std::move(decided));
  } else {
    open.batch.changes.push_back(std::move(change));
    open.changes.push_back(std::move(decided));
  }
}

void Loop::note_waits(Run& run, const core::Decision& decision) {
  for (std::uint32_t wait_no : decision.closed) {
    auto wait = std::find_if(run.waits.begin(), run.waits.end(), [&](const auto& w) { return w.wait_no == wait_no; });
    if (wait == run.waits.end()) continue;
    if (wait->armed) open_->closed.push_back({run.key, wait_no, wait->due});
    *wait = run.waits.back();
    run.waits.pop_back();
  }
  for (const core::Wait& wait : decision.opened) {
    run.waits.push_back({.wait_no = wait.wait_no, .due = wait.due_at, .batch = open_->number});
  }
}

void Loop::note_resolved(Item& item, core::Decision& decision) {
  if (decision.late) note_late(item);
  for (const core::Resolved& resolved : decision.resolved) {
    Invocation* invocation = invocations_.find({item.run.tenant, resolved.id});
    if (invocation == nullptr || invocation->state == Invocation::State::loading) continue;
    invocations_.take_out(*invocation);
    if (invocation->claim_batch == open_->number) unclaim(*invocation);
    invocation->resolving = true;
    invocation->by_quarantine = item.result.quarantine && invocation->key == item.result.invocation;
    invocation->how = resolved.how;
    invocation->batch = open_->number;
    open_->resolved.push_back(invocation);
  }
  if (!item.result.quarantine) return;
  // The row stays, and is listed: only the quarantine of this batch changes it. Unless a retry wants it at once.
  const Uuid id = item.result.invocation.invocation;
  if (std::ranges::any_of(decision.requested, [&](const core::Invocation& again) { return again.id == id; })) return;
  std::erase_if(decision.resolved, [&](const core::Resolved& resolved) { return resolved.id == id; });
  open_->batch.quarantines.push_back({item.result.invocation, item.result.attempt});
}

// A late result is recorded: the row remembers it, so that its repetition is "stale" without a second event.
void Loop::note_late(const Item& item) {
  open_->batch.late.push_back({item.result.invocation, item.result.attempt, item.result.lease});
  Invocation* invocation = invocations_.find(item.result.invocation);
  if (invocation == nullptr || invocation->state != Invocation::State::closed) return;
  invocation->resolving = true;
  invocation->batch = open_->number;
  open_->resolved.push_back(invocation);
}

void Loop::note_requested(Run& run, const core::Decision& decision) {
  for (const core::Invocation& requested : decision.requested) {
    const ports::InvocationKey key{run.key.tenant, requested.id};
    Invocation* invocation = invocations_.find(key);
    if (invocation == nullptr) {
      invocation = &invocations_.add(key);
    } else {  // another attempt: what it was comes back if this batch fails
      invocations_.take_out(*invocation);
      auto before = std::make_unique<Invocation>(std::move(*invocation));
      *invocation = Invocation{};
      invocation->key = key;
      invocation->channel = before->channel;
      invocation->lease = before->lease;
      invocation->watched = before->watched;
      invocation->waiting.swap(before->waiting);
      invocation->before = std::move(before);
    }
    invocation->run = run.key.run;
    invocation->state = Invocation::State::tentative;
    invocation->batch = open_->number;
    invocation->attempt = requested.attempt;
    invocation->path = requested.path;
    invocation->action = requested.action;
    invocation->version = requested.version;
    invocation->idempotency_key = requested.key;
    invocation->priority = run.head.priority;
    invocation->created_at = requested.event_ts;
    invocation->program = run.program;
    invocation->confirmed = true;
    invocations_.place_in(*invocation, requested.queue);
    const bool claiming = invocation->before && invocation->before->state == Invocation::State::claiming;
    invocations_.keep_input(*invocation, requested.with, claiming);
    open_->requested.push_back(invocation);
  }
}

void Loop::hide_continue_rows(Run& run, core::Decision& decision) {
  std::erase_if(decision.opened, [&](const core::Wait& wait) {
    if (wait.kind != core::WaitKind::continue_) return false;
    run.unwritten.push_back(wait.wait_no);
    return true;
  });
  std::erase_if(decision.closed, [&](std::uint32_t wait_no) { return std::erase(run.unwritten, wait_no) > 0; });
}

// No event came of it. What is answered may rest on decisions that are not committed yet: then it waits for them.
void Loop::ignored(Run& run, Item& item, const core::Decision& decision) {
  placed(item);
  OpenBatch::Joined joined{.item = &item, .accepted = Accepted::stale};
  if (item.kind == Kind::result) {
    Invocation* invocation = invocations_.find(item.result.invocation);
    if (invocation != nullptr && invocation->state == Invocation::State::closed && !invocation->resolving) {
      invocations_.remove(*invocation);
    }
  }
  if (item.kind == Kind::cancel) {
    const core::RunStatus status = run.state->status();
    if (status == core::RunStatus::cancelled || status == core::RunStatus::cancelling) {
      joined.view = view(run);
    } else {
      joined.view = fail({.status = 409,
                          .code = decision.ignored ? decision.ignored->code : "run-ended",
                          .title = "The run has ended",
                          .detail = "It is " + std::string(core::name(status)) + ".",
                          .instance = "",
                          .hint = ""});
    }
  }
  join(run, std::move(joined));
}

void Loop::join(Run& run, OpenBatch::Joined joined) {
  if (run.in_flight > 0) {
    if (OpenBatch* batch = find_batch(run.batch)) {
      batch->joined.push_back(std::move(joined));
      return;
    }
  }
  Item& item = *joined.item;
  placed(item);
  settle(run);
  if (joined.view) return answer(item, std::move(*joined.view));
  answer(item, std::move(joined.accepted));
}

OpenBatch* Loop::find_batch(std::uint64_t number) {
  if (open_->number == number) return open_.get();
  for (auto& batch : in_flight_) {
    if (batch->number == number) return batch.get();
  }
  // Refused, but not undone yet: whatever joins it is asked anew with the rest of it.
  for (auto& failure : failed_) {
    if (failure.batch->number == number) return failure.batch.get();
  }
  return nullptr;
}

RunView Loop::view(const Run& run) const {
  const core::RunState& state = *run.state;
  RunView view;
  view.tenant = run.key.tenant;
  view.id = run.key.run;
  view.definition_id = run.head.definition;
  view.version_id = run.head.version;
  view.namespace_ = run.program->namespace_;
  view.name = run.program->name;
  view.version = run.program->version;
  view.status = state.status();
  view.input = state.input();
  view.output = state.output();
  view.error = state.error();
  view.trigger_kind = run.head.trigger_kind;
  view.queue = run.head.queue;
  view.idempotency_key = run.head.idempotency_key;
  view.correlation_id = run.head.correlation_id;
  view.priority = run.head.priority;
  view.started_at = state.started_at();
  view.updated_at = state.last_ts();
  view.ended_at = state.ended_at();
  return view;
}

}  // namespace pawl::engine
