#include "engine/run_cache.h"

namespace pawl::engine {

namespace {
constexpr std::size_t run_overhead_bytes = 512;
}

const Run::OpenWait* Run::open_wait(std::uint32_t wait_no) const {
  for (const OpenWait& wait : waits) {
    if (wait.wait_no == wait_no) return &wait;
  }
  return nullptr;
}

Run* RunCache::find(const ports::RunKey& key) {
  auto found = runs_.find(key);
  return found == runs_.end() ? nullptr : found->second.get();
}

Run& RunCache::add(const ports::RunKey& key) {
  auto run = std::make_unique<Run>();
  run->key = key;
  Run& added = *run;
  runs_.emplace(key, std::move(run));
  return added;
}

void RunCache::use(Run& run) {
  if (!run.idle) return;
  idle_.erase(run.idle_at);
  run.idle = false;
}

void RunCache::remove(Run& run) {
  use(run);
  bytes_ -= run.bytes;
  runs_.erase(ports::RunKey(run.key));  // a copy: the argument lives in what is erased
}

void RunCache::settle(Run& run) {
  const std::size_t bytes = run_overhead_bytes + (run.state ? run.state->size_bytes() : 0);
  bytes_ += bytes - run.bytes;
  run.bytes = bytes;
  if (run.busy()) return use(run);
  use(run);
  run.idle_at = idle_.insert(idle_.end(), &run);
  run.idle = true;
}

void RunCache::evict() {
  while (bytes_ > bytes_bound_ && !idle_.empty()) remove(*idle_.front());
}

void RunCache::clear() {
  idle_.clear();
  runs_.clear();
  bytes_ = 0;
}

}  // namespace pawl::engine
