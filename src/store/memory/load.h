// What the reads of ports::Storage return, from one snapshot of the committed tables.
#pragma once

#include <bitset>
#include <optional>
#include <string_view>
#include <vector>

#include "base/limits.h"
#include "ports/storage.h"
#include "store/memory/rows.h"

namespace pawl::store::memory {

std::optional<ports::StoredRun> stored_run(const Tables& tables, const ports::RunKey& key);
std::optional<ports::StoredInvocation> stored_invocation(const Tables& tables, const ports::InvocationKey& key);
std::optional<ports::StoredVersion> stored_version(const Tables& tables, Uuid tenant, std::string_view namespace_,
                                                   std::string_view name, std::string_view version);
std::optional<ports::StoredVersion> stored_version(const Tables& tables, Uuid tenant, Uuid version);

ports::InboxPage stored_inbox(const Tables& tables, const std::vector<ports::Lane>& lanes, std::optional<Uuid> after,
                              std::uint32_t limit);

// At most `limit` open invocations, by (lane, tenant, invocation), and at most `limit` waits due before a time, by
// (due time, tenant, run, number). A cursor is the last row's key; one member empty beside a full one: no more of
// these.
class PendingWindow {
 public:
  PendingWindow(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from, std::uint32_t limit);
  ports::PendingPage read(const Tables& tables) const;

 private:
  void read_invocations(const Tables& tables, ports::PendingPage& page) const;
  void read_waits(const Tables& tables, ports::PendingPage& page) const;

  std::bitset<limits::lanes> lanes_;
  Time due_before_;
  ports::PendingCursor from_;
  std::uint32_t limit_;
};

}  // namespace pawl::store::memory
