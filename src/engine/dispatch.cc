#include "engine/dispatch.h"

#include <algorithm>

#include "engine/limits.h"
#include "engine/problems.h"

namespace pawl::engine {

Dispatch::Dispatch(ports::Clock& clock, std::size_t loops, std::move_only_function<void(std::size_t)> wake)
    : clock_(clock), loops_(loops), wake_(std::move(wake)), hungry_(loops), misses_(loops) {}

Dispatch::~Dispatch() {
  for (auto& [id, poll] : polls_) {
    if (poll->timer != 0) clock_.cancel(poll->timer);
  }
}

bool disowns(const PollTasks& poll, std::string_view worker, const TaskToken& token) {
  if (!poll.holding || poll.worker != worker) return false;
  return std::ranges::none_of(*poll.holding, [&](const TaskToken& held) {
    return held.invocation == token.invocation && held.attempt == token.attempt && held.lease == token.lease;
  });
}

bool Dispatch::is_disowned(const Channel& channel, std::string_view worker, const TaskToken& token) const {
  return std::ranges::any_of(channel.polls, [&](const Poll* poll) { return disowns(poll->request, worker, token); });
}

bool Dispatch::is_wanted(const Channel& channel, const std::string& action) const {
  return std::ranges::any_of(channel.polls, [&](const Poll* poll) {
    return std::ranges::find(poll->request.actions, action) != poll->request.actions.end();
  });
}

Dispatch::Channel& Dispatch::enter(const Uuid& tenant, const std::string& queue) {
  auto& channel = channels_[ChannelKey{tenant, queue}];
  if (!channel) {
    channel = std::make_unique<Channel>();
    channel->tenant = tenant;
    channel->queue = queue;
    channel->ready.resize(loops_);
    channel->reading.resize(loops_);
    channel->hungry.resize(loops_);
    channel->spilled.resize(loops_);
  }
  ++channel->invocations;
  return *channel;
}

Dispatch::Channel* Dispatch::find(const Uuid& tenant, const std::string& queue) {
  const auto found = channels_.find(ChannelKey{tenant, queue});
  return found == channels_.end() ? nullptr : found->second.get();
}

void Dispatch::leave(Channel& channel) {
  --channel.invocations;
  release_idle(channel);
}

void Dispatch::release_idle(Channel& channel) {
  if (channels_.size() <= limits::idle_channels || channel.invocations > 0 || !channel.polls.empty()) return;
  for (std::size_t loop = 0; loop < loops_; ++loop) {
    if (channel.hungry[loop]) hungry_[loop].remove(&channel);
  }
  channels_.erase(ChannelKey{channel.tenant, channel.queue});
}

PollId Dispatch::poll(PollTasks request, Done<std::vector<Assignment>> then) {
  const PollId id = ++last_;
  auto added = std::make_unique<Poll>();
  Poll& poll = *added;
  poll.id = id;
  poll.channel = &enter(request.tenant, request.queue);  // the poll's own reference, until it is finished
  poll.request = std::move(request);
  poll.request.max = std::max<std::uint32_t>(poll.request.max, 1);
  poll.then = std::move(then);
  note_asked(poll);
  polls_.emplace(id, std::move(added));
  std::size_t& of_tenant = ++polls_of_tenant_[poll.request.tenant];
  poll.refused = polls_.size() > limits::polls || of_tenant > limits::polls_per_tenant;
  // Also what is answered at once is answered later than this call: by the timer.
  poll.overdue = closed_ || poll.refused;
  const Microseconds wait = poll.overdue ? Microseconds{0} : poll.request.wait;
  poll.timer = clock_.call_after(wait, [this, id, alive = std::weak_ptr(alive_)] {
    if (!alive.expired()) time_is_up(id);
  });
  if (poll.overdue) return id;
  list(poll, false);
  for (std::size_t loop = 0; loop < loops_; ++loop) {
    if (poll.channel->ready[loop].size() > 0) offer(*poll.channel, loop);
    if (poll.channel->spilled[loop] == 0 || poll.channel->ready[loop].has_any(poll.request.actions)) continue;
    misses_[loop] = true;
    wake_(loop);
  }
  return id;
}

void Dispatch::note_asked(const Poll& poll) {
  auto& asked = poll.channel->asked;
  for (const std::string& action : poll.request.actions) {
    const auto known = asked.find(action);
    if (known != asked.end()) {
      known->second = clock_.now();
    } else if (asked.size() < limits::asked_actions) {
      asked.emplace(action, clock_.now());
    }
  }
}

std::size_t Dispatch::ahead(const Channel& channel, const std::string& action, const Queue::Place& place) const {
  std::size_t count = 0;
  for (const Queue& ready : channel.ready) count += ready.ahead(action, place);
  return count;
}

std::size_t Dispatch::waiting(const Channel& channel, std::string_view action) const {
  return static_cast<std::size_t>(std::ranges::count_if(channel.polls, [&](const Poll* poll) {
    return std::ranges::find(poll->request.actions, action) != poll->request.actions.end();
  }));
}

std::optional<Time> Dispatch::asked(const Channel& channel, std::string_view action) const {
  const auto found = channel.asked.find(action);
  return found == channel.asked.end() ? std::nullopt : std::optional(found->second);
}

void Dispatch::list(Poll& poll, bool first) {
  auto& polls = poll.channel->polls;
  poll.place = polls.insert(first ? polls.begin() : polls.end(), &poll);
  poll.listed = true;
}

void Dispatch::unlist(Poll& poll) {
  if (!poll.listed) return;
  poll.channel->polls.erase(poll.place);
  poll.listed = false;
}

void Dispatch::time_is_up(PollId id) {
  auto found = polls_.find(id);
  if (found == polls_.end()) return;
  Poll& poll = *found->second;
  poll.timer = 0;
  poll.overdue = true;
  unlist(poll);
  settle(poll);
}

void Dispatch::settle(Poll& poll) {
  if (poll.claiming > 0) return;
  if (!poll.granted.empty() || poll.overdue) return finish(poll);
  poll.bytes = 0;
  if (!poll.listed) {
    list(poll, true);
    for (std::size_t loop = 0; loop < loops_; ++loop) {
      if (poll.channel->ready[loop].size() > 0) offer(*poll.channel, loop);
    }
  }
}

void Dispatch::finish(Poll& poll) {
  unlist(poll);
  if (poll.timer != 0) clock_.cancel(poll.timer);
  auto of_tenant = polls_of_tenant_.find(poll.request.tenant);
  if (--of_tenant->second == 0) polls_of_tenant_.erase(of_tenant);
  Channel& channel = *poll.channel;
  auto node = polls_.extract(poll.id);
  leave(channel);
  Poll& done = *node.mapped();
  if (!done.then) return;
  if (done.refused) return done.then(fail(overloaded("polls")));
  done.then(std::move(done.granted));
}

void Dispatch::cancel(PollId id) {
  auto found = polls_.find(id);
  if (found == polls_.end()) return;
  found->second->then = nullptr;
  found->second->granted.clear();
  finish(*found->second);  // claims that are under way find nobody, and are offered again
}

void Dispatch::close() {
  closed_ = true;
  std::vector<PollId> all;
  for (auto& [id, poll] : polls_) all.push_back(id);
  std::sort(all.begin(), all.end());
  for (PollId id : all) time_is_up(id);
}

void Dispatch::offer(Channel& channel, std::size_t loop) {
  if (channel.polls.empty() || channel.hungry[loop]) return;
  channel.hungry[loop] = true;
  hungry_[loop].push_back(&channel);
  wake_(loop);
}

Dispatch::Channel* Dispatch::hungry(std::size_t loop) {
  return hungry_[loop].empty() ? nullptr : hungry_[loop].front();
}

void Dispatch::rotate(std::size_t loop) {
  hungry_[loop].splice(hungry_[loop].end(), hungry_[loop], hungry_[loop].begin());
}

void Dispatch::sated(std::size_t loop) {
  hungry_[loop].front()->hungry[loop] = false;
  hungry_[loop].pop_front();
}

bool Dispatch::misses_more(std::size_t loop) {
  const bool misses = misses_[loop];
  misses_[loop] = false;
  return misses;
}

void Dispatch::forget(std::size_t loop) {
  for (Channel* channel : hungry_[loop]) channel->hungry[loop] = false;
  hungry_[loop].clear();
  for (auto& [key, channel] : channels_) {
    channel->ready[loop].clear();
    channel->reading[loop] = 0;
  }
}

void Dispatch::claimed(Poll& poll, std::uint32_t count, std::size_t bytes) {
  poll.claiming += count;
  poll.bytes += bytes;
  if (poll.wants() == 0) unlist(poll);
}

void Dispatch::grant(PollId id, Assignment assignment, bool& taken) {
  auto found = polls_.find(id);
  taken = found != polls_.end();
  if (!taken) return;
  --found->second->claiming;
  found->second->granted.push_back(std::move(assignment));
  settle(*found->second);
}

void Dispatch::refuse(PollId id) {
  auto found = polls_.find(id);
  if (found == polls_.end()) return;
  --found->second->claiming;
  settle(*found->second);
}

}  // namespace pawl::engine
