// One loop: a commit connection, the lanes that it owns, and everything about their runs that is in memory.
//
// A state machine without I/O. A stimulus is admitted, decided on its run's newest state, put into the open batch, and
// retained until the batch that answers it is committed; then effects are released (engine-protocol.md sections 2 to
// 4). Not to be called from within its own callbacks' destruction; one thread; Node owns it and calls it.
//
// The sources, an idea each: loop.cc (calls, the pump, the alarm), decide.cc (a stimulus becomes part of a batch),
// commit.cc (a batch is sent and released), failure.cc (definite errors), takeover.cc (unknown outcomes, ownership),
// pending.cc (runs are loaded, recovery sweeps), asked.cc (the inbox), starts.cc, results.cc, claims.cc, calls.cc
// (HTTP), watch.cc, explain.cc, drain.cc.
#pragma once

#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/random.h"
#include "core/decide.h"
#include "engine/admission.h"
#include "engine/batch.h"
#include "engine/call_queue.h"
#include "engine/config.h"
#include "engine/dispatch.h"
#include "engine/followers.h"
#include "engine/inbox.h"
#include "engine/invocations.h"
#include "engine/lanes.h"
#include "engine/metrics.h"
#include "engine/program_cache.h"
#include "engine/run_cache.h"
#include "engine/timers.h"
#include "ports/clock.h"
#include "ports/storage.h"
#include "ports/transport.h"

namespace pawl::engine {

using WatchId = std::uint64_t;

class Loop {
 public:
  struct World {
    ports::Clock& clock;
    ports::Storage& storage;
    ports::Transport& transport;
    ProgramCache& programs;
    Dispatch& dispatch;
    CallPlaces& call_places;
    Followers& followers;
    LoopMetrics& metrics;
  };

  Loop(LoopConfig config, Uuid node, std::size_t index, World world);
  ~Loop();
  Loop(const Loop&) = delete;
  Loop& operator=(const Loop&) = delete;

  void begin();  // registers itself; tries again until it succeeds
  bool joined_store() const {
    return phase_ != Phase::joining && phase_ != Phase::recovering && phase_ != Phase::stopped;
  }
  bool healthy() const { return joined_store() && !troubled_; }
  bool owns(ports::Lane lane) const { return lanes_.owns(lane); }
  const Lanes& lanes() const { return lanes_; }
  bool paused() const;  // the node's lease may have lapsed: nothing may leave
  Uuid id() const { return id_; }
  // Changes with what it owns: an older view of ownership must not be compared with it.
  std::uint64_t ownership() const { return ownership_; }
  ports::Lane next_lane() { return lanes_.next(); }

  void own(const std::vector<ports::OwnedLane>& lanes);  // just taken for it: loads what is pending there
  void lost();                                           // somebody fenced it: begins anew, as after an unknown outcome
  void trust_until(ports::Steady end);                   // the node has renewed its lease: later send nothing
  void wake();                                           // a poll waits for what it has ready

  void start(const ports::RunKey& key, StartRun request, Done<RunView> then);
  void cancel(const ports::RunKey& key, std::string reason, Done<RunView> then);
  void complete(TaskResult result, Done<Accepted> then);
  void heartbeat(const Heartbeat& heartbeat, Done<HeartbeatAnswer> then);
  void take_back(const PollTasks& poll);  // offers again what the poll's worker says it does not hold
  void when_ended(WatchId watch, const ports::RunKey& run, Done<RunView> then);
  void cancel_watch(WatchId watch);
  std::optional<WorkView> explain(const ports::InvocationKey& key);  // explain.cc; none: not in memory
  void drain(Done<void> then);
  bool idle() const;

 private:
  // `draining_answers`: an error came; answers that are outstanding are awaited, nothing is sent or decided.
  enum class Phase : std::uint8_t {
    joining,
    running,
    draining_answers,
    rolling_back,
    backing_off,
    recovering,
    stopped
  };
  enum class Verdict : std::uint8_t { decide, done, stale, unknown, done_with_batch, stale_with_batch };

  struct Failed {
    std::unique_ptr<OpenBatch> batch;
    ports::CommitFailure why;
  };
  struct Watch {
    WatchId id = 0;
    Done<RunView> then;
  };
  template <class Instant>
  struct Alarm {
    ports::TimerId timer = 0;  // none: not armed
    Instant at{};
  };
  struct Hold;  // while it lives, pump() only notes that it is wanted

