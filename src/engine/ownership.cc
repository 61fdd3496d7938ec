#include "engine/ownership.h"

#include <algorithm>
#include <array>
#include <map>

#include "base/limits.h"
#include "base/log.h"

namespace pawl::engine {

namespace {
// While lanes are held by owners that may be dying, a server that has just started looks this often.
constexpr Microseconds look_soon = std::chrono::milliseconds(200);
// While its own loops are registering themselves, which takes a few round trips.
constexpr Microseconds look_at_once = std::chrono::milliseconds(10), joins_within = std::chrono::seconds(2);
constexpr Microseconds look_again_first = std::chrono::milliseconds(100);
constexpr std::uint32_t failures_forgiven = 1;  // renewals in a row; each is a commit, so more say that none succeeds
}  // namespace

Ownership::Ownership(ports::NodeInfo info, ports::Clock& clock, ports::Storage& control,
                     std::vector<std::unique_ptr<Loop>>& loops)
    : info_(std::move(info)), clock_(clock), control_(control), loops_(loops), unowned_(pawl::limits::lanes) {}

Ownership::~Ownership() {
  if (timer_ != 0) clock_.cancel(timer_);
}

template <class F>
auto Ownership::guarded(F then) {
  return [this, alive = std::weak_ptr(alive_), then = std::move(then)](auto&&... values) mutable {
    if (!alive.expired() && !stopped_) then(std::forward<decltype(values)>(values)...);
  };
}

void Ownership::begin() {
  began_ = clock_.steady();
  register_node();
}

void Ownership::register_node() {
  renewal_sent_ = clock_.steady();
  control_.register_node(info_, guarded([this](Result<Time> registered) {
                           if (!registered) {
                             log_warning("the node cannot be registered yet", {{"problem", registered.error().title},
                                                                               {"detail", registered.error().detail}});
                             ++failures_;
                             return look_later(true);
                           }
                           // Before anything is decided: what is written never has the machine's time.
                           clock_.observe(*registered);
                           registered_ = true;
                           failures_ = 0;
                           trust();
                           for (auto& loop : loops_) loop->begin();
                           look();
                         }));
}

void Ownership::look_later(bool soon) {
  Microseconds pause = info_.lease / 3;
  if (soon) pause = std::min(pause, clock_.steady() < began_ + joins_within ? look_at_once : look_soon);
  if (failures_ > 0)
    pause = std::min(pause, look_again_first * (std::int64_t{1} << std::min<std::uint32_t>(failures_, 5)));
  timer_ = clock_.call_after(pause, guarded([this] {
                               timer_ = 0;
                               if (registered_)
                                 look();
                               else
                                 register_node();
                             }));
}

void Ownership::look() {
  renewal_sent_ = clock_.steady();
  ownerships_.clear();
  for (auto& loop : loops_) ownerships_.push_back(loop->ownership());
  control_.renew(info_.node, guarded([this](Result<ports::Renewal> renewed) { looked(std::move(renewed)); }));
}

// The lease is compared by others: whoever has not renewed it for two thirds of its time must not send any more. It
// counts from when the renewal left: its answer may have waited for a process that stood still. And it counts on the
// process's own time: the database's may be set back.
void Ownership::trust() {
  for (auto& loop : loops_) loop->trust_until(renewal_sent_ + info_.lease * 2 / 3);
}

void Ownership::looked(Result<ports::Renewal> renewed) {
  if (!renewed) {
    ++failures_;
    log_warning("the node's lease could not be renewed",
                {{"problem", renewed.error().title}, {"detail", renewed.error().detail}});
    return look_later(false);
  }
  failures_ = 0;
  clock_.observe(renewed->database_time);
  const bool same = compare(renewed->loops);
  trust();
  to_fence_.clear();
  to_take_.clear();
  if (same) plan(renewed->loops);
  fence_next();
}

// Lost lanes, or a fence, that a loop does not know of: it begins anew. Lanes that it has by the store but not in
// memory (an answer to a take was lost) are loaded. What has changed since the renewal was sent is compared the next
// time.
bool Ownership::compare(const std::vector<ports::LoopView>& views) {
  bool all_joined = true;
  for (std::size_t i = 0; i < loops_.size(); ++i) {
    Loop& loop = *loops_[i];
    if (!loop.joined_store() || loop.ownership() != ownerships_[i]) {
      all_joined = all_joined && loop.joined_store();
      continue;
    }
    const auto view = std::find_if(views.begin(), views.end(), [&](const auto& v) { return v.loop == loop.id(); });
    std::vector<ports::OwnedLane> gained;
    std::size_t kept = 0;
    if (view != views.end()) {
      for (const ports::OwnedLane& lane : view->lanes) {
        if (loop.owns(lane.lane) && loop.lanes().epoch(lane.lane) == lane.epoch)
          ++kept;
        else
          gained.push_back(lane);
      }
    }
    if (kept < loop.lanes().size() || (view != views.end() && !view->live)) {
      log_warning("a loop has lost lanes that it believed in", {{"loop", loop.id().text()}});
      loop.lost();
      all_joined = false;
    } else {
      loop.own(gained);
    }
  }
  return all_joined;
}

// Ownerless lanes and those of dead loops go to our loops in equal shares.
void Ownership::plan(const std::vector<ports::LoopView>& views) {
  std::array<bool, pawl::limits::lanes> owned{};
  std::vector<std::size_t> shares;
  for (auto& loop : loops_) shares.push_back(loop->lanes().size());
  auto ours = [this](const Uuid& id) {
    return std::any_of(loops_.begin(), loops_.end(), [&](const auto& loop) { return loop->id() == id; });
  };
  unowned_ = 0;
  waiting_for_others_ = false;
  for (const ports::LoopView& view : views) {
    std::vector<ports::Lane> lanes;
    for (const ports::OwnedLane& lane : view.lanes) {
      owned[lane.lane] = true;
      lanes.push_back(lane.lane);
    }
    if (ours(view.loop)) continue;
    if (view.live && !view.owner_gone) {
      waiting_for_others_ = true;
      continue;
    }
    to_fence_.push_back(view.loop);
    plan_lanes(view.loop, lanes, shares);
  }
  std::vector<ports::Lane> ownerless;
  for (std::size_t lane = 0; lane < owned.size(); ++lane) {
    if (!owned[lane]) ownerless.push_back(static_cast<ports::Lane>(lane));
  }
  plan_lanes(std::nullopt, ownerless, shares);
  for (const Taking& taking : to_take_) unowned_ += taking.lanes.size();
}

void Ownership::plan_lanes(std::optional<Uuid> from, const std::vector<ports::Lane>& lanes,
                           std::vector<std::size_t>& shares) {
  std::map<std::size_t, std::vector<ports::Lane>> of_loop;
  for (ports::Lane lane : lanes) {
    const auto least = static_cast<std::size_t>(std::min_element(shares.begin(), shares.end()) - shares.begin());
    of_loop[least].push_back(lane);
    ++shares[least];
  }
  for (auto& [loop, share] : of_loop) to_take_.push_back({loop, from, std::move(share), loops_[loop]->ownership()});
}

void Ownership::fence_next() {
  if (to_fence_.empty()) return take_next();
  const Uuid loop = to_fence_.front();
  to_fence_.pop_front();
  control_.fence_loop(loop, guarded([this, loop](Result<void> fenced) {
                        if (!fenced) {  // it holds its lock; the next look tries again
                          log_warning("a dead loop could not be fenced yet",
                                      {{"loop", loop.text()}, {"problem", fenced.error().title}});
                          std::erase_if(to_take_, [&](const Taking& taking) { return taking.from == loop; });
                        }
                        fence_next();
                      }));
}

void Ownership::take_next() {
  if (to_take_.empty()) {
    const bool joining =
        std::any_of(loops_.begin(), loops_.end(), [](const auto& loop) { return !loop->joined_store(); });
    const bool starting = waiting_for_others_ && clock_.steady() < began_ + info_.lease + info_.lease;
    return look_later(joining || unowned_ > 0 || starting);
  }
  Taking taking = std::move(to_take_.front());
  to_take_.pop_front();
  Loop& loop = *loops_[taking.loop];
  if (!loop.joined_store()) return take_next();
  const Uuid id = loop.id();
  control_.take_lanes(id, taking.from, taking.lanes,
                      guarded([this, id, index = taking.loop](Result<std::vector<ports::OwnedLane>> taken) {
                        Loop& owner = *loops_[index];
                        if (taken && owner.id() == id) {  // else the next look finds out whose they are
                          unowned_ -= std::min(unowned_, taken->size());
                          owner.own(*taken);
                        }
                        // A loop without lanes is in nobody's view: that it was fenced shows here alone.
                        if (!taken && owner.id() == id && owner.lanes().empty()) owner.lost();
                        take_next();
                      }));
}

void Ownership::stop() {
  stopped_ = true;
  if (timer_ != 0) clock_.cancel(timer_);
  timer_ = 0;
}

void Ownership::leave(Done<void> then) { control_.forget_node(info_.node, std::move(then)); }

std::string Ownership::why_not() const {
  if (!registered_) return "The database cannot be reached.";
  if (failures_ > failures_forgiven) return "The database refuses to renew the node's lease.";
  for (const auto& loop : loops_) {
    if (!loop->joined_store()) return "A commit connection is being made.";
    if (!loop->healthy()) return "The database refuses to commit.";
    if (loop->paused()) return "The node's lease cannot be renewed.";
  }
  if (unowned_ > 0) return "Lanes are being taken over.";
  return "";
}

}  // namespace pawl::engine
