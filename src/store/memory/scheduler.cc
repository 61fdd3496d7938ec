#include "store/memory/scheduler.h"

#include <algorithm>
#include <limits>

namespace pawl::store::memory {

namespace {

// FNV-1a (Fowler, Noll, Vo): any change of order changes the trace's hash.
constexpr std::uint64_t hash_basis = 0xcbf29ce484222325, hash_prime = 0x100000001b3;

std::uint64_t mix(std::uint64_t hash, std::uint64_t value) {
  for (int byte = 0; byte < 8; ++byte) hash = (hash ^ ((value >> (8 * byte)) & 0xff)) * hash_prime;
  return hash;
}

constexpr Time beginning = Time{std::chrono::seconds{1'767'225'600}};  // 2026-01-01T00:00:00Z

}  // namespace

Scheduler::Scheduler(std::uint64_t seed) : random_(seed), now_(beginning), trace_hash_(hash_basis) {}

Microseconds Scheduler::between(Microseconds least, Microseconds most) {
  return least +
         Microseconds{static_cast<std::int64_t>(random_.below(static_cast<std::uint64_t>((most - least).count()) + 1))};
}

bool Scheduler::later(const Event& a, const Event& b) { return a.when != b.when ? a.when > b.when : a.id > b.id; }

Scheduler::EventId Scheduler::after(Microseconds delay, std::move_only_function<void()> then) {
  return at(now_ + delay, std::move(then));
}

Scheduler::EventId Scheduler::at(Time when, std::move_only_function<void()> then) {
  const EventId id = ++last_id_;
  queue_.push_back({std::max(when, now_), id, std::move(then)});
  std::push_heap(queue_.begin(), queue_.end(), later);
  pending_.insert(id);
  return id;
}

void Scheduler::cancel(EventId event) { pending_.erase(event); }

// Drops what was cancelled from the front, so that the front is an event that will run.
Time Scheduler::next_time() {
  while (!queue_.empty() && !pending_.contains(queue_.front().id)) {
    std::pop_heap(queue_.begin(), queue_.end(), later);
    queue_.pop_back();
  }
  return queue_.empty() ? Time::max() : queue_.front().when;
}

bool Scheduler::step() {
  if (next_time() == Time::max()) return false;
  std::pop_heap(queue_.begin(), queue_.end(), later);
  Event event = std::move(queue_.back());
  queue_.pop_back();
  pending_.erase(event.id);
  now_ = event.when;
  ++steps_;
  event.then();
  return true;
}

bool Scheduler::run_until(const std::function<bool()>& condition, Microseconds at_most) {
  const Time end = now_ + at_most;
  while (!condition()) {
    if (next_time() > end) {
      now_ = std::max(now_, end);
      return false;
    }
    step();
  }
  return true;
}

void Scheduler::run_for(Microseconds time) {
  run_until([] { return false; }, time);
}

void Scheduler::note(std::string_view what, std::uint64_t one, std::uint64_t two) {
  for (const char c : what) trace_hash_ = (trace_hash_ ^ static_cast<unsigned char>(c)) * hash_prime;
  trace_hash_ = mix(mix(mix(trace_hash_, static_cast<std::uint64_t>(now_.time_since_epoch().count())), one), two);
  notes_[noted_++ % notes_kept] = {now_, what, one, two};
}

std::string Scheduler::last_notes() const {
  std::string text;
  for (std::uint64_t i = noted_ > notes_kept ? noted_ - notes_kept : 0; i < noted_; ++i) {
    const Note& note = notes_[i % notes_kept];
    text += "  " + format_time(note.when) + " " + std::string(note.what) + " " + std::to_string(note.one) + " " +
            std::to_string(note.two) + "\n";
  }
  return text;
}

}  // namespace pawl::store::memory