  // loop.cc
  struct Calling;  // while it lives, answers are posted: the caller is outside
  Item& retain(Kind kind, const ports::RunKey& run, core::Stimulus stimulus, std::size_t bytes, Reply reply = {});
  void release(Item& item);
  void placed(Item& item);  // one less of the group under test
  template <class T>
  void deliver(Item& item, Result<T> value);
  bool overloaded(const Uuid& tenant, std::size_t bytes, std::size_t factor) const;
  void answer(Item& item, Result<RunView> view);  // and releases it
  void answer(Item& item, Result<Accepted> accepted);
  void answer(Item& item, Result<HeartbeatAnswer> answered);
  void refuse(Item& item, Problem problem);  // and releases it
  void expire(ports::Steady now);
  void pump();
  void step();
  bool can_decide() const { return phase_ == Phase::running && !paused(); }
  bool has_room() const;
  void fill();
  void arm();
  template <class Instant>
  void arm(Alarm<Instant>& alarm, std::optional<Instant> next);
  void on_alarm();
  bool has_room_for_timers() const;
  void fire_timers(Time now);
  void lapse_leases(ports::Steady now);
  void admit_delayed(ports::Steady now);
  void post(std::move_only_function<void()> then);
  Microseconds back_off(std::uint32_t tries);
  void report();  // what it holds in memory, to the gauges that all loops share
  template <class F>
  auto guarded(F then);  // runs only while this loop lives, in the same generation

  // decide.cc
  void place(Item& item);
  void place_on_run(Item& item);
  bool blocked(const Run& run) const;  // nothing can be decided for it now
  void park(Run& run, Item& item);
  void decide(Run& run, Item& item);
  void add_decision(Run& run, Item& item, std::uint32_t was, core::Decision decision);
  void note_waits(Run& run, const core::Decision& decision);
  void note_late(const Item& item);
  void note_resolved(Item& item, core::Decision& decision);
  void note_requested(Run& run, const core::Decision& decision);
  void hide_continue_rows(Run& run, core::Decision& decision);
  void ignored(Run& run, Item& item, const core::Decision& decision);
  void join(Run& run, OpenBatch::Joined joined);
  OpenBatch* find_batch(std::uint64_t number);
  void go_on(Run& run);  // what waits for it is placed with the next batch
  void place_waiting(Run& run);
  void forget_next(Run& run);
  RunView view(const Run& run) const;

  // starts.cc
  void prepare(Item& item, StartRun request);
  void resolve(Item& item);
  void resolved(const std::string& name, Result<std::optional<ports::StoredVersion>> found, std::uint64_t generation);
  void place_start(Item& item);
  Result<RunView> existing(const Run& run, const Item& item) const;
  void lost_start(OpenBatch& batch, OpenBatch::Decided& decided);

  // results.cc
  void submit(Item& item);
  Verdict judge(const Invocation& invocation, const Item& item) const;
  void place_result(Item& item);
  void place_judged(Run& run, Item& item);                                   // its run can decide now
  void settle_verdict(Invocation& invocation, Item& item, Verdict verdict);  // any but `decide`
  bool confirmed(Run& run, Item& item);
  void place_heartbeat(Item& item);
  bool is_answered(const Invocation& invocation) const;
  void load_row(const ports::InvocationKey& key);
  void hold_or_offer(Invocation& invocation, const ports::StoredInvocation& row, ports::Steady until);
  void row_loaded(const ports::InvocationKey& key, Result<std::optional<ports::StoredInvocation>> row);

  // claims.cc
  void feed_polls();
  std::uint32_t claim_for(Dispatch::Channel& channel, Dispatch::Poll& poll, std::uint32_t most, std::size_t ahead);
  void claim(Invocation& invocation, const Dispatch::Poll& poll);
  void disown(Invocation& invocation);
  void unclaim(Invocation& invocation);  // takes it out of the open batch
  void claims_answered(OpenBatch& batch, const ports::Committed& committed);
  void grant(const OpenBatch::Claiming& claiming, const ports::Granted& granted);
  bool give(const OpenBatch::Claiming& claiming, const Invocation& claimed, Time deadline);
  void grant_before(const OpenBatch::Claiming& claiming, const ports::Granted& granted);
  void refused(const OpenBatch::Claiming& claiming);
  void extensions_answered(OpenBatch& batch, const ports::Committed& committed);
  Assignment assignment(const Invocation& invocation, Time deadline) const;
  void offer(Invocation& invocation);  // it is ready: to a queue, or to the calls
  bool finds_place(const Invocation& invocation, bool had_one);
  bool drives_out(const std::string& action, Dispatch::Channel& channel);
  void make_room();
  void spilled(Dispatch::Channel& channel);
  bool runs_low(const Dispatch::Channel& channel) const;
  void fetch_input(Invocation& invocation);
  void supply_inputs(Run& run);
  void drop_unsupplied(const ports::RunKey& run);
  void put_off_inputs(const ports::RunKey& run);
  void quarantine(Invocation& invocation);

