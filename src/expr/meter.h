// Charges an evaluation's work against its budget (rule J2).
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "expr/budget.h"
#include "json/value.h"

namespace pawl::expr {

// Thrown when a limit is reached: ends the evaluation, no `try` catches it.
struct Exhausted {
  std::string_view limit;  // the name, or empty when the stop flag was set
};

class Meter {
 public:
  explicit Meter(Budget& budget) : budget_(budget) {}

  // Before the work is done.
  void steps(std::uint64_t count) {
    if (count > budget_.steps) refuse_steps();
    budget_.steps -= count;
    since_look_ += count;
    if (since_look_ >= steps_a_look) look_at_stop_flag();
  }
  void bytes(std::size_t count) {
    if (count > budget_.bytes) refuse("bytes");
    budget_.bytes -= count;
  }
  // A step per 16 bytes.
  void text_steps(std::size_t size) { steps(1 + size / bytes_a_step); }

  // A text or an array of this size is about to be made.
  void text(std::size_t size) {
    if (size > budget_.string_bytes) refuse("string-bytes");
    text_steps(size);
    bytes(size + sizeof_node);
  }
  void array(std::size_t items) {
    if (items > budget_.array_items) refuse("array-items");
    bytes(items * sizeof(json::Value) + sizeof_node);
  }
  // An object of this many members.
  void object(std::size_t members) { bytes(members * sizeof(json::Member) + sizeof_node); }
  // A value that may be deeper than its parts.
  void depth(const json::Value& value) {
    if (value.depth() > budget_.depth) refuse("depth");
  }
  void path(std::size_t length) {
    if (length > budget_.depth) refuse("depth");
  }
  void frames(std::size_t count) {
    if (count > budget_.frames) refuse("frames");
  }
  void result(const json::Value& value) {
    if (value.size_bytes() > budget_.result_bytes) refuse("result-bytes");
  }
  // Comparing two values looks at no more than the smaller one holds.
  void compare(const json::Value& a, const json::Value& b) {
    steps(1 + (a.size_bytes() < b.size_bytes() ? a.size_bytes() : b.size_bytes()) / bytes_a_step);
  }

  const Budget& budget() const { return budget_; }

 private:
  static constexpr std::size_t bytes_a_step = 16;
  static constexpr std::size_t sizeof_node = 64;        // a heap node with its header, roughly
  static constexpr std::uint64_t steps_a_look = 4'096;  // some ten microseconds

  [[noreturn]] static void refuse(std::string_view limit) { throw Exhausted{limit}; }
  [[noreturn]] void refuse_steps() {
    budget_.steps = 0;
    refuse("steps");
  }
  void look_at_stop_flag() {
    since_look_ = 0;
    if (budget_.stop != nullptr && budget_.stop->load(std::memory_order_relaxed)) refuse({});
  }

  Budget& budget_;
  std::uint64_t since_look_ = 0;
};

}  // namespace pawl::expr
