// Work for polls: claims are committed before a token leaves, and counted against the deaths of the work (section 6).
#include <algorithm>
#include <set>
#include <tuple>
#include <utility>

#include "base/log.h"
#include "engine/loop.h"

namespace pawl::engine {

using State = Invocation::State;

namespace {
constexpr std::uint32_t claims_per_turn = 64;  // of one channel, then another one has its turn
constexpr Microseconds unread_pause = std::chrono::seconds(1);
constexpr int unread_pause_doublings = 6;
}  // namespace

void Loop::offer(Invocation& invocation) {
  if (invocation.resolving || invocation.state == State::closed) return;
  const bool had_place = invocation.state == State::fetching;  // it comes back from the poll that wanted its input
  invocation.state = State::ready;
  if (invocation.own_work) return offer_call(invocation, had_place);
  if (invocation.deaths >= limits::deaths + (invocation.untold ? 1 : 0)) return quarantine(invocation);
  if (!finds_place(invocation, had_place)) {
    spilled(*invocation.channel);
    return invocations_.remove(invocation);
  }
  invocations_.queue(invocation);
}

// In the window of its queue.
bool Loop::finds_place(const Invocation& invocation, bool had_one) {
  if (had_one || invocation.channel == nullptr || invocation.rest == Invocation::Rest::queued) return true;
  if (!invocation.waiting.empty() || invocation.before) return true;
  if (invocation.channel->ready[index_].size() < config_.queue_window) return true;
  return drives_out(invocation.action, *invocation.channel);
}

// Each action may drive out the last one of an action of its queue that has more, and the first that a poll waits for
// the last one of any: what nobody polls for does not keep out the rest.
bool Loop::drives_out(const std::string& action, Dispatch::Channel& channel) {
  const Queue& ready = channel.ready[index_];
  const std::size_t has = ready.size(action), most = ready.most();
  if (has + 1 >= most && (has > 0 || most == 0 || !dispatch_.is_wanted(channel, action))) return false;
  spilled(channel);
  invocations_.remove(*invocations_.find({channel.tenant, ready.last()->invocation}));
  return true;
}

// More rests in memory than may: what goes is found again by the sweep, or when something comes for it. What is leased
// has a bound of its own, since nobody waits for it: found again, it is kept until its lease has lapsed.
void Loop::make_room() {
  if (Shares& ready = invocations_.ready_shares(); ready.over()) {
    for (const Shares::Cut& cut : ready.cuts()) {
      if (cut.queue == own_queue)
        to_call_.spilled(cut.tenant, passes_ + 1);
      else
        spilled(*dispatch_.find(cut.tenant, cut.queue));
      for (Invocation* invocation : invocations_.last_ready(cut.tenant, cut.queue, cut.count)) {
        invocations_.remove(*invocation);
      }
    }
  }
  if (Shares& held = invocations_.held_shares(); held.over()) {
    for (const Shares::Cut& cut : held.cuts()) {
      for (Invocation* invocation : invocations_.some_held(cut.tenant, cut.queue, cut.count, open_->number)) {
        invocations_.remove(*invocation);
      }
    }
  }
}

// Claims whose answers were lost: without this they would wait for their leases to lapse.
void Loop::take_back(const PollTasks& poll) {
  Calling calling(*this);
  std::set<std::tuple<Uuid, std::uint32_t, std::uint32_t>> has;
  for (const TaskToken& token : *poll.holding) has.emplace(token.invocation, token.attempt, token.lease);
  {
    Hold hold(*this);
    for (Invocation* invocation : invocations_.held_by(poll.tenant, poll.queue, poll.worker)) {
      if (has.contains({invocation->key.invocation, invocation->attempt, invocation->lease})) {
        invocation->arrived = true;
        continue;
      }
      disown(*invocation);
      offer(*invocation);
    }
  }
  pump();
}

// Its worker says that it does not have it. If nothing has shown that it did, the answer was lost, and the claim is no
// death. A worker that died and came back under the same name says the same: so it is believed for a while only.
void Loop::disown(Invocation& invocation) {
  if (invocation.arrived || invocation.disowned >= limits::lost_answers) return;
  ++invocation.disowned;
  invocation.untold = true;
}

void Loop::feed_polls() {
  while (has_room() && !draining_) {
    Dispatch::Channel* channel = dispatch_.hungry(index_);
    if (channel == nullptr) return;
    auto most = static_cast<std::uint32_t>(std::min<std::size_t>(config_.batch_rows - open_->rows, claims_per_turn));
    std::size_t ahead = 0;  // inputs that may be being read for the polls before it
    auto next = channel->polls.begin();
    while (next != channel->polls.end() && most > 0) {
      Dispatch::Poll& poll = **next++;  // it leaves the list when it wants no more
      most -= claim_for(*channel, poll, most, ahead);
      ahead += poll.reads();
    }
    const bool more = most == 0 && !channel->polls.empty() && channel->ready[index_].size() > 0;
    if (more)
      dispatch_.rotate(index_);
    else
      dispatch_.sated(index_);
  }
}

// What stands before it in the queue is read first. When nothing more may be read now, the channel is hungry again as
// soon as an input has come, or has turned out not to.
std::uint32_t Loop::claim_for(Dispatch::Channel& channel, Dispatch::Poll& poll, std::uint32_t most, std::size_t ahead) {
  std::uint32_t count = 0;
  while (count < most && poll.wants() > 0) {
    Invocation* next = invocations_.next(channel, poll.request.actions);
    if (next == nullptr) break;
    if (next->has_input) {
      dispatch_.claimed(poll, 1, next->input.size_bytes());
      claim(*next, poll);
      ++count;
      continue;
    }
    if (channel.reading[index_] >= ahead + poll.reads() || !invocations_.may_read(*next)) break;
    fetch_input(*next);
  }
  if (config_.sabotage.claims_in_memory) {
    for (std::uint32_t i = 0; i < count; ++i) {
      OpenBatch::Claiming claiming = open_->claims.back();
      open_->claims.pop_back();
      open_->batch.claims.pop_back();
      --open_->rows;
      post([this, claiming]() mutable {
        grant(claiming, {claiming.invocation->lease + 1, 1, clock_.now() + config_.task_lease});
      });
    }
  }
  if (channel.spilled[index_] != 0 && runs_low(channel)) refill_ = true;
  return count;
}

void Loop::claim(Invocation& invocation, const Dispatch::Poll& poll) {
  invocations_.take_out(invocation);
  invocation.state = State::claiming;
  invocation.claim_batch = open_->number;
  std::string former = std::exchange(invocation.worker, poll.request.worker);
  open_->batch.claims.push_back({invocation.key, invocation.attempt, invocation.lease, poll.request.worker,
                                 config_.task_lease, !invocation.untold});
  open_->claims.push_back(
      {&invocation, poll.id, invocation.key, invocation.attempt, invocation.lease, std::move(former)});
  ++open_->rows;
  admission_.charge(invocation.key.tenant, 1, 0);
}

void Loop::unclaim(Invocation& invocation) {
  for (std::size_t i = 0; i < open_->claims.size(); ++i) {
    if (open_->claims[i].invocation != &invocation) continue;
    const PollId poll = open_->claims[i].poll;
    invocation.worker = std::move(open_->claims[i].former);
    open_->claims.erase(open_->claims.begin() + static_cast<std::ptrdiff_t>(i));
    open_->batch.claims.erase(open_->batch.claims.begin() + static_cast<std::ptrdiff_t>(i));
    --open_->rows;
    invocation.state = State::ready;
    invocation.claim_batch = 0;
    return dispatch_.refuse(poll);
  }
}

void Loop::claims_answered(OpenBatch& batch, const ports::Committed& committed) {
  for (std::size_t i = 0; i < batch.claims.size(); ++i) {
    if (i < committed.claims.size() && committed.claims[i])
      grant(batch.claims[i], *committed.claims[i]);
    else
      refused(batch.claims[i]);
  }
}

// The token leaves. Whoever polled may be gone: then the work is offered to others at once.
void Loop::grant(const OpenBatch::Claiming& claiming, const ports::Granted& granted) {
  Invocation& invocation = *claiming.invocation;
  metrics_.claims.add();
  invocation.lease = granted.lease;
  if (invocation.before) return grant_before(claiming, granted);
  invocation.deaths = granted.deaths;
  invocation.lapses_at = clock_.steady() + config_.task_lease;
  invocation.refusals = 0;
  invocation.arrived = invocation.untold = false;
  invocation.state = State::leased;  // held once it has arrived
  if (invocation.resolving) {        // a later batch has decided it meanwhile; if that fails, it never left
    invocation.untold = true;
    return dispatch_.refuse(claiming.poll);
  }
  if (give(claiming, invocation, granted.leased_until)) return invocations_.hold(invocation);
  invocation.untold = true;  // it never left
  offer(invocation);
}

// Not when the answer to the claim has come so late that the work may be another's by now.
bool Loop::give(const OpenBatch::Claiming& claiming, const Invocation& claimed, Time deadline) {
  bool taken = false;
  if (paused())
    dispatch_.refuse(claiming.poll);
  else
    dispatch_.grant(claiming.poll, assignment(claimed, deadline), taken);
  return taken;
}

// A later batch, not committed, asks for it again. A start that is repeated asks for what is there, and loses: then the
// claim is as good as any. Another attempt is nobody's yet, and the one that was claimed is over.
void Loop::grant_before(const OpenBatch::Claiming& claiming, const ports::Granted& granted) {
  Invocation& before = *claiming.invocation->before;
  before.lease = granted.lease;
  before.deaths = granted.deaths;
  before.lapses_at = clock_.steady() + config_.task_lease;
  before.refusals = 0;
  before.arrived = before.untold = false;
  before.state = State::leased;
  if (before.resolving || before.attempt != claiming.invocation->attempt) {
    before.untold = true;
    return dispatch_.refuse(claiming.poll);
  }
  if (give(claiming, *claiming.invocation, granted.leased_until)) return;
  before.untold = true;
  before.state = State::ready;
}

// Somebody else has it, or its row is locked: what the store knows counts, and the run is read again.
void Loop::refused(const OpenBatch::Claiming& claiming) {
  Invocation& invocation = *claiming.invocation;
  metrics_.claims_refused.add();
  if (!invocation.resolving && !invocation.before) {
    invocation.state = State::loading;
    ++invocation.refusals;
    load_row(invocation.key);
    Run* run = runs_.find({invocation.key.tenant, invocation.run});
    if (run != nullptr && !run->busy()) runs_.remove(*run);
  }
  dispatch_.refuse(claiming.poll);
}

void Loop::extensions_answered(OpenBatch& batch, const ports::Committed& committed) {
  for (std::size_t i = 0; i < batch.extensions.size(); ++i) {
    auto& [key, items] = batch.extensions[i];
    Invocation* invocation = invocations_.find(key);
    const bool granted = i < committed.extensions.size() && committed.extensions[i];
    HeartbeatAnswer answered{Accepted::stale, std::nullopt};
    if (granted) {
      const ports::Granted& extended = *committed.extensions[i];
      answered = {Accepted::done, extended.leased_until};
      if (invocation != nullptr && invocation->lease == extended.lease) {
        invocation->deaths = extended.deaths;
        invocation->lapses_at = clock_.steady() + config_.task_lease;
      }
    } else if (invocation != nullptr && !invocation->resolving && invocation->state == State::leased) {
      invocations_.take_out(*invocation);
      invocation->state = State::loading;
      load_row(invocation->key);
    }
    for (Item* item : std::exchange(items, {})) answer(*item, answered);
  }
}

Assignment Loop::assignment(const Invocation& invocation, Time deadline) const {
  Assignment assignment;
  assignment.token = {invocation.key.tenant, invocation.key.invocation, invocation.attempt, invocation.lease};
  assignment.action = invocation.action;
  assignment.version = invocation.version;
  assignment.input = invocation.input;
  assignment.attempt = invocation.attempt;
  assignment.idempotency_key = invocation.idempotency_key;
  assignment.deadline = deadline;
  assignment.run = invocation.run;
  assignment.path = invocation.path;
  if (invocation.program) {
    assignment.namespace_ = invocation.program->namespace_;
    assignment.name = invocation.program->name;
    assignment.definition_version = invocation.program->version;
  }
  return assignment;
}

// Found by recovery, its input is in the log: its run is folded, which also tells whether it is still open.
void Loop::fetch_input(Invocation& invocation) {
  const ports::RunKey key{invocation.key.tenant, invocation.run};
  if (quarantined_.contains(key)) return invocations_.remove(invocation);
  invocations_.read(invocation);
  fetching_[key].push_back(invocation.key);
  Run* run = runs_.find(key);
  if (run == nullptr) {
    run = &runs_.add(key);
    load(*run);
  } else if (run->state && !run->loading) {
    runs_.use(*run);
    supply_inputs(*run);
    settle(*run);
  }
}

// What the run has open knows its input. What it has not open any more was read from an older page: it goes.
void Loop::supply_inputs(Run& run) {
  auto found = fetching_.find(run.key);
  if (found == fetching_.end()) return;
  const std::vector<ports::InvocationKey> wanted = std::move(found->second);
  fetching_.erase(found);
  const core::Pending pending = core::pending(*run.state);
  for (const core::Invocation& open : pending.invocations) {
    Invocation* invocation = invocations_.find({run.key.tenant, open.id});
    if (invocation == nullptr || invocation->state == State::loading || invocation->attempt != open.attempt) continue;
    invocation->program = run.program;
    invocation->confirmed = true;
    if (!invocation->has_input) invocations_.keep_input(*invocation, open.with, invocation->state == State::fetching);
  }
  for (const ports::InvocationKey& key : wanted) {
    Invocation* invocation = invocations_.find(key);
    if (invocation == nullptr || invocation->state != State::fetching) continue;
    if (invocation->has_input)
      offer(*invocation);
    else if (!invocation->resolving)
      invocations_.remove(*invocation);
  }
}

// Its run is not there, or cannot be folded: the polls that they were read for take the next ones.
void Loop::drop_unsupplied(const ports::RunKey& run) {
  const auto fetching = fetching_.extract(run);
  if (!fetching) return;
  for (const ports::InvocationKey& key : fetching.mapped()) {
    Invocation* invocation = invocations_.find(key);
    if (invocation != nullptr && invocation->state == State::fetching) invocations_.remove(*invocation);
  }
}

// The store does not give them now: others are read meanwhile, and these again after a while, each time a longer one.
void Loop::put_off_inputs(const ports::RunKey& run) {
  auto fetching = fetching_.extract(run);
  if (!fetching) return;
  for (const ports::InvocationKey& key : fetching.mapped()) {
    Invocation* invocation = invocations_.find(key);
    if (invocation == nullptr || invocation->state != State::fetching) continue;
    invocations_.take_out(*invocation);
    invocation->state = State::ready;
    const Microseconds pause = unread_pause * (1 << std::min<int>(invocation->unread++, unread_pause_doublings));
    clock_.call_after(pause, guarded([this, key] {
                        {
                          Hold hold(*this);
                          Invocation* unread = invocations_.find(key);
                          const bool rests = unread == nullptr || unread->rest != Invocation::Rest::none;
                          if (!rests && unread->state == State::ready) offer(*unread);
                        }
                        pump();
                      }));
  }
}

// It has killed its worker too often: the task fails, and whoever catches the error knows that the effect is unknown.
void Loop::quarantine(Invocation& invocation) {
  invocations_.take_out(invocation);
  if (invocation.quarantining) return;
  invocation.quarantining = true;
  metrics_.work_quarantined.add();
  log_warning("work has ended its worker too often and is quarantined", {{"run", invocation.run.text()},
                                                                         {"path", invocation.path},
                                                                         {"action", invocation.action},
                                                                         {"worker", invocation.worker}});
  json::Value error =
      json::Value::object({{"type", json::Value("https://open-workflow-specification.org/spec/1.0.0/errors/runtime")},
                           {"status", json::Value::integer(500)},
                           {"title", json::Value("The work has ended its worker too often")},
                           {"detail", json::Value("It was given out five times, and no worker reported a result.")}});
  core::Failed failed{invocation.key.invocation, invocation.attempt,    invocation.lease,
                      std::move(error),          core::Effect::unknown, {}};
  Item& item = retain(Kind::result, {invocation.key.tenant, invocation.run}, std::move(failed), 0);
  item.result = {invocation.key, invocation.attempt, invocation.lease};
  item.result.quarantine = true;
  admission_.push(item);
  wanted_ = true;
}

}  // namespace pawl::engine
