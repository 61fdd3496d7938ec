#include "engine/node.h"

#include "base/hash.h"
#include "base/random.h"
#include "engine/dispatch.h"
#include "engine/loop.h"
#include "engine/metrics.h"
#include "engine/ownership.h"
#include "engine/problems.h"

namespace pawl::engine {

namespace {

bool is_storable(std::string_view text) { return text.find('\0') == std::string_view::npos; }

// The key is the identity (protocol section 8): each part is length-prefixed.
Uuid keyed_run(const StartRun& start) {
  const std::string_view tenant(reinterpret_cast<const char*>(start.tenant.bytes.data()), start.tenant.bytes.size());
  const std::string definition = start.namespace_ + "/" + start.name;
  return Uuid::version8(sha256_parts({tenant, "start", definition, start.idempotency_key}));
}

}  // namespace

class Node::Impl {
 public:
  Impl(NodeConfig config, ports::Clock& clock, ports::Storage& control, std::vector<ports::Storage*> storages,
       ports::Transport& transport, ProgramCache& programs, Metrics& metrics)
      : clock_(clock),
        metrics_(metrics),
        random_(config.seed),
        dispatch_(clock, storages.size(), [this](std::size_t loop) { loops_[loop]->wake(); }),
        call_places_(config.loop.calls_at_once, limits::calls_of_tenant_at_once,
                     [this](std::size_t loop) {
                       clock_.call_after(Microseconds{0}, [this, loop, alive = std::weak_ptr(alive_)] {
                         if (!alive.expired()) loops_[loop]->wake();
                       });
                     }),
        followers_(clock) {
    for (std::size_t i = 0; i < storages.size(); ++i) {
      LoopConfig of_loop = config.loop;
      of_loop.seed = random_.next();
      loops_.push_back(std::make_unique<Loop>(
          of_loop, config.info.node, i,
          Loop::World{clock, *storages[i], transport, programs, dispatch_, call_places_, followers_, metrics_}));
    }
    ownership_ = std::make_unique<Ownership>(config.info, clock, control, loops_);
  }

  Loop* owner(const Uuid& id) {
    for (auto& loop : loops_) {
      if (loop->owns(id.lane())) return loop.get();
    }
    return nullptr;
  }

  // For a start without a key: each loop that has lanes in turn.
  Loop* any_owner() {
    for (std::size_t i = 0; i < loops_.size(); ++i) {
      Loop& loop = *loops_[next_loop_++ % loops_.size()];
      if (loop.joined_store() && !loop.lanes().empty()) return &loop;
    }
    return nullptr;
  }

  template <class T>
  void refuse(Done<T> then, Problem problem) {
    clock_.call_after(Microseconds{0},
                      [alive = std::weak_ptr(alive_), then = std::move(then), problem = std::move(problem)]() mutable {
                        if (!alive.expired()) then(fail(std::move(problem)));
                      });
  }

