// A batch was refused by the server, and the connection lives (protocol section 3).
//
// Order matters: nothing is forgotten before every outstanding answer has been read, because a later batch may have
// been committed, and a run that was reloaded before that would be stale for ever.
#include <algorithm>

#include "base/log.h"
#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

using State = Invocation::State;
using Kind_ = ports::CommitFailure::Kind;

namespace {

constexpr std::uint16_t tries_before_splitting = 4;
constexpr std::uint8_t failures_alone = 2;
constexpr std::string_view in_failed_transaction = "25P02";  // it only shared a session with the one that failed

Problem unstorable() {
  return {.status = 422,
          .code = "unstorable",
          .title = "The database cannot store what this request makes",
          .detail = "",
          .instance = "",
          .hint = "Look for text or numbers that jsonb does not take."};
}

}  // namespace

void Loop::failed(std::unique_ptr<OpenBatch> batch, ports::CommitFailure why) {
  metrics_.failures.add();
  log_warning("a batch was not committed", {{"sqlstate", why.sqlstate},
                                            {"what", why.what},
                                            {"message", why.message},
                                            {"rows", static_cast<std::int64_t>(batch->rows)}});
  const bool unknown = why.kind == Kind_::unknown;
  failed_.push_back({std::move(batch), std::move(why)});
  if (unknown) {
    metrics_.unknown.add();
    return outcome_unknown();
  }
  phase_ = Phase::draining_answers;
  if (config_.sabotage.forget_before_drain) rolled_back({});
}

void Loop::all_answered() {
  phase_ = Phase::rolling_back;
  storage_.rollback(guarded([this](Result<void> result) {
    {
      Hold hold(*this);
      rolled_back(std::move(result));
      wanted_ = true;
    }
    pump();
  }));
}

void Loop::rolled_back(Result<void> result) {
  if (!result) return outcome_unknown();  // the connection is gone after all
  std::vector<Failed> failures = std::exchange(failed_, {});
  std::vector<Item*> unsent = undo(*open_);
  std::sort(failures.begin(), failures.end(),
            [](const Failed& a, const Failed& b) { return a.batch->number > b.batch->number; });
  std::vector<std::vector<Item*>> items;
  for (Failed& failure : failures) items.push_back(undo(*failure.batch));
  open_ = std::make_unique<OpenBatch>();
  open_->number = ++last_batch_;
  forget_runs();
  testing_ = false;
  const bool fenced =
      std::any_of(failures.begin(), failures.end(), [](const Failed& f) { return f.why.kind == Kind_::fenced; });
  phase_ = Phase::running;
  if (fenced) return lost();
  for (auto item = unsent.rbegin(); item != unsent.rend(); ++item) admission_.push_front(**item);
  for (std::size_t i = 0; i < failures.size(); ++i) treat(std::move(items[i]), failures[i].why);
}

// A batch that was to open it did not: what it was before comes back. Its row is read again when that was being done,
// or when a claim was in flight: the answer may have come meanwhile.
void Loop::unrequest(Invocation& invocation) {
  invocations_.drop_input(invocation);
  if (!invocation.before) return invocations_.remove(invocation);
  std::unique_ptr<Invocation> before = std::move(invocation.before);
  before->waiting = std::move(invocation.waiting);
  before->watched = invocation.watched;
  invocation = std::move(*before);
  if (invocation.state == State::loading || invocation.state == State::claiming) {
    invocation.state = State::loading;
    return load_row(invocation.key);
  }
  give_back(invocation);  // a lease may have lapsed unseen meanwhile
}

// A lease that its worker has been told of is held again. Any other is nobody's, and is offered; not while it is being
// resolved.
void Loop::give_back(Invocation& invocation) {
  if (invocation.state == State::leased && !invocation.untold) return invocations_.hold(invocation);
  if (invocation.state == State::leased || invocation.state == State::ready) offer(invocation);
}

std::vector<Item*> Loop::undo(OpenBatch& batch) {
  std::vector<Item*> items;
  for (auto requested = batch.requested.rbegin(); requested != batch.requested.rend(); ++requested) {
    unrequest(**requested);
  }
  for (Invocation* invocation : batch.resolved) {
    if (!invocation->resolving || invocation->batch != batch.number) continue;
    invocation->resolving = false;
    give_back(*invocation);
  }
  for (OpenBatch::Claiming& claiming : batch.claims) {
    // A later batch may have been committed that has resolved it.
    Invocation* invocation = invocations_.find(claiming.key);
    if (invocation != nullptr && invocation->claim_batch == batch.number) {
      invocation->claim_batch = 0;
      invocation->worker = std::move(claiming.former);
      invocation->state = State::ready;
      offer(*invocation);
    }
    dispatch_.refuse(claiming.poll);
  }
  for (auto* list : {&batch.starts, &batch.changes}) {
    for (OpenBatch::Decided& decided : *list) {
      forget_later(decided.run);
      if (decided.item != nullptr) {
        decided.item->inbox_done = false;
        items.push_back(decided.item);
      }
    }
  }
  for (const ports::InboxKey& row : batch.discarded) inbox_.forget(row);
  // Not written: what comes for it next finds out anew.
  for (const ports::RunKey& key : batch.suspended) {
    quarantined_.erase(key);
    forget_later(runs_.find(key));
  }
  for (const auto& joined : batch.joined) items.push_back(joined.item);
  for (auto& [key, beats] : batch.extensions) {
    if (Invocation* invocation = invocations_.find(key)) invocation->extension_batch = 0;
    items.insert(items.end(), beats.begin(), beats.end());
  }
  return items;
}

