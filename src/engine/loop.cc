#include "engine/loop.h"

#include <algorithm>

#include "engine/problems.h"

namespace pawl::engine {

namespace {
constexpr Microseconds timers_pause = std::chrono::milliseconds(50);  // also between looks whether trouble is over
}

Loop::Loop(LoopConfig config, Uuid node, std::size_t index, World world)
    : config_(config),
      node_(node),
      index_(index),
      clock_(world.clock),
      storage_(world.storage),
      transport_(world.transport),
      programs_(world.programs),
      dispatch_(world.dispatch),
      followers_(world.followers),
      metrics_(world.metrics),
      random_(config.seed),
      admission_(config.sabotage.cancel_before_result),
      runs_(config.run_bytes),
      timers_(config.timers),
      to_call_(world.call_places, index),
      invocations_(world.dispatch, to_call_, index, config.invocations, config.input_bytes),
      open_(std::make_unique<OpenBatch>()),
      inbox_(config.inbox) {
  open_->number = ++last_batch_;
}

Loop::~Loop() {
  clock_.cancel(alarm_.timer);
  clock_.cancel(database_alarm_.timer);
}

// --- what is retained ------------------------------------------------------------------------------------------------

Item& Loop::retain(Kind kind, const ports::RunKey& run, core::Stimulus stimulus, std::size_t bytes, Reply reply) {
  Items& list = reply.index() == 0 ? inner_ : calls_;
  Item& item = list.emplace_back();
  item.kind = kind;
  item.run = run;
  item.stimulus = std::move(stimulus);
  item.reply = std::move(reply);
  item.bytes = bytes;
  item.deadline = clock_.steady() + config_.call_timeout;
  item.list = &list;
  item.self = std::prev(list.end());
  retained_bytes_ += bytes;
  ++retained_of_[run.tenant];
  metrics_.retained.add(1);
  return item;
}

void Loop::placed(Item& item) {
  if (!item.suspect) return;
  item.suspect = false;
  --unplaced_;
}

void Loop::release(Item& item) {
  placed(item);
  retained_bytes_ -= item.bytes;
  auto of_tenant = retained_of_.find(item.run.tenant);
  if (--of_tenant->second == 0) retained_of_.erase(of_tenant);
  metrics_.retained.add(-1);
  if (item.inbox) inbox_.forget(*item.inbox);
  if (item.inbox && item.kind == Kind::result) accepted_.erase(item.result.invocation);
  item.list->erase(item.self);
}

// Results of work that was done are taken up to `factor` times what starts may fill.
bool Loop::overloaded(const Uuid& tenant, std::size_t bytes, std::size_t factor) const {
  const std::size_t most = config_.retained_stimuli * factor;
  if (calls_.size() + inner_.size() >= most || retained_bytes_ + bytes > limits::retained_bytes * factor) return true;
  auto of_tenant = retained_of_.find(tenant);
  return of_tenant != retained_of_.end() && of_tenant->second >= std::max<std::size_t>(most / 2, 1);
}

void Loop::answer(Item& item, Result<RunView> view) { deliver(item, std::move(view)); }
void Loop::answer(Item& item, Result<Accepted> accepted) { deliver(item, std::move(accepted)); }
void Loop::answer(Item& item, Result<HeartbeatAnswer> answered) { deliver(item, std::move(answered)); }

void Loop::refuse(Item& item, Problem problem) {
  switch (item.reply.index()) {
    case 1:
      return answer(item, Result<RunView>(fail(std::move(problem))));
    case 2:
      return answer(item, Result<Accepted>(fail(std::move(problem))));
    case 3:
      return answer(item, Result<HeartbeatAnswer>(fail(std::move(problem))));
    default:
      done_with(item, &problem);
      return release(item);
  }
}

// Whoever has waited too long is told so. A start that was not sent is dropped then; all else goes on without a
// listener.
void Loop::expire(ports::Steady now) {
  while (!calls_.empty() && calls_.front().deadline <= now) {
    Item& item = calls_.front();
    Reply reply = std::exchange(item.reply, std::monostate{});
    item.expired = true;
    inner_.splice(inner_.end(), calls_, item.self);
    item.list = &inner_;
    Problem late = unavailable("It was not committed within the time that a call may take.");
    if (auto* view = std::get_if<Done<RunView>>(&reply))
      (*view)(fail(std::move(late)));
    else if (auto* accepted = std::get_if<Done<Accepted>>(&reply))
      (*accepted)(fail(std::move(late)));
    else if (auto* answered = std::get_if<Done<HeartbeatAnswer>>(&reply))
      (*answered)(fail(std::move(late)));
  }
}

void Loop::post(std::move_only_function<void()> then) {
  clock_.call_after(Microseconds{0}, [alive = std::weak_ptr(alive_), then = std::move(then)]() mutable {
    if (!alive.expired()) then();
  });
}

// --- calls from outside ----------------------------------------------------------------------------------------------

void Loop::start(const ports::RunKey& key, StartRun request, Done<RunView> then) {
  Calling calling(*this);
  const std::size_t bytes = request.input.size_bytes();
  Problem problem;
  if (draining_)
    problem = shutting_down();
  else if (!joined_store() && recovering_since_ + config_.back_off_last < clock_.steady())
    problem = unavailable("");
  else if (overloaded(key.tenant, bytes, 1))
    problem = engine::overloaded("retained_stimuli");
  if (!problem.code.empty()) {
    if (problem.status == 429) metrics_.refused.add();
    return post([then = std::move(then), problem = std::move(problem)]() mutable { then(fail(std::move(problem))); });
  }
  Item& item = retain(Kind::start, key, core::Start{}, bytes, std::move(then));
  prepare(item, std::move(request));
  resolve(item);
  pump();
}

void Loop::cancel(const ports::RunKey& key, std::string reason, Done<RunView> then) {
  Calling calling(*this);
  if (overloaded(key.tenant, 0, limits::results_factor)) {
    metrics_.refused.add();
    return post([then = std::move(then)]() mutable { then(fail(engine::overloaded("retained_stimuli"))); });
  }
  admission_.push(retain(Kind::cancel, key, core::Cancel{std::move(reason)}, 0, std::move(then)));
  pump();
}

void Loop::complete(TaskResult result, Done<Accepted> then) {
  Calling calling(*this);
  const TaskToken& token = result.token;
  const std::size_t bytes = result.output.size_bytes() + result.error.size_bytes();
  if (overloaded(token.tenant, bytes, limits::results_factor)) {
    metrics_.refused.add();
    return post([then = std::move(then)]() mutable { then(fail(engine::overloaded("retained_stimuli"))); });
  }
  core::Stimulus stimulus = core::Completed{token.invocation, token.attempt, token.lease, std::move(result.output)};
  if (result.failed) {
    stimulus = core::Failed{token.invocation,        token.attempt, token.lease,
                            std::move(result.error), result.effect, result.retry_after};
  }
  Item& item = retain(Kind::result, {token.tenant, Uuid{}}, std::move(stimulus), bytes, std::move(then));
  item.result = {{token.tenant, token.invocation}, token.attempt, token.lease};
  submit(item);
  pump();
}

void Loop::heartbeat(const Heartbeat& heartbeat, Done<HeartbeatAnswer> then) {
  Calling calling(*this);
  const TaskToken& token = heartbeat.token;
  if (overloaded(token.tenant, 0, limits::results_factor)) {
    metrics_.refused.add();
    return post([then = std::move(then)]() mutable { then(fail(engine::overloaded("retained_stimuli"))); });
  }
  Item& item = retain(Kind::heartbeat, {token.tenant, Uuid{}}, core::TimerFired{}, 0, std::move(then));
  item.result = {{token.tenant, token.invocation}, token.attempt, token.lease};
  item.result.progress = heartbeat.progress;
  submit(item);
  pump();
}

bool Loop::paused() const {
  if (config_.sabotage.trust_by_database_time) return database_trusted_until_ <= clock_.now();
  return trusted_until_ <= clock_.steady();
}

void Loop::trust_until(ports::Steady end) {
  const bool was_paused = paused();
  trusted_until_ = end;
  database_trusted_until_ = clock_.now() + (end - clock_.steady());
  if (was_paused) pump();
}

void Loop::wake() { pump(); }

bool Loop::idle() const {
  return calls_.empty() && inner_.empty() && in_flight_.empty() && open_->nothing() && loading_ == 0 &&
         to_call_.out() == 0 && to_call_.empty() && !(sweeping_ && urgent_);
}

// --- the pump --------------------------------------------------------------------------------------------------------

void Loop::pump() {
  if (held_ > 0) {
    wanted_ = true;
    return;
  }
  Hold hold(*this);
  do {
    wanted_ = false;
    step();
  } while (wanted_);
  report();
  arm();
}

void Loop::step() {
  while (can_decide()) {
    if (testing_ || !suspects_.empty()) {
      if (!test_suspects()) break;
      continue;
    }
    fill();
    // When nothing has failed for a while, a batch with nothing but the fence asks whether the trouble is over: nobody
    // may come while /readyz says no.
    const bool probe = troubled_ && in_flight_.empty() && trouble_ends_ <= clock_.steady();
    if ((open_->nothing() && !probe) || in_flight_.size() >= limits::batches_in_flight) break;
    send();
  }
  if (can_decide()) make_calls();
  make_room();
  refill();
  load_next();
  drain_further();
}

bool Loop::has_room() const { return open_->rows < config_.batch_rows && open_->bytes < limits::batch_bytes; }

// First what was admitted already and waited for a batch of its own, then claims, since a worker that waits is idle,
// then the rest in the order of Admission.
void Loop::fill() {
  while (has_room() && !next_.empty()) {
    Run& run = *next_.front();
    next_.pop_front();
    run.next = false;
    place_waiting(run);
  }
  if (has_room()) feed_polls();
  while (has_room()) {
    Item* item = admission_.pop();
    if (item == nullptr) break;
    place(*item);
  }
}

// --- the alarm: everything that waits for a time ---------------------------------------------------------------------

void Loop::arm() {
  const ports::Steady now = clock_.steady();
  std::optional<ports::Steady> next;
  std::optional<Time> due;
  const auto consider = [&next](ports::Steady at) { next = std::min(next.value_or(at), at); };
  const auto consider_due = [&due](std::optional<Time> at) {
    if (at) due = std::min(due.value_or(*at), *at);
  };
  if (joined_store()) {
    if (!paused() && !draining_) {
      // When too much waits already, timers wait as well, for room.
      if (has_room_for_timers())
        consider_due(timers_.next());
      else if (timers_.size() > 0)
        consider(now + timers_pause);
      if (auto at = invocations_.next_lapse()) consider(*at);
      if (!sweeping_ && !lanes_.empty()) {
        consider(sweep_due());
        if (timers_.horizon() > clock_.now()) consider_due(timers_.horizon());
      }
      if (!inbox_.looking() && !lanes_.empty()) consider(inbox_.due());
    }
    if (!delayed_.empty()) consider(delayed_.begin()->first);
    if (phase_ == Phase::backing_off) consider(back_off_until_);
    if (troubled_ && can_decide() && in_flight_.empty()) consider(std::max(trouble_ends_, now + timers_pause));
  }
  if (!calls_.empty()) consider(calls_.front().deadline);
  if (draining_ && phase_ != Phase::stopped) consider(drain_until_);
  arm(alarm_, next);
  arm(database_alarm_, due);
}

template <class Instant>
void Loop::arm(Alarm<Instant>& alarm, std::optional<Instant> next) {
  if (!next || (alarm.timer != 0 && alarm.at <= *next)) return;  // one that rings too early is armed again then
  clock_.cancel(alarm.timer);
  alarm.at = *next;
  auto ring = [this, &alarm, alive = std::weak_ptr(alive_)] {
    if (alive.expired()) return;
    alarm.timer = 0;
    on_alarm();
  };
  if constexpr (std::is_same_v<Instant, Time>)
    alarm.timer = clock_.call_at(*next, std::move(ring));
  else
    alarm.timer = clock_.call_after(std::max(*next - clock_.steady(), Microseconds{0}), std::move(ring));
}

void Loop::on_alarm() {
  const ports::Steady now = clock_.steady();
  {
    Hold hold(*this);
    expire(now);
    if (phase_ == Phase::backing_off && back_off_until_ <= now) phase_ = Phase::running;
    if (joined_store()) {
      admit_delayed(now);
      if (!paused() && !draining_) {
        fire_timers(clock_.now());
        lapse_leases(now);
        if (!sweeping_ && !lanes_.empty() && sweep_due() <= now) sweep();
        if (!inbox_.looking() && !lanes_.empty() && inbox_.due() <= now) look_in_inbox();
      }
    }
  }
  pump();
}

bool Loop::has_room_for_timers() const {
  return calls_.size() + inner_.size() < config_.retained_stimuli * limits::results_factor;
}

void Loop::fire_timers(Time now) {
  while (has_room_for_timers()) {
    auto due = timers_.pop(now);
    if (!due) break;
    if (quarantined_.contains(due->run)) continue;
    if (Run* run = runs_.find(due->run); run != nullptr && run->state && run->open_wait(due->wait_no) == nullptr)
      continue;
    metrics_.timers_fired.add();
    admission_.push(retain(Kind::timer, due->run, core::TimerFired{due->wait_no}, 0));
  }
}

void Loop::lapse_leases(ports::Steady now) {
  while (Invocation* invocation = invocations_.pop_lapsed(now)) {
    metrics_.lapses.add();
    offer(*invocation);
  }
}

void Loop::admit_delayed(ports::Steady now) {
  while (!delayed_.empty() && delayed_.begin()->first <= now) {
    Item& item = *delayed_.begin()->second;
    delayed_.erase(delayed_.begin());
    admission_.push_front(item);
  }
}

void Loop::report() {
  const Held held{invocations_.queued(), invocations_.size(), timers_.size(),
                  runs_.size(),          runs_.bytes(),       quarantined_.size()};
  const auto change = [](Gauge& gauge, std::size_t now, std::size_t before) {
    if (now != before) gauge.add(static_cast<std::int64_t>(now) - static_cast<std::int64_t>(before));
  };
  change(metrics_.tasks_ready, held.ready, reported_.ready);
  change(metrics_.tasks_open, held.open, reported_.open);
  change(metrics_.timers, held.timers, reported_.timers);
  change(metrics_.runs_in_memory, held.runs, reported_.runs);
  change(metrics_.run_bytes, held.run_bytes, reported_.run_bytes);
  change(metrics_.in_quarantine, held.quarantined, reported_.quarantined);
  reported_ = held;
}

// Doubling, with a third of jitter so that those who failed together do not return together.
Microseconds Loop::back_off(std::uint32_t tries) {
  Microseconds pause = config_.back_off_first * (std::int64_t{1} << std::min<std::uint32_t>(tries, 16));
  pause = std::min(pause, config_.back_off_last);
  return pause +
         Microseconds(static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>(pause.count()) / 3 + 1)));
}

}  // namespace pawl::engine
