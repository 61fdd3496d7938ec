// Calls that wait for a run's end. They are answered from committed state only: when the batch that ends the run is
// committed, or when the run is read from the store and has ended.
#include "engine/limits.h"
#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

void Loop::when_ended(WatchId watch, const ports::RunKey& key, Done<RunView> then) {
  Calling calling(*this);
  if (draining_ || watched_.size() >= limits::watches) {
    Problem problem = draining_ ? shutting_down() : engine::overloaded("watches");
    return post([then = std::move(then), problem = std::move(problem)]() mutable { then(fail(std::move(problem))); });
  }
  watches_[key].push_back({watch, std::move(then)});
  watched_[watch] = key;
  look_at(key);
  pump();
}

void Loop::cancel_watch(WatchId watch) {
  auto found = watched_.find(watch);
  if (found == watched_.end()) return;
  auto watches = watches_.find(found->second);
  std::erase_if(watches->second, [&](const Watch& w) { return w.id == watch; });
  if (watches->second.empty()) watches_.erase(watches);
  watched_.erase(found);
}

void Loop::look_at(const ports::RunKey& key) {
  if (!joined_store()) return;  // once it has joined, all watched runs are looked at
  if (quarantined_.contains(key)) return refuse_watches(key, run_quarantined(""));
  Run* run = runs_.find(key);
  if (run == nullptr) {
    run = &runs_.add(key);
    return load(*run);
  }
  if (!run->loading && run->in_flight == 0) check_watches(*run);
}

void Loop::check_watches(const Run& run) {
  if (watches_.empty() || !run.state || !core::has_ended(run.state->status())) return;
  auto found = watches_.find(run.key);
  if (found == watches_.end()) return;
  const RunView ended = view(run);
  std::vector<Watch> watches = std::move(found->second);
  watches_.erase(found);
  for (Watch& watch : watches) watched_.erase(watch.id);
  for (Watch& watch : watches) {
    if (calling_ == 0)
      watch.then(ended);
    else
      post([then = std::move(watch.then), ended = ended]() mutable { then(std::move(ended)); });
  }
}

void Loop::refuse_watches(const ports::RunKey& key, const Problem& problem) {
  auto found = watches_.find(key);
  if (found == watches_.end()) return;
  std::vector<Watch> watches = std::move(found->second);
  watches_.erase(found);
  for (Watch& watch : watches) watched_.erase(watch.id);
  for (Watch& watch : watches) {
    post([then = std::move(watch.then), problem = problem]() mutable { then(fail(std::move(problem))); });
  }
}

}  // namespace pawl::engine