void Loop::forget_later(Run* run) {
  if (run != nullptr && std::ranges::find(to_forget_, run) == to_forget_.end()) to_forget_.push_back(run);
}

// They are read again on their next use. What waited for them is admitted again.
void Loop::forget_runs() {
  for (Run* run : std::exchange(to_forget_, {})) {
    for (auto& batch : in_flight_) {  // of a sabotage: there is none in flight otherwise
      for (auto& decided : batch->changes) {
        if (decided.run == run) decided.run = nullptr;
      }
    }
    for (auto item = run->waiting.rbegin(); item != run->waiting.rend(); ++item) admission_.push_front(**item);
    forget_next(*run);
    const ports::RunKey key = run->key;
    runs_.remove(*run);
    if (watches_.contains(key) || fetching_.contains(key)) look_at(key);
  }
}

void Loop::treat(std::vector<Item*> items, const ports::CommitFailure& why) {
  if (why.sqlstate == in_failed_transaction) {
    for (auto item = items.rbegin(); item != items.rend(); ++item) admission_.push_front(**item);
    return;
  }
  switch (why.kind) {
    case Kind_::conflict:
      // A row of the inbox is gone: whichever it was, they are all read again. What a worker's own transaction has
      // completed comes by the inbox, before whatever else wanted to end it.
      if (why.what == "inbox") {
        std::erase_if(items, [this](Item* item) {
          const bool asked = item->inbox.has_value();
          if (asked) release(*item);
          return asked;
        });
      }
      follow(inbox_.rung(clock_.steady()));
      [[fallthrough]];
    case Kind_::again: {
      const bool stubborn =
          std::any_of(items.begin(), items.end(), [](Item* i) { return i->tries >= tries_before_splitting; });
      if (stubborn && items.size() > 1) return suspect(std::move(items));  // let the others pass
      for (Item* item : items) delay(*item);
      if (items.empty()) back_off_all(false);
      return;
    }
    case Kind_::data:
      if (items.empty()) return back_off_all(true);
      return suspect(std::move(items));
    case Kind_::full:
      log_error("the database takes no more data", {{"sqlstate", why.sqlstate}, {"message", why.message}});
      for (Item* item : items) {
        if (item->reply.index() != 0)
          refuse(*item, unavailable("The database takes no more data."));
        else
          delay(*item);
      }
      return back_off_all(true);
    case Kind_::fenced:
    case Kind_::unknown:
    case Kind_::other:
      log_error("the database refuses to commit", {{"sqlstate", why.sqlstate}, {"message", why.message}});
      for (Item* item : items) delay(*item);
      return back_off_all(true);
  }
}

void Loop::delay(Item& item) { delayed_.emplace(clock_.steady() + back_off(item.tries++), &item); }

void Loop::back_off_all(bool troubled) {
  if (phase_ != Phase::running && phase_ != Phase::backing_off) return;
  if (troubled) {
    troubled_ = true;
    trouble_ends_ = clock_.steady() + config_.trouble_lasts;
  }
  phase_ = Phase::backing_off;
  back_off_until_ = clock_.steady() + back_off(++back_offs_);
}

// --- bisection: one group at a time, alone in flight, until the one that the database cannot store stands alone
// ----------

void Loop::suspect(std::vector<Item*> items) {
  if (items.size() > 1) {
    const auto half = items.begin() + static_cast<std::ptrdiff_t>(items.size() / 2);
    suspects_.emplace_back(half, items.end());
    suspects_.emplace_back(items.begin(), half);
    return;
  }
  Item& item = *items.front();
  if (++item.alone < failures_alone) return suspects_.push_back({&item});
  poison(item);
}

// A start is refused. A run faults, by an event that holds nothing of what could not be stored; if not even that can be
// written, nothing is decided for it any more.
void Loop::poison(Item& item) {
  metrics_.poisoned.add();
  log_error("the database cannot store what a run has decided",
            {{"tenant", item.run.tenant.text()}, {"run", item.run.run.text()}});
  if (item.kind == Kind::start || item.kind == Kind::heartbeat) return refuse(item, unstorable());
  if (std::holds_alternative<core::Poisoned>(item.stimulus)) {
    const std::string why = "Its fault could not be stored.";
    if (quarantined_.size() < limits::quarantined_runs) quarantined_.insert(item.run);
    suspend({.key = item.run, .reason = why});
    return refuse(item, run_quarantined(why));
  }
  item.alone = 0;
  item.stimulus = core::Poisoned{
      json::Value::object({{"type", json::Value("https://open-workflow-specification.org/spec/1.0.0/errors/runtime")},
                           {"status", json::Value::integer(500)},
                           {"title", json::Value("The database cannot store what this run has decided")}})};
  suspects_.push_back({&item});
}

bool Loop::test_suspects() {
  if (!in_flight_.empty()) return false;
  if (!testing_) {
    std::vector<Item*> group = std::move(suspects_.back());
    suspects_.pop_back();
    testing_ = true;
    unplaced_ = group.size();
    for (Item* item : group) item->suspect = true;
    for (Item* item : group) place(*item);
  }
  if (unplaced_ > 0) return false;  // runs are being loaded
  if (!open_->nothing()) {
    send();
    return false;
  }
  testing_ = false;
  return true;
}

}  // namespace pawl::engine
