// What is in the store becomes memory: runs are folded when something comes for them, and what is pending in the lanes
// is swept in windows, at once after a takeover and slowly for ever, which heals what any edge lost (protocol
// section 5.4, 5.5).
#include <algorithm>

#include "base/encoding.h"
#include "base/log.h"
#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

using State = Invocation::State;

namespace {
std::string told(const Problem& problem) {
  return problem.title + (problem.detail.empty() ? "" : " " + problem.detail);
}
}  // namespace

// --- one run ---------------------------------------------------------------------------------------------------------

void Loop::load(Run& run) {
  run.loading = true;
  runs_.use(run);
  to_load_.push_back(run.key);
  wanted_ = true;
}

void Loop::load_next() {
  while (loading_ < limits::runs_loading && !to_load_.empty() && joined_store()) {
    const ports::RunKey key = to_load_.front();
    to_load_.pop_front();
    ++loading_;
    storage_.load_run(key, guarded([this, key](Result<std::optional<ports::StoredRun>> stored) {
                        {
                          Hold hold(*this);
                          --loading_;
                          run_loaded(key, std::move(stored));
                          wanted_ = true;
                        }
                        pump();
                      }));
  }
}

void Loop::load_again(const ports::RunKey& key) {
  Run* run = runs_.find(key);
  if (run == nullptr || !run->loading) return;
  if (run->load_failures + 1U >= limits::input_reads) {
    put_off_inputs(key);
    if (run->waiting.empty() && !watches_.contains(key)) return runs_.remove(*run);
  }
  clock_.call_after(back_off(run->load_failures++), guarded([this, key] {
                      if (Run* again = runs_.find(key); again != nullptr && again->loading) to_load_.push_back(key);
                      pump();
                    }));
}

void Loop::run_loaded(const ports::RunKey& key, Result<std::optional<ports::StoredRun>> stored) {
  Run* run = runs_.find(key);
  if (run == nullptr || !run->loading) return;
  if (!stored) return load_again(key);
  if (!*stored) return run_missing(*run);
  with_program(key, std::make_shared<ports::StoredRun>(std::move(**stored)));
}

void Loop::with_program(const ports::RunKey& key, std::shared_ptr<ports::StoredRun> stored) {
  if (auto known = programs_.find(key.tenant, stored->head.version)) return fold(*runs_.find(key), *stored, *known);
  storage_.load_version(key.tenant, stored->head.version,
                        guarded([this, key, stored](Result<std::optional<ports::StoredVersion>> version) {
                          {
                            Hold hold(*this);
                            Run* run = runs_.find(key);
                            if (run == nullptr || !run->loading) return;
                            if (!version) return load_again(key);
                            Result<Deployed> deployed = fail(unavailable("Its version is not there."));
                            if (*version) deployed = programs_.put(key.tenant, **version);
                            if (deployed)
                              fold(*run, *stored, *deployed);
                            else
                              run_unreadable(*run, *stored, told(deployed.error()));
                            wanted_ = true;
                          }
                          pump();
                        }));
}

void Loop::fold(Run& run, ports::StoredRun& stored, const Deployed& deployed) {
  core::RunState state(run.key.tenant, run.key.run);
  for (const core::Event& event : stored.events) {
    if (auto applied = core::apply(*deployed.program, state, event); !applied) {
      return run_unreadable(run, stored, "Event " + std::to_string(event.seq) + ": " + told(applied.error()));
    }
  }
  if (stored.unreadable) return run_unreadable(run, stored, told(*stored.unreadable));
  if (state.revision() != stored.revision) {
    return run_unreadable(run, stored,
                          "Its events end at " + std::to_string(state.revision()) + ", its row says " +
                              std::to_string(stored.revision) + ".");
  }
  if (!stored.suspended_reason.empty()) {
    log_info("a quarantined run's history can be folded again: it goes on",
             {{"tenant", run.key.tenant.text()}, {"run", run.key.run.text()}});
    suspend({.key = run.key, .reason = {}, .status = state.status()});
  }
  run.head = std::move(stored.head);
  run.program = deployed.program;
  run.state.emplace(std::move(state));
  run.loading = false;
  run.load_failures = 0;
  metrics_.runs_loaded.add();
  folded(run, stored);
}

void Loop::folded(Run& run, const ports::StoredRun& stored) {
  run.waits.clear();
  for (const core::Wait& wait : core::pending(*run.state).waits) {
    run.waits.push_back({.wait_no = wait.wait_no, .due = wait.due_at, .armed = true});
    timers_.add({wait.due_at, run.key, wait.wait_no});
  }
  for (const ports::StoredInvocation& row : stored.invocations) found(row);
  supply_inputs(run);
  check_watches(run);
  if (testing_) {
    std::vector<Item*> suspects;
    std::copy_if(run.waiting.begin(), run.waiting.end(), std::back_inserter(suspects),
                 [](Item* item) { return item->suspect; });
    std::erase_if(run.waiting, [](Item* item) { return item->suspect; });
    run.next = true;  // keeps it in memory meanwhile: one that is ignored may be the last to need it
    for (Item* item : suspects) place(*item);
    run.next = false;
  }
  go_on(run);
  settle(run);
}

