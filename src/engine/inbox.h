// What a loop knows of the inbox of its lanes (protocol section 9): which rows are being done, when it looks again, and
// whether it sleeps, so that who writes must ring.
//
// While rows come it looks often, and nobody rings, because a NOTIFY takes a lock on the whole database. When none has
// come for a while it arms its doorbell and looks once more: what was committed before the bell was armed is seen by
// that look, what is committed later rings. It looks slowly for ever, which heals a lost ring. There is no cursor
// between looks: a row that commits late may lie anywhere.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "base/time.h"
#include "ports/batch.h"
#include "ports/clock.h"

namespace pawl::engine {

struct InboxPace {
  Microseconds awake = std::chrono::milliseconds(5);    // between looks while rows come
  Microseconds quiet = std::chrono::milliseconds(200);  // without a row: it goes to sleep
  Microseconds asleep = std::chrono::seconds(2);        // between looks while nobody rings
  std::uint32_t rings = 20;                             // within `quiet`: ringing is no longer worth it
};

class Inbox {
 public:
  explicit Inbox(InboxPace pace) : pace_(pace) {}

  enum class Next : std::uint8_t { look, arm, disarm, nothing };

  void begin(
      ports::Steady now);  // memory was dropped, or lanes were gained: asleep nobody rings yet, so it looks at once
  ports::Steady due() const { return due_; }
  bool looking() const { return looking_; }

  void began_to_look() { looking_ = true; }
  // Of one window; true: a row that nobody is doing yet, which the caller does from now on.
  bool takes(const ports::InboxKey& row, ports::Steady now);
  // A look has ended, all its windows. What to do next; `look` also when it is to look again at once.
  Next looked(ports::Steady now);
  void look_failed(ports::Steady again);
  // Somebody has rung, or a conflict says that there is something. What to do now.
  Next rung(ports::Steady now);
  void soon(ports::Steady at) { soon_ = std::min(soon_.value_or(at), at); }  // there is more than is taken
  // The row cannot be done now: it is passed over until then. Returns how long it has waited since the first time.
  Microseconds put_off(const ports::InboxKey& row, ports::Steady now, Microseconds pause);
  // The doorbell is armed: looks again now.
  void armed(ports::Steady now);
  void arm_failed(ports::Steady again);

  // The row is gone, or is to be met again: its commit has been answered, or its batch has failed.
  void forget(const ports::InboxKey& row);
  std::size_t known() const { return known_.size(); }

 private:
  struct Hash {
    std::size_t operator()(const ports::InboxKey& key) const noexcept { return std::hash<Uuid>{}(key.id); }
  };

  const InboxPace pace_;
  bool looking_ = false, again_ = false, asleep_ = false, arming_ = false;
  ports::Steady due_{}, last_row_{}, rings_since_{};
  std::uint32_t rings_ = 0;
  struct PutOff {
    ports::Steady first{}, until{};
  };
  ports::Steady arm_after_{};
  std::optional<ports::Steady> soon_;
  std::unordered_set<ports::InboxKey, Hash> known_;
  std::unordered_map<ports::InboxKey, PutOff, Hash> put_off_;
  std::vector<ports::InboxKey> gone_;  // while a look is under way, which may still see them
};

}  // namespace pawl::engine
