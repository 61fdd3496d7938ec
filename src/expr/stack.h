// The operand stack of a machine that backtracks. What lay on it when a choice was made must be there again when the
// machine goes back to that choice, so entries below the youngest choice are protected: popping one leaves it where it
// is and moves only the top, and what is pushed afterwards lies above it and points to what is beneath it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "json/value.h"

namespace pawl::expr {

class OperandStack {
 public:
  static constexpr std::uint32_t empty = UINT32_MAX;

  OperandStack() { entries_.reserve(expected); }

  void push(json::Value value) {
    entries_.push_back({std::move(value), top_});
    top_ = static_cast<std::uint32_t>(entries_.size() - 1);
  }

  json::Value pop() {
    Entry& entry = entries_[top_];
    if (top_ < protected_) {
      json::Value copy = entry.value;
      top_ = entry.below;
      return copy;
    }
    json::Value taken = std::move(entry.value);
    top_ = entry.below;
    shrink();
    return taken;
  }

  void drop() {
    top_ = entries_[top_].below;
    shrink();
  }

  const json::Value& top() const { return entries_[top_].value; }

  const json::Value& below(std::size_t distance) const {
    std::uint32_t at = top_;
    for (; distance > 0; --distance) at = entries_[at].below;
    return entries_[at].value;
  }

  // Replaces the top.
  void replace(json::Value value) {
    if (top_ < protected_) {
      const std::uint32_t below = entries_[top_].below;
      entries_.push_back({std::move(value), below});
      top_ = static_cast<std::uint32_t>(entries_.size() - 1);
    } else {
      entries_[top_].value = std::move(value);
    }
  }

  // Where the stack is, and everything up to there kept from now on.
  std::uint32_t position() const { return top_; }
  std::uint32_t size() const { return static_cast<std::uint32_t>(entries_.size()); }
  void protect(std::uint32_t size) { protected_ = size; }
  void restore(std::uint32_t position, std::uint32_t size) {
    entries_.resize(size);
    top_ = position;
  }

 private:
  static constexpr std::size_t expected = 16;

  struct Entry {
    json::Value value;
    std::uint32_t below;
  };

  // Above the top and above what is protected nothing can be reached any more.
  void shrink() {
    const std::size_t needed = top_ + 1 > protected_ ? top_ + 1 : protected_;  // empty + 1 is 0
    while (entries_.size() > needed) entries_.pop_back();
  }

  std::vector<Entry> entries_;
  std::uint32_t top_ = empty;
  std::uint32_t protected_ = 0;
};

}  // namespace pawl::expr