  // calls.cc
  void make_calls();
  void offer_call(Invocation& invocation, bool had_place);
  bool calls_run_low(const Uuid& tenant) const;
  void call(Invocation& invocation);
  void called(const ports::InvocationKey& key, std::uint32_t attempt, ports::CallOutcome outcome);
  void abort_call(Invocation& invocation);

  // commit.cc
  void send();
  void committed(std::uint64_t number, std::expected<ports::Committed, ports::CommitFailure> result);
  void release(OpenBatch& batch, const ports::Committed& committed);
  void release_effects(OpenBatch& batch);
  void release_answers(OpenBatch& batch);
  void release_run(OpenBatch::Decided& decided);
  void arm_waits(Run& run, std::uint64_t batch);
  void arm_wait(const ports::RunKey& run, const Run::OpenWait& wait);
  void settle_runs(OpenBatch& batch);
  void settle(Run& run);

  // failure.cc
  void failed(std::unique_ptr<OpenBatch> batch, ports::CommitFailure why);
  void all_answered();
  void rolled_back(Result<void> result);
  void unrequest(Invocation& invocation);
  void give_back(Invocation& invocation);
  std::vector<Item*> undo(OpenBatch& batch);  // takes its items out; its runs are forgotten afterwards
  void forget_later(Run* run);                // null: nothing
  void forget_runs();
  void treat(std::vector<Item*> items, const ports::CommitFailure& why);
  void delay(Item& item);
  void suspect(std::vector<Item*> items);
  void poison(Item& item);
  bool test_suspects();
  void back_off_all(bool troubled);

  // takeover.cc
  void outcome_unknown();
  void drop_memory();
  void join_store();  // connect, fence former selves, register, take their lanes
  void fence_former(std::size_t next);
  void register_self();
  void take_from_former(std::size_t next);
  void joined();
  void submit_again(Item& item);
  void try_again(std::string_view what, const Problem& problem);

  // pending.cc
  void load(Run& run);
  void load_next();
  void run_loaded(const ports::RunKey& key, Result<std::optional<ports::StoredRun>> stored);
  void load_again(const ports::RunKey& key);
  void with_program(const ports::RunKey& key, std::shared_ptr<ports::StoredRun> stored);
  void fold(Run& run, ports::StoredRun& stored, const Deployed& deployed);
  void folded(Run& run, const ports::StoredRun& stored);
  void run_missing(Run& run);
  void run_unreadable(Run& run, const ports::StoredRun& stored, std::string why);
  void suspend(ports::Suspension suspension);
  void sweep_from_start();
  void sweep();
  ports::Steady sweep_due() const;
  void refill();
  bool misses_more();
  void swept(Result<ports::PendingPage> page);
  void found(const ports::StoredInvocation& row);
  void found(const ports::StoredWait& row);

  // asked.cc
  void begin_inbox();
  void look_in_inbox();
  void look_further(std::optional<Uuid> after);
  void inbox_read(Result<ports::InboxPage> page);
  void follow(Inbox::Next next);
  void take_in(ports::InboxRow row);
  Item& retain_asked(const ports::InboxRow& row, Kind kind, core::Stimulus stimulus);
  void asked_start(ports::InboxRow row);
  void asked_result(ports::InboxRow row);
  void done_with(Item& item, const Problem* problem);
  bool stays(const ports::InboxKey& row, const Problem& problem);
  void discard(const ports::InboxKey& row);
  void note_accepted(ports::RunChange& change) const;

  // watch.cc
  void check_watches(const Run& run);
  void look_at(const ports::RunKey& run);
  void refuse_watches(const ports::RunKey& run, const Problem& problem);

  // drain.cc
  void drain_further();

  const LoopConfig config_;
  const Uuid node_;
  const std::size_t index_;
  ports::Clock& clock_;
  ports::Storage& storage_;
  ports::Transport& transport_;
  ProgramCache& programs_;
  Dispatch& dispatch_;
  Followers& followers_;
  LoopMetrics& metrics_;
  Random random_;

  // Ownership.
  Phase phase_ = Phase::joining;
  bool troubled_ = false, begun_ = false;
  // Compared whenever something leaves: whoever stood still has missed every timer.
  ports::Steady trusted_until_ = ports::Steady::min();
  Time database_trusted_until_{};  // of a sabotage
  Uuid id_;
  std::vector<Uuid> former_;             // ids that may still own lanes
  std::vector<ports::OwnedLane> taken_;  // while it recovers
  std::uint32_t join_tries_ = 0;
  Lanes lanes_;
  std::uint64_t ownership_ = 0;
  std::uint64_t generation_ = 1;  // +1 when memory is dropped: older answers mean nothing then
  ports::Steady recovering_since_{};