void Loop::run_missing(Run& run) {
  const ports::RunKey key = run.key;
  std::deque<Item*> waiting = std::move(run.waiting);
  forget_next(run);
  runs_.remove(run);
  for (Item* item : waiting) {
    placed(*item);  // what is under test waits for it no longer
    if (item->kind == Kind::start && item->start->decided.empty())
      admission_.push_front(*item);  // somebody asked for the run before it was started
    else if (item->kind == Kind::start)
      delay(*item);  // it lost to a run that is not there: a store that contradicts itself
    else if (item->kind == Kind::result)
      answer(*item, Result<Accepted>(Accepted::unknown_token));
    else
      refuse(*item, run_not_found());
  }
  refuse_watches(key, run_not_found());
  drop_unsupplied(key);
}

void Loop::suspend(ports::Suspension suspension) {
  open_->suspended.push_back(suspension.key);
  open_->batch.suspensions.push_back(std::move(suspension));
  ++open_->rows;
}

// Its log cannot be folded: it is suspended with the reason, and nothing is decided for it until somebody has looked
// (protocol section 5.5). The memory of it ends with the process: what comes for the run then tries again.
void Loop::run_unreadable(Run& run, const ports::StoredRun& stored, std::string why) {
  const ports::RunKey key = run.key;
  std::erase(why, '\0');
  why.resize(utf8_cut(why, limits::reason_bytes));
  metrics_.quarantined.add();
  log_error("a run's history cannot be folded, it is quarantined",
            {{"tenant", key.tenant.text()}, {"run", key.run.text()}, {"why", why}});
  if (quarantined_.size() < limits::quarantined_runs) quarantined_.insert(key);
  if (!stored.ended_at && (stored.status != core::RunStatus::suspended || stored.suspended_reason != why))
    suspend({.key = key, .reason = why});
  std::deque<Item*> waiting = std::move(run.waiting);
  forget_next(run);
  runs_.remove(run);
  for (Item* item : waiting) refuse(*item, run_quarantined(why));
  refuse_watches(key, run_quarantined(why));
  drop_unsupplied(key);
}

// --- the sweep -------------------------------------------------------------------------------------------------------

void Loop::sweep_from_start() {
  urgent_ = true;
  cursor_ = {};
  if (!sweeping_) return sweep();
  sweep_anew_ = true;  // the page that is on its way is of the older lanes
}

// The horizon moves first: a wait that is committed while the pages are read goes into the wheel by its commit.
void Loop::sweep() {
  if (cursor_.invocations.empty() && cursor_.waits.empty()) {
    pass_began_ = clock_.steady();
    hurried_pass_ = refill_;
    fruitful_pass_ = false;
    timers_.move_horizon(std::max(timers_.horizon(), clock_.now() + config_.horizon));
  }
  sweeping_ = true;
  refill_ = fruitful_ = false;
  storage_.load_pending(lanes_.list(), timers_.horizon(), cursor_, config_.page_rows,
                        guarded([this](Result<ports::PendingPage> page) {
                          {
                            Hold hold(*this);
                            swept(std::move(page));
                            wanted_ = true;
                          }
                          pump();
                        }));
}

// Earlier than planned once the horizon is reached: more timers than fit have brought it nearer, or the database's time
// has jumped ahead.
ports::Steady Loop::sweep_due() const {
  if (sweep_failures_ > 0 || timers_.horizon() > clock_.now()) return sweep_at_;
  return std::min(sweep_at_, pass_ended_ + config_.sweep_pause);
}

void Loop::swept(Result<ports::PendingPage> page) {
  sweeping_ = false;
  const ports::Steady now = clock_.steady();
  if (!page) {
    sweep_at_ = now + back_off(++sweep_failures_ + 3);
    return;
  }
  sweep_failures_ = 0;
  for (const ports::StoredInvocation& row : page->invocations) found(row);
  for (const ports::StoredWait& row : page->waits) found(row);
  page_at_ = now;
  if (std::exchange(sweep_anew_, false)) return sweep();
  cursor_ = std::move(page->next);
  fruitful_pass_ = fruitful_pass_ || fruitful_;
  if (!page->more) ++passes_;
  refill_ = misses_more();
  if (page->more) {
    // Fast after a takeover, and when the pass takes so long that the horizon comes near.
    if (urgent_ || now > pass_began_ + config_.horizon / 4) return sweep();
    sweep_at_ = now + config_.sweep_pause;
    return;
  }
  // What a whole pass has not brought is not there, or has no place: the slow sweep goes on looking.
  if (hurried_pass_ && !fruitful_pass_) refill_ = false;
  urgent_ = false;
  cursor_ = {};
  pass_ended_ = now;
  const Microseconds reach = std::chrono::duration_cast<Microseconds>(timers_.horizon() - clock_.now()) / 2;
  sweep_at_ = now + std::clamp(reach, 2 * config_.sweep_pause, std::max(config_.horizon / 2, 2 * config_.sweep_pause));
}

