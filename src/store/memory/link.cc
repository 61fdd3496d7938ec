#include "store/memory/link.h"

#include <algorithm>

namespace pawl::store::memory {

void Link::close() {
  closed_ = true;
  expected_.clear();
}

Time Link::arrival() {
  last_arrival_ = std::max(last_arrival_, scheduler_.now() + scheduler_.between(network_least, network_most));
  return last_arrival_;
}

void Link::answer(Outcome outcome) {
  if (!client_there()) return;
  last_answer_ = std::max(last_answer_, scheduler_.now() + scheduler_.between(network_least, network_most));
  scheduler_.at(last_answer_, [self = shared_from_this(), outcome = std::move(outcome)]() mutable {
    self->deliver(std::move(outcome));
  });
}

void Link::deliver(Outcome outcome) {
  if (closed_ || lost_ || expected_.empty()) return;
  Answer next = std::move(expected_.front());
  expected_.pop_front();
  next(std::move(outcome));
}

void Link::cut() {
  if (cut_ || closed_) return;
  cut_ = true;
  const Time seen = std::max(last_answer_, scheduler_.now() + scheduler_.between(loss_seen_least, loss_seen_most));
  scheduler_.at(seen, [self = shared_from_this()] { self->lose(); });
}

void Link::lose() {
  if (closed_) return;
  lost_ = true;
  // A callback may close the link, or send on it: what it sends is answered by the sender, who sees usable() false.
  std::deque<Answer> unanswered = std::move(expected_);
  expected_.clear();
  for (Answer& next : unanswered) {
    if (closed_) return;
    next(raise("", "connection lost"));
  }
}

}  // namespace pawl::store::memory