  ports::Clock& clock_;
  LoopMetrics metrics_;
  Random random_;
  Dispatch dispatch_;
  CallPlaces call_places_;
  Followers followers_;
  std::vector<std::unique_ptr<Loop>> loops_;
  std::unique_ptr<Ownership> ownership_;
  std::size_t next_loop_ = 0;
  WatchId last_watch_ = 0;
  std::unordered_map<WatchId, Loop*> watches_;
  std::size_t to_drain_ = 0;
  bool draining_ = false;
  std::shared_ptr<char> alive_ = std::make_shared<char>();
};

Node::Node(NodeConfig config, ports::Clock& clock, ports::Storage& control, std::vector<ports::Storage*> loops,
           ports::Transport& transport, ProgramCache& programs, Metrics& metrics)
    : impl_(std::make_unique<Impl>(std::move(config), clock, control, std::move(loops), transport, programs, metrics)) {
}

Node::~Node() = default;

void Node::begin() { impl_->ownership_->begin(); }

bool Node::ready() const { return why_not().empty(); }

std::string Node::why_not() const {
  if (impl_->draining_) return "The server is stopping.";
  return impl_->ownership_->why_not();
}

void Node::start(StartRun request, Done<RunView> then) {
  if (impl_->draining_) return impl_->refuse(std::move(then), shutting_down());
  Loop* loop = nullptr;
  ports::RunKey key{request.tenant, Uuid{}};
  if (request.idempotency_key.empty()) {
    loop = impl_->any_owner();
    if (loop != nullptr) {
      key.run = Uuid::version7(impl_->clock_.now(), impl_->random_.next(), impl_->random_.next())
                    .with_lane(loop->next_lane());
    }
  } else {
    key.run = keyed_run(request);
    loop = impl_->owner(key.run);
  }
  if (loop == nullptr) return impl_->refuse(std::move(then), lane_unowned());
  loop->start(key, std::move(request), std::move(then));
}

void Node::cancel(Uuid tenant, Uuid run, std::string reason, Done<RunView> then) {
  if (impl_->draining_) return impl_->refuse(std::move(then), shutting_down());
  Loop* loop = impl_->owner(run);
  if (loop == nullptr) return impl_->refuse(std::move(then), lane_unowned());
  loop->cancel({tenant, run}, std::move(reason), std::move(then));
}

void Node::complete(TaskResult result, Done<Accepted> then) {
  Loop* loop = impl_->owner(result.token.invocation);
  if (loop == nullptr) return impl_->refuse(std::move(then), lane_unowned());
  loop->complete(std::move(result), std::move(then));
}

void Node::heartbeat(Heartbeat heartbeat, Done<HeartbeatAnswer> then) {
  Loop* loop = impl_->owner(heartbeat.token.invocation);
  if (loop == nullptr) return impl_->refuse(std::move(then), lane_unowned());
  loop->heartbeat(heartbeat, std::move(then));
}

PollId Node::poll(PollTasks request, Done<std::vector<Assignment>> then) {
  // The worker's name is stored with each claim: one that cannot be stored would fail the batch of others.
  if (!is_storable(request.worker)) request.actions.clear();
  if (request.holding) {
    for (const auto& loop : impl_->loops_) loop->take_back(request);
  }
  return impl_->dispatch_.poll(std::move(request), std::move(then));
}

void Node::cancel_poll(PollId poll) { impl_->dispatch_.cancel(poll); }

WatchId Node::when_ended(ports::RunKey run, Done<RunView> then) {
  const WatchId watch = ++impl_->last_watch_;
  Loop* loop = impl_->owner(run.run);
  if (loop == nullptr) {
    impl_->refuse(std::move(then), lane_unowned());
    return watch;
  }
  impl_->watches_[watch] = loop;
  loop->when_ended(watch, run, [impl = impl_.get(), watch, then = std::move(then)](Result<RunView> ended) mutable {
    impl->watches_.erase(watch);
    then(std::move(ended));
  });
  return watch;
}

void Node::cancel_watch(WatchId watch) {
  auto found = impl_->watches_.find(watch);
  if (found == impl_->watches_.end()) return;
  found->second->cancel_watch(watch);
  impl_->watches_.erase(watch);
}

FollowId Node::follow(ports::RunKey run, std::function<void()> changed) {
  return impl_->followers_.add(run, std::move(changed));
}

void Node::unfollow(FollowId follow) { impl_->followers_.remove(follow); }

bool Node::owns(const Uuid& run) const { return impl_->owner(run) != nullptr; }

WorkView Node::explain(const ports::InvocationKey& invocation) {
  Loop* loop = impl_->owner(invocation.invocation);
  const auto view = loop == nullptr ? std::nullopt : loop->explain(invocation);
  return view.value_or(WorkView{});
}

void Node::drain(Done<void> then) {
  Impl& impl = *impl_;
  impl.draining_ = true;
  impl.dispatch_.close();
  impl.ownership_->stop();
  impl.to_drain_ = impl.loops_.size();
  auto all = std::make_shared<Done<void>>(std::move(then));
  for (auto& loop : impl.loops_) {
    loop->drain([&impl, all](Result<void>) {  // a loop that cannot fence itself is fenced by whoever comes next
      if (--impl.to_drain_ == 0) impl.ownership_->leave(std::move(*all));
    });
  }
}

bool Node::idle() const {
  for (const auto& loop : impl_->loops_) {
    if (!loop->idle()) return false;
  }
  return true;
}

}  // namespace pawl::engine