// --- more than fits --------------------------------------------------------------------------------------------------

// Rows of this queue are in the table alone, until a pass of the sweep that begins after now has ended.
void Loop::spilled(Dispatch::Channel& channel) {
  if (channel.spilled[index_] == 0) {
    if (spilled_.size() >= limits::spilled_queues) return;  // the slow sweep finds them
    spilled_.push_back(&dispatch_.enter(channel.tenant, channel.queue));
  }
  channel.spilled[index_] = passes_ + 1;  // the one that is under way, or the next
  if (!channel.polls.empty()) refill_ = true;
}

bool Loop::runs_low(const Dispatch::Channel& channel) const {
  return 2 * channel.ready[index_].size() < config_.queue_window &&
         invocations_.ready_shares().admits(channel.tenant, channel.queue);
}

// Whether somebody waits for what may be in the table alone. What has not spilled since a whole pass is in memory.
bool Loop::misses_more() {
  std::erase_if(spilled_, [this](Dispatch::Channel* channel) {
    if (passes_ <= channel->spilled[index_]) return false;
    channel->spilled[index_] = 0;
    dispatch_.leave(*channel);
    return true;
  });
  const std::vector<Uuid> calls = to_call_.spilled_after(passes_);
  if (std::ranges::any_of(calls, [this](const Uuid& tenant) { return calls_run_low(tenant); })) return true;
  return std::ranges::any_of(spilled_, [this](const Dispatch::Channel* channel) {
    if (channel->polls.empty()) return false;
    return runs_low(*channel) || std::ranges::any_of(channel->polls, [&](const Dispatch::Poll* poll) {
             return !channel->ready[index_].has_any(poll->request.actions);
           });
  });
}

// The next page at once while pages bring something, else after the pause of the slow sweep.
void Loop::refill() {
  if (dispatch_.misses_more(index_)) refill_ = true;
  if (!refill_ || sweeping_ || sweep_failures_ > 0 || !joined_store() || paused() || draining_) return;
  const ports::Steady now = clock_.steady();
  sweep_at_ = std::min(sweep_at_, fruitful_ ? now : std::max(now, page_at_ + config_.sweep_pause));
  if (sweep_at_ <= now) sweep();
}

void Loop::found(const ports::StoredInvocation& row) {
  if (row.status == ports::InvocationStatus::resolved || row.status == ports::InvocationStatus::quarantined) return;
  if (!owns(row.key.invocation.lane())) return;
  if (Invocation* known = invocations_.find(row.key)) {  // the rows of calls that are out look like those of others
    if (config_.sabotage.calls_what_is_found && known->state == State::calling) offer(*known);
    return;
  }
  // After a takeover workers get a full lease of grace: they may not have reached anybody meanwhile.
  const bool graced = urgent_ || row.status == ports::InvocationStatus::completing || !row.leased_until;
  const Microseconds left =
      graced ? config_.task_lease : std::min(*row.leased_until - clock_.now(), config_.task_lease);
  const ports::Steady until = clock_.steady() + left;
  const bool ready = row.status == ports::InvocationStatus::ready || left <= Microseconds{0};
  if (!ready && !invocations_.held_shares().admits(row.key.tenant, row.queue)) return;  // a later pass
  const bool own = row.queue.starts_with('@');
  if (ready && !invocations_.ready_shares().admits(row.key.tenant, own ? own_queue : row.queue)) {
    if (own) return to_call_.spilled(row.key.tenant, passes_ + 1);
    Dispatch::Channel& channel = dispatch_.enter(row.key.tenant, row.queue);
    const bool in_place_of_another = drives_out(row.action, channel);
    if (!in_place_of_another) spilled(channel);
    dispatch_.leave(channel);
    if (!in_place_of_another) return;
  }
  Invocation& invocation = invocations_.add(row.key);
  invocations_.fill(invocation, row);
  hold_or_offer(invocation, row, until);
  if (ready && invocations_.find(row.key) != nullptr) fruitful_ = true;
}

void Loop::found(const ports::StoredWait& row) {
  if (!owns(row.key.run.lane()) || quarantined_.contains(row.key)) return;
  const Run* run = runs_.find(row.key);
  if (run != nullptr && run->state && run->open_wait(row.wait.wait_no) == nullptr) return;  // an older page
  timers_.add({row.wait.due_at, row.key, row.wait.wait_no});
}

}  // namespace pawl::engine
