#include "core/laws.h"

#include <algorithm>
#include <utility>

namespace pawl::core {
namespace {

std::string number(std::uint32_t n) { return std::to_string(n); }

class Check {
 public:
  Check(const dsl::Program& program, const RunRows& rows)
      : program_(program), rows_(rows), state_(rows.tenant, rows.run) {}

  std::vector<Violation> run() {
    if (sequence() && epochs() && fold()) {
      compare_projections();
      wakes();
    }
    return std::move(found_);
  }

 private:
  bool violated(int law, std::string what) {
    found_.push_back({law, std::move(what)});
    return false;
  }

  bool sequence() {
    for (std::size_t i = 0; i < rows_.events.size(); ++i) {
      const Event& event = rows_.events[i];
      if (event.seq != i + 1) {
        return violated(2, "seq " + number(event.seq) + " where " + std::to_string(i + 1) + " is due");
      }
      if (i > 0 && event.ts < rows_.events[i - 1].ts) return violated(2, "ts falls at seq " + number(event.seq));
    }
    if (rows_.revision != rows_.events.size()) {
      return violated(
          2, "revision " + number(rows_.revision) + ", but " + std::to_string(rows_.events.size()) + " events");
    }
    return true;
  }

  // Along seq the epoch never falls, and never exceeds the lane's.
  bool epochs() {
    for (std::size_t i = 0; i < rows_.epochs.size(); ++i) {
      if (i > 0 && rows_.epochs[i] < rows_.epochs[i - 1]) {
        return violated(3, "the epoch falls from " + number(rows_.epochs[i - 1]) + " to " + number(rows_.epochs[i]) +
                               " at seq " + std::to_string(i + 1));
      }
      if (rows_.epochs[i] > rows_.lane_epoch) {
        return violated(3, "epoch " + number(rows_.epochs[i]) + " at seq " + std::to_string(i + 1) +
                               " is above the lane's " + number(rows_.lane_epoch));
      }
    }
    return true;
  }

  bool fold() {
    for (const Event& event : rows_.events) {
      const auto applied = apply(program_, state_, event);
      if (!applied) return violated(2, applied.error().detail);
    }
    if (!rows_.quarantined && state_.status() != rows_.status) {
      return violated(2, "status " + std::string(name(rows_.status)) + ", but the events say " +
                             std::string(name(state_.status())));
    }
    return true;
  }

  void compare_projections() {
    const Pending expected = pending(state_);
    for (const Wait& wait : expected.waits) {
      const auto same = [&](const Wait& row) {
        return row.wait_no == wait.wait_no && row.kind == wait.kind && row.due_at == wait.due_at &&
               row.path == wait.path;
      };
      if (std::ranges::none_of(rows_.waits, same))
        violated(2, "wait " + number(wait.wait_no) + " has no row, or another one");
    }
    for (const Wait& row : rows_.waits) {
      const auto same = [&](const Wait& wait) { return row.wait_no == wait.wait_no; };
      if (std::ranges::none_of(expected.waits, same))
        violated(2, "the row of wait " + number(row.wait_no) + " waits for nothing");
    }
    for (const Invocation& invocation : expected.invocations) {
      const auto same = [&](const RunRows::OpenInvocation& row) {
        return row.id == invocation.id && row.attempt == invocation.attempt;
      };
      if (std::ranges::none_of(rows_.invocations, same)) {
        violated(2, "invocation " + invocation.id.text() + ", attempt " + number(invocation.attempt) + ", is not open");
      }
    }
    for (const RunRows::OpenInvocation& row : rows_.invocations) {
      const auto same = [&](const Invocation& invocation) { return row.id == invocation.id; };
      if (std::ranges::none_of(expected.invocations, same)) {
        violated(2, "invocation " + row.id.text() + " is open, but no task waits for it");
      }
    }
  }

  void wakes() {
    if (has_ended(state_.status()) || state_.status() == RunStatus::suspended) return;
    if (rows_.waits.empty() && rows_.invocations.empty()) violated(5, "nothing will wake this run");
  }

  const dsl::Program& program_;
  const RunRows& rows_;
  RunState state_;
  std::vector<Violation> found_;
};

}  // namespace

std::vector<Violation> check(const dsl::Program& program, const RunRows& rows) { return Check(program, rows).run(); }

}  // namespace pawl::core
