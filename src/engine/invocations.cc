#include "engine/invocations.h"

#include <utility>

#include "engine/limits.h"

namespace pawl::engine {

using Rest = Invocation::Rest;

Invocation* Invocations::find(const ports::InvocationKey& key) {
  auto found = table_.find(key);
  return found == table_.end() ? nullptr : found->second.get();
}

Invocation& Invocations::add(const ports::InvocationKey& key) {
  auto invocation = std::make_unique<Invocation>();
  invocation->key = key;
  Invocation& added = *invocation;
  table_.emplace(key, std::move(invocation));
  return added;
}

void Invocations::place_in(Invocation& invocation, const std::string& queue) {
  invocation.own_work = queue.starts_with('@');
  if (invocation.own_work || invocation.channel != nullptr) return;
  invocation.channel = &dispatch_.enter(invocation.key.tenant, queue);
}

void Invocations::fill(Invocation& invocation, const ports::StoredInvocation& row) {
  invocation.run = row.run;
  invocation.attempt = row.attempt;
  invocation.lease = row.lease;
  invocation.deaths = row.deaths;
  invocation.priority = row.priority;
  invocation.path = row.path;
  invocation.action = row.action;
  invocation.version = row.version;
  invocation.idempotency_key = row.idempotency_key;
  invocation.worker = row.worker;
  invocation.created_at = row.created_at;
  invocation.resolution = row.resolution;
  place_in(invocation, row.queue);
}

void Invocations::keep_input(Invocation& invocation, json::Value input, bool needed) {
  drop_input(invocation);
  if (!needed && !has_room_to_keep()) return;
  input_bytes_ += input.size_bytes();
  invocation.input = std::move(input);
  invocation.has_input = true;
}

void Invocations::drop_input(Invocation& invocation) {
  if (!invocation.has_input) return;
  input_bytes_ -= invocation.input.size_bytes();
  invocation.input = json::Value();
  invocation.has_input = false;
}

void Invocations::remove(Invocation& invocation) {
  take_out(invocation);
  drop_input(invocation);
  if (invocation.before) drop_input(*invocation.before);
  if (invocation.channel != nullptr) dispatch_.leave(*invocation.channel);
  table_.erase(ports::InvocationKey(invocation.key));
}

void Invocations::clear() {
  for (auto& [key, invocation] : table_) {
    if (invocation->channel != nullptr) dispatch_.leave(*invocation->channel);
  }
  table_.clear();
  held_.clear();
  ready_shares_.clear();
  held_shares_.clear();
  lapses_ = {};
  queued_ = input_bytes_ = reading_ = own_reading_ = 0;
}

void Invocations::queue(Invocation& invocation) {
  invocation.state = Invocation::State::ready;
  if (invocation.own_work) {
    if (invocation.rest == Rest::in_line) return;
    take_out(invocation);
    invocation.rest = Rest::in_line;
    ready_shares_.enter(invocation.key.tenant, own_queue);
    return calls_.push(invocation.key.tenant, invocation.place());
  }
  if (invocation.rest == Rest::queued) return;
  take_out(invocation);
  invocation.rest = Rest::queued;
  ++queued_;
  ready_shares_.enter(invocation.key.tenant, invocation.channel->queue);
  invocation.channel->ready[loop_].push(invocation.action, invocation.place());
  dispatch_.offer(*invocation.channel, loop_);
}

void Invocations::hold(Invocation& invocation) {
  invocation.state = Invocation::State::leased;
  watch_lease(invocation);
  if (!has_room_to_keep()) drop_input(invocation);
  if (invocation.rest == Rest::held || invocation.channel == nullptr) return;
  take_out(invocation);
  invocation.rest = Rest::held;
  held_shares_.enter(invocation.key.tenant, invocation.channel->queue);
  held_[invocation.channel][invocation.worker].insert(invocation.key.invocation);
}

void Invocations::read(Invocation& invocation) {
  take_out(invocation);
  invocation.state = Invocation::State::fetching;
  invocation.rest = Rest::reading;
  ++reading_;
  ++reading(invocation);
}

bool Invocations::may_read(const Invocation& invocation) const {
  const std::size_t of_queue = invocation.own_work ? own_reading_ : invocation.channel->reading[loop_];
  return of_queue == 0 || input_bytes_ + (reading_ + 1) * limits::input_bytes_read <= input_bytes_bound_;
}

void Invocations::take_out(Invocation& invocation) {
  const Rest rest = std::exchange(invocation.rest, Rest::none);
  if (rest == Rest::none) return;
  if (rest == Rest::reading) {
    --reading_;
    --reading(invocation);
    if (invocation.channel != nullptr) dispatch_.offer(*invocation.channel, loop_);  // another may be read
    return;
  }
  if (rest == Rest::in_line) {
    ready_shares_.leave(invocation.key.tenant, own_queue);
    return calls_.remove(invocation.key.tenant, invocation.place());
  }
  Shares& shares = rest == Rest::queued ? ready_shares_ : held_shares_;
  shares.leave(invocation.key.tenant, invocation.channel->queue);
  if (rest == Rest::queued) {
    --queued_;
    return invocation.channel->ready[loop_].remove(invocation.action, invocation.place());
  }
  const auto workers = held_.find(invocation.channel);
  const auto holds = workers->second.find(invocation.worker);
  holds->second.erase(invocation.key.invocation);
  if (holds->second.empty()) workers->second.erase(holds);
  if (workers->second.empty()) held_.erase(workers);
}

std::vector<Invocation*> Invocations::held_by(const Uuid& tenant, const std::string& queue, const std::string& worker) {
  std::vector<Invocation*> held;
  const auto workers = held_.find(dispatch_.find(tenant, queue));
  if (workers == held_.end()) return held;
  const auto holds = workers->second.find(worker);
  if (holds == workers->second.end()) return held;
  for (const Uuid& id : holds->second) held.push_back(find({tenant, id}));
  return held;
}

std::vector<Invocation*> Invocations::last_ready(const Uuid& tenant, const std::string& queue, std::size_t count) {
  std::vector<Invocation*> last;
  const bool calls = queue == own_queue;
  Dispatch::Channel* channel = dispatch_.find(tenant, queue);
  if (!calls && channel == nullptr) return last;
  while (last.size() < count) {
    const auto place = calls ? calls_.last(tenant) : channel->ready[loop_].last();
    if (!place) break;
    last.push_back(find({tenant, place->invocation}));
    take_out(*last.back());
  }
  return last;
}

std::vector<Invocation*> Invocations::some_held(const Uuid& tenant, const std::string& queue, std::size_t count,
                                                std::uint64_t open) {
  std::vector<Invocation*> some;
  const auto workers = held_.find(dispatch_.find(tenant, queue));
  if (workers == held_.end()) return some;
  for (const auto& [worker, holds] : workers->second) {
    for (const Uuid& id : holds) {
      if (some.size() == count) break;
      Invocation* invocation = find({tenant, id});
      if (invocation->extension_batch != open) some.push_back(invocation);
    }
  }
  for (Invocation* invocation : some) take_out(*invocation);
  return some;
}

Invocation* Invocations::next(const Dispatch::Channel& channel, std::span<const std::string> actions) {
  const auto next = channel.ready[loop_].next(actions);
  return next ? find({channel.tenant, next->invocation}) : nullptr;
}

Invocation* Invocations::next_call() {
  const auto next = calls_.next();
  return next ? find(*next) : nullptr;
}

void Invocations::watch_lease(Invocation& invocation) {
  if (invocation.watched) return;  // it is looked at when its older time comes, and put back
  invocation.watched = true;
  lapses_.push({invocation.lapses_at, invocation.key});
}

std::optional<ports::Steady> Invocations::next_lapse() const {
  if (lapses_.empty()) return std::nullopt;
  return lapses_.top().at;
}

Invocation* Invocations::pop_lapsed(ports::Steady now) {
  while (!lapses_.empty() && lapses_.top().at <= now) {
    Invocation* invocation = find(lapses_.top().key);
    lapses_.pop();
    if (invocation == nullptr) continue;
    invocation->watched = false;
    if (invocation->state != Invocation::State::leased || invocation->resolving) continue;
    if (invocation->lapses_at <= now) return invocation;
    watch_lease(*invocation);
  }
  return nullptr;
}

}  // namespace pawl::engine
