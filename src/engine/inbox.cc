#include "engine/inbox.h"

#include <algorithm>
#include <utility>

#include "engine/limits.h"

namespace pawl::engine {

void Inbox::begin(ports::Steady now) {
  looking_ = again_ = asleep_ = arming_ = false;
  rings_ = 0;
  known_.clear();
  put_off_.clear();
  soon_.reset();
  arm_after_ = now;
  gone_.clear();
  due_ = last_row_ = now;
}

bool Inbox::takes(const ports::InboxKey& row, ports::Steady now) {
  const auto later = put_off_.find(row);
  if (later != put_off_.end() && later->second.until > now) {
    soon(later->second.until);
    return false;
  }
  if (std::ranges::find(gone_, row) != gone_.end() || !known_.insert(row).second) return false;
  if (later != put_off_.end()) return true;  // it comes again and again: no reason to stay awake
  last_row_ = now;
  return true;
}

Inbox::Next Inbox::looked(ports::Steady now) {
  looking_ = false;
  gone_.clear();
  if (std::exchange(again_, false)) {
    due_ = now;
    return Next::look;
  }
  due_ = now + (asleep_ ? pace_.asleep : pace_.awake);
  if (const auto at = std::exchange(soon_, std::nullopt)) due_ = std::min(due_, std::max(*at, now + pace_.awake));
  if (asleep_ || arming_ || now - last_row_ < pace_.quiet || now < arm_after_) return Next::nothing;
  arming_ = true;
  return Next::arm;
}

Microseconds Inbox::put_off(const ports::InboxKey& row, ports::Steady now, Microseconds pause) {
  if (put_off_.size() >= limits::inbox_rows) put_off_.clear();  // their waiting begins anew
  PutOff& later = put_off_.try_emplace(row, PutOff{now, now}).first->second;
  later.until = now + pause;
  soon(later.until);
  return now - later.first;
}

void Inbox::look_failed(ports::Steady again) {
  looking_ = again_ = false;
  gone_.clear();
  due_ = again;
}

Inbox::Next Inbox::rung(ports::Steady now) {
  if (now - rings_since_ > pace_.quiet) {
    rings_since_ = now;
    rings_ = 0;
  }
  due_ = now;
  again_ = looking_;
  if (asleep_ && ++rings_ >= pace_.rings) {
    asleep_ = false;
    last_row_ = now;
    return Next::disarm;
  }
  return Next::look;
}

void Inbox::armed(ports::Steady now) {
  arming_ = false;
  asleep_ = true;
  due_ = now;
  again_ = looking_;
}

// It stays awake, since nobody would ring.
void Inbox::arm_failed(ports::Steady again) {
  arming_ = false;
  arm_after_ = again;
}

void Inbox::forget(const ports::InboxKey& row) {
  if (known_.erase(row) > 0 && looking_) gone_.push_back(row);
}

}  // namespace pawl::engine
