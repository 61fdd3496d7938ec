#include "engine/inbox.h"

#include <algorithm>

namespace pawl::engine {

void Inbox::begin(ports::Steady now) {
  looking_ = again_ = asleep_ = arming_ = false;
  rings_ = 0;
  known_.clear();
  gone_.clear();
  due_ = last_row_ = now;
}

bool Inbox::takes(const ports::InboxKey& row, ports::Steady now) {
  if (std::ranges::find(gone_, row) != gone_.end() || !known_.insert(row).second) return false;
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
  if (asleep_) {
    due_ = now + pace_.asleep;
    return Next::nothing;
  }
  due_ = now + pace_.awake;
  if (arming_ || now - last_row_ < pace_.quiet) return Next::nothing;
  arming_ = true;
  return Next::arm;
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

void Inbox::arm_failed(ports::Steady again) {
  arming_ = false;
  due_ = again;
}

void Inbox::forget(const ports::InboxKey& row) {
  if (known_.erase(row) > 0 && looking_) gone_.push_back(row);
}

}  // namespace pawl::engine