  // Stimuli.
  Items calls_, inner_;  // with a reply, in the order of their deadlines; without
  std::size_t retained_bytes_ = 0;
  std::unordered_map<Uuid, std::size_t> retained_of_;  // by tenant
  Admission admission_;
  std::deque<Run*> next_;  // runs with admitted stimuli that waited for the next batch
  std::multimap<ports::Steady, Item*> delayed_;
  std::vector<std::vector<Item*>> suspects_;                       // groups, the next one last
  bool testing_ = false;                                           // a group is in the open batch or in flight
  std::size_t unplaced_ = 0;                                       // of that group
  std::unordered_map<std::string, std::vector<Item*>> resolving_;  // starts whose version is being read
  std::uint32_t calling_ = 0;  // depth of calls from outside: answers come later then

  // Runs and what they have open.
  RunCache runs_;
  std::deque<ports::RunKey> to_load_;
  std::size_t loading_ = 0;
  std::unordered_set<ports::RunKey, RunKeyHash> quarantined_;
  Timers timers_;
  CallQueue to_call_;
  Invocations invocations_;
  std::unordered_map<ports::RunKey, std::vector<ports::InvocationKey>, RunKeyHash> fetching_;  // whose inputs are read
  // Claims of unknown outcome, by (attempt, lease): their polls were refused, so that nobody holds what they took.
  std::unordered_map<ports::InvocationKey, std::pair<std::uint32_t, std::uint32_t>, InvocationKeyHash> untold_;
  std::unordered_map<ports::RunKey, std::vector<Watch>, RunKeyHash> watches_;
  std::unordered_map<WatchId, ports::RunKey> watched_;

  // Batches.
  std::unique_ptr<OpenBatch> open_;
  std::vector<std::unique_ptr<OpenBatch>> in_flight_;
  std::vector<Failed> failed_;
  std::vector<Run*> to_forget_;
  std::uint64_t last_batch_ = 0;
  std::uint32_t back_offs_ = 0;
  ports::Steady back_off_until_{};
  ports::Steady trouble_ends_{};  // not before: small commits may pass where those of work do not

  // The sweep.
  bool sweeping_ = false, sweep_anew_ = false, urgent_ = false;
  ports::PendingCursor cursor_;
  ports::Steady sweep_at_{};
  ports::Steady pass_began_{}, pass_ended_{};
  std::uint32_t sweep_failures_ = 0;
  std::uint64_t passes_ = 0;                       // that have ended
  std::vector<Dispatch::Channel*> spilled_;        // one reference each
  bool refill_ = false;                            // somebody waits for more of what has spilled
  bool fruitful_ = false, fruitful_pass_ = false;  // the last page, this pass brought work that has a place
  bool hurried_pass_ = false;                      // somebody waited for more when this pass began
  ports::Steady page_at_{};                        // when it came

  struct Held {
    std::size_t ready = 0, open = 0, timers = 0, runs = 0, run_bytes = 0, quarantined = 0;
  };
  Held reported_;

  Inbox inbox_;
  std::optional<Uuid> inbox_cursor_;  // of a sabotage
  // What workers have ended in their own transactions, and what is not decided yet.
  std::unordered_map<ports::InvocationKey, std::uint32_t, InvocationKeyHash> accepted_;  // with the attempt

  // The alarms and the pump.
  Alarm<ports::Steady> alarm_;  // for what only has to go on
  Alarm<Time> database_alarm_;  // for what is due by the database's time
  std::uint32_t held_ = 0;
  bool wanted_ = false;
  bool draining_ = false;
  ports::Steady drain_until_{};
  Done<void> drained_;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

struct Loop::Calling {
  explicit Calling(Loop& loop) : loop_(loop) { ++loop_.calling_; }
  ~Calling() { --loop_.calling_; }
  Calling(const Calling&) = delete;
  Calling& operator=(const Calling&) = delete;

 private:
  Loop& loop_;
};

template <class T>
void Loop::deliver(Item& item, Result<T> value) {
  Done<T> then;
  if (auto* reply = std::get_if<Done<T>>(&item.reply)) then = std::move(*reply);
  done_with(item, value ? nullptr : &value.error());
  release(item);
  if (!then) return;
  if (calling_ == 0) return then(std::move(value));
  post([then = std::move(then), value = std::move(value)]() mutable { then(std::move(value)); });
}

struct Loop::Hold {
  explicit Hold(Loop& loop) : loop_(loop) { ++loop_.held_; }
  ~Hold() { --loop_.held_; }
  Hold(const Hold&) = delete;
  Hold& operator=(const Hold&) = delete;

 private:
  Loop& loop_;
};

template <class F>
auto Loop::guarded(F then) {
  return [this, alive = std::weak_ptr(alive_), generation = generation_,
          then = std::move(then)](auto&&... values) mutable {
    if (alive.expired() || generation != generation_) return;
    then(std::forward<decltype(values)>(values)...);
  };
}

}  // namespace pawl::engine
