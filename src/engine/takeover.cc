// Ownership of this loop's lanes, and what is done when a commit was not answered (protocol sections 4 and 5).
//
// An unknown outcome is never guessed, and nothing is sent again: the loop drops its memory, fences its own former self
// by a new connection (which waits for, or ends, the commit that may be on its way), takes its lanes over like a
// stranger's, and only then asks the store about each stimulus that it retains.
#include "base/log.h"
#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

void Loop::begin() {
  begun_ = true;
  phase_ = Phase::joining;
  recovering_since_ = clock_.steady();
  register_self();
}

void Loop::lost() {
  if (!joined_store()) return;
  outcome_unknown();
}

void Loop::outcome_unknown() {
  metrics_.recoveries.add();
  ++generation_;
  ++ownership_;
  phase_ = Phase::recovering;
  drop_memory();
  troubled_ = false;
  recovering_since_ = clock_.steady();
  join_tries_ = 0;
  if (!config_.sabotage.resend_when_unknown) {
    former_.push_back(id_);
    lanes_.clear();
  }
  join_store();
}

void Loop::drop_memory() {
  std::vector<PollId> polls;
  auto note_polls = [&](const OpenBatch& batch) {
    for (const OpenBatch::Claiming& claiming : batch.claims) {
      polls.push_back(claiming.poll);
      untold_[claiming.key] = {claiming.attempt, claiming.lease + 1};
    }
  };
  note_polls(*open_);
  for (auto& batch : in_flight_) note_polls(*batch);
  for (auto& failure : failed_) note_polls(*failure.batch);
  metrics_.in_flight.add(-static_cast<std::int64_t>(in_flight_.size()));
  in_flight_.clear();
  failed_.clear();
  open_ = std::make_unique<OpenBatch>();
  open_->number = ++last_batch_;
  admission_.take_all();
  next_.clear();
  to_forget_.clear();
  delayed_.clear();
  suspects_.clear();
  testing_ = false;
  unplaced_ = 0;
  resolving_.clear();
  runs_.clear();
  to_load_.clear();
  loading_ = 0;
  timers_.clear();
  fetching_.clear();
  invocations_.each([this](Invocation& invocation) {
    abort_call(invocation);
    if (invocation.before) abort_call(*invocation.before);
  });
  to_call_.clear();
  dispatch_.forget(index_);
  invocations_.clear();
  quarantined_.clear();
  for (Dispatch::Channel* channel : std::exchange(spilled_, {})) {
    channel->spilled[index_] = 0;
    dispatch_.leave(*channel);
  }
  sweeping_ = sweep_anew_ = refill_ = false;
  for (PollId poll : polls) dispatch_.refuse(poll);
}

void Loop::try_again(std::string_view what, const Problem& problem) {
  log_warning("the loop cannot join the store yet",
              {{"step", std::string(what)}, {"problem", problem.title}, {"detail", problem.detail}});
  clock_.call_after(back_off(++join_tries_ + 2), guarded([this] { join_store(); }));
}

void Loop::join_store() {
  storage_.reconnect(guarded([this](Result<void> connected) {
    if (!connected) return try_again("reconnect", connected.error());
    if (config_.sabotage.resend_when_unknown && begun_ && former_.empty() && !lanes_.empty()) return joined();
    fence_former(0);
  }));
}

void Loop::fence_former(std::size_t next) {
  if (next == former_.size()) return register_self();
  storage_.fence_loop(former_[next], guarded([this, next](Result<void> fenced) {
                        if (!fenced) return try_again("fence", fenced.error());
                        fence_former(next + 1);
                      }));
}

void Loop::register_self() {
  id_ = Uuid::version7(clock_.now(), random_.next(), random_.next());
  taken_.clear();
  storage_.register_loop(id_, node_, guarded([this](Result<void> registered) {
                           if (registered) return take_from_former(0);
                           former_.push_back(id_);  // it may have been registered all the same
                           try_again("register", registered.error());
                         }));
}

void Loop::take_from_former(std::size_t next) {
  if (next == former_.size()) return joined();
  std::vector<ports::Lane> all(pawl::limits::lanes);
  for (std::size_t lane = 0; lane < all.size(); ++lane) all[lane] = static_cast<ports::Lane>(lane);
  storage_.take_lanes(id_, former_[next], std::move(all),
                      guarded([this, next](Result<std::vector<ports::OwnedLane>> lanes) {
                        if (!lanes) {
                          former_.push_back(id_);
                          return try_again("take lanes", lanes.error());
                        }
                        taken_.insert(taken_.end(), lanes->begin(), lanes->end());
                        take_from_former(next + 1);
                      }));
}

void Loop::joined() {
  {
    Hold hold(*this);
    phase_ = Phase::running;
    former_.clear();
    join_tries_ = 0;
    back_offs_ = 0;
    ++ownership_;
    for (const ports::OwnedLane& lane : std::exchange(taken_, {})) lanes_.add(lane);
    std::erase_if(untold_, [this](const auto& claim) { return !owns(claim.first.invocation.lane()); });
    metrics_.lanes_taken.add(lanes_.size());
    log_info("a loop has joined the store",
             {{"loop", id_.text()}, {"lanes", static_cast<std::int64_t>(lanes_.size())}});
    admission_.take_all();  // all that is retained is asked about, what came meanwhile included
    resolving_.clear();
    std::vector<Item*> items;  // in the order in which they came, as far as it is known
    for (Item& item : calls_) items.push_back(&item);
    for (Item& item : inner_) items.push_back(&item);
    for (Item* item : items) submit_again(*item);
    begin_inbox();
    std::vector<ports::RunKey> watched;
    for (const auto& [run, watches] : watches_) watched.push_back(run);
    for (const ports::RunKey& run : watched) {
      if (owns(run.run.lane()))
        look_at(run);
      else
        refuse_watches(run, lane_unowned());
    }
    if (!lanes_.empty()) sweep_from_start();
    wanted_ = true;
  }
  pump();
}

// The store is asked: an insert of a start finds the run if it is there; a result finds how its invocation was
// resolved; a cancel finds the run's state. Timers and what follows from deaths are found by the sweep.
void Loop::submit_again(Item& item) {
  item.suspect = false;
  if (item.inbox) return release(item);  // its row is there, or it is done
  const bool result = item.kind == Kind::result || item.kind == Kind::heartbeat;
  const ports::Lane lane = result ? item.result.invocation.invocation.lane() : item.run.run.lane();
  if (item.kind == Kind::timer || item.result.quarantine || std::holds_alternative<core::Poisoned>(item.stimulus)) {
    return refuse(item, unavailable(""));
  }
  if (!owns(lane)) return refuse(item, lane_unowned());
  if (result) return submit(item);
  if (item.kind == Kind::start) return resolve(item);
  admission_.push(item);
}

void Loop::own(const std::vector<ports::OwnedLane>& lanes) {
  if (!joined_store() || lanes.empty()) return;
  {
    Hold hold(*this);
    for (const ports::OwnedLane& lane : lanes) lanes_.add(lane);
    ++ownership_;
    metrics_.lanes_taken.add(lanes.size());
    sweep_from_start();
    follow(inbox_.rung(clock_.steady()));
    wanted_ = true;
  }
  pump();
}

}  // namespace pawl::engine
