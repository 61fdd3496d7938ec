// What an authenticator remembers of tokens, for a bounded time and a bounded number of them.
#pragma once

#include <chrono>
#include <cstddef>
#include <deque>
#include <optional>
#include <unordered_map>

#include "access/caller.h"
#include "base/hash.h"

namespace pawl::access {

class TokenMemory {
 public:
  using Clock = std::chrono::steady_clock;

  TokenMemory(std::size_t good, std::size_t refused) : good_(good), refused_(refused) {}

  // True: good. False: not good, also when the secret differs from that of the good token with this id: a secret never
  // changes. None: not known.
  std::optional<bool> look_up(const Caller& caller, const Sha256& secret, Clock::time_point now) const;
  // Whether this token was good once, as far as it is remembered: its time may be over.
  bool was_good(const Caller& caller, const Sha256& secret) const;
  void accept(const Caller& caller, const Sha256& secret, Clock::time_point until);
  void refuse(const Caller& caller, Clock::time_point until);

  std::size_t size() const { return good_.entries.size() + refused_.entries.size(); }

 private:
  struct Hash {
    std::size_t operator()(const Caller& caller) const noexcept {
      return std::hash<Uuid>()(caller.tenant) ^ std::hash<Uuid>()(caller.token_id);
    }
  };
  struct Entry {
    Sha256 secret{};
    Clock::time_point until;
  };
  // The oldest gives way when it is full.
  struct Table {
    explicit Table(std::size_t most_entries) : most(most_entries) {}
    void put(const Caller& caller, Entry entry);
    const Entry* find(const Caller& caller, Clock::time_point now) const;

    std::size_t most;
    std::unordered_map<Caller, Entry, Hash> entries;
    std::deque<Caller> order;  // of their coming; each once
  };

  Table good_, refused_;
};

}  // namespace pawl::access
