#include "simulation/ledger.h"

#include <algorithm>

namespace pawl::simulation {

namespace {

using store::memory::EventRow;
using store::memory::InvocationRow;

bool holds_text(const json::Value& value, std::string_view text) {
  if (value.is_string()) return value.text() == text;
  if (std::ranges::any_of(value.items(), [&](const json::Value& item) { return holds_text(item, text); })) return true;
  return std::ranges::any_of(value.members(),
                             [&](const json::Member& member) { return holds_text(member.value, text); });
}

// The event that asked for this attempt of this key is committed.
bool requested(const std::vector<EventRow>& log, std::string_view key, std::uint32_t attempt) {
  return std::ranges::any_of(log, [&](const EventRow& row) {
    if (row.event.type != core::EventType::invocation_requested) return false;
    const json::Value* its_key = row.event.payload.find("key");
    const json::Value* its_attempt = row.event.payload.find("attempt");
    return its_key && its_key->text() == key && its_attempt && its_attempt->integer() == attempt;
  });
}

}  // namespace

Ledger::Ledger(store::memory::MemoryDatabase& database) : database_(database) {
  database.set_on_commit([this](const store::memory::Transaction& transaction) { committed(transaction); });
}

// Law 3: no commit of a former owner after its lanes were taken. The fence makes it certain; nothing else does.
void Ledger::committed(const store::memory::Transaction& transaction) {
  for (const auto& [run, row] : transaction.events) {
    const auto lane = database_.tables().lanes.find(run.run.lane());
    const std::uint32_t epoch = lane == database_.tables().lanes.end() ? 0 : lane->second.epoch;
    if (row.epoch != epoch) {
      violated("law 3: a former owner commits to run " + run.run.text() + ": epoch " + std::to_string(row.epoch) +
               ", the lane's is " + std::to_string(epoch));
    }
  }
}

const store::memory::RunRow* Ledger::row(const Uuid& tenant, const Uuid& run) const {
  const auto found = database_.tables().runs.find({tenant, run});
  return found == database_.tables().runs.end() ? nullptr : &found->second;
}

void Ledger::count(const Uuid& tenant, const std::string& key, const Uuid& run, const std::string& path) {
  Effect& effect = effects_.try_emplace(key, Effect{tenant, run, path, 0}).first->second;
  ++effect.requests;
  if (effect.run != run || effect.tenant != tenant || effect.path != path) {
    violated("law 4: one idempotency key, " + key + ", for " + effect.path + " of " + effect.run.text() + " and " +
             path + " of " + run.text());
  }
}

void Ledger::task_left(const engine::Assignment& assignment) {
  const engine::TaskToken& token = assignment.token;
  if (!tokens_.insert({token.invocation, token.attempt, token.lease}).second) {
    violated("law 4: one token given out twice: invocation " + token.invocation.text() + ", attempt " +
             std::to_string(token.attempt) + ", lease " + std::to_string(token.lease));
  }
  const auto& tables = database_.tables();
  const auto found = tables.invocations.find({token.tenant, token.invocation});
  const auto log = tables.events.find({token.tenant, assignment.run});
  if (found == tables.invocations.end() || log == tables.events.end() ||
      !requested(log->second, assignment.idempotency_key, token.attempt)) {
    return violated("law 4: task " + assignment.path + " of run " + assignment.run.text() +
                    " left before its decision: attempt " + std::to_string(token.attempt) + ", lease " +
                    std::to_string(token.lease) + ", key " + assignment.idempotency_key);
  }
  const InvocationRow& invocation = found->second;
  if (std::pair(invocation.attempt, invocation.lease) < std::pair(token.attempt, token.lease)) {
    violated("law 4: a token left before its claim: lease " + std::to_string(token.lease) + ", the row has " +
             std::to_string(invocation.lease));
  }
  count(token.tenant, assignment.idempotency_key, assignment.run, assignment.path);
}

// An owner sends each attempt at most once: only whoever takes the lane after it cannot know what has left, and sends
// it again.
void Ledger::call_left(std::uint64_t process, const Uuid& tenant, const ports::Call& call) {
  const auto& tables = database_.tables();
  const auto found = std::ranges::find_if(tables.invocations, [&](const auto& entry) {
    return entry.first.tenant == tenant && entry.second.idempotency_key == call.idempotency_key;
  });
  if (found == tables.invocations.end()) {
    return violated("law 4: a call with the key " + call.idempotency_key + " left before its decision");
  }
  const InvocationRow& invocation = found->second;
  const auto log = tables.events.find({tenant, invocation.run});
  if (log == tables.events.end() || !requested(log->second, call.idempotency_key, invocation.attempt)) {
    violated("law 4: call " + invocation.path + " of run " + invocation.run.text() + " left before its decision");
  }
  const std::uint32_t epoch = tables.lanes.at(invocation.run.lane()).epoch;
  if (!calls_.insert({process, call.idempotency_key, invocation.attempt, epoch}).second) {
    violated("law 4: call " + invocation.path + " of run " + invocation.run.text() + " left twice in epoch " +
             std::to_string(epoch) + ": attempt " + std::to_string(invocation.attempt));
  }
  count(tenant, call.idempotency_key, invocation.run, invocation.path);
}

std::size_t Ledger::calls_of(std::uint64_t process) const {
  return static_cast<std::size_t>(
      std::ranges::count_if(calls_, [&](const SentCall& call) { return std::get<0>(call) == process; }));
}

void Ledger::run_answered(const engine::RunView& view) {
  const store::memory::RunRow* run = row(view.tenant, view.id);
  if (!run) return violated("law 1: run " + view.id.text() + " was answered, and is not in the database");
  if (view.updated_at > run->updated_at) {
    violated("law 1: run " + view.id.text() + " was answered above its committed revision");
  }
  if (core::has_ended(view.status) && run->status != view.status) {
    violated("law 1: run " + view.id.text() + " was answered as " + std::string(core::name(view.status)) +
             ", the database says " + std::string(core::name(run->status)));
  }
}

void Ledger::start_answered(const engine::RunView& view, const std::string& key) {
  run_answered(view);
  started_.insert(view.id);
  if (key.empty()) return;
  const auto [entry, first] = keyed_.try_emplace({view.tenant, key}, view.id);
  if (!first && entry->second != view.id) violated("law 4: two runs of one start key " + key);
}

void Ledger::ended_answered(const engine::RunView& view) {
  run_answered(view);
  if (!core::has_ended(view.status)) violated("run " + view.id.text() + " was told to have ended, and has not");
}

void Ledger::result_answered(const engine::TaskToken& token, const std::string& nonce, engine::Accepted accepted) {
  if (accepted != engine::Accepted::done || nonce.empty()) return;
  const auto& tables = database_.tables();
  const auto found = tables.invocations.find({token.tenant, token.invocation});
  if (found == tables.invocations.end()) return violated("law 1: a result of an unknown invocation was accepted");
  const auto log = tables.events.find({token.tenant, found->second.run});
  const bool there = log != tables.events.end() && std::ranges::any_of(log->second, [&](const EventRow& event) {
                       return holds_text(event.event.payload, nonce);
                     });
  if (!there) {
    violated("law 1: a result of " + found->second.path + " of run " + found->second.run.text() +
             " was accepted, and is not in the log: lease " + std::to_string(token.lease) + ", " + nonce);
  }
}

// What the worker wrote beside it is committed for good: so must its result be, if only as one that came late, and
// nobody else's.
void Ledger::result_committed(const engine::TaskToken& token, const std::string& nonce) {
  const auto [entry, first] = committed_.try_emplace({token.tenant, token.invocation, token.attempt}, nonce);
  if (!first && entry->second != nonce)
    violated("law 4: two workers have committed one attempt of " + token.invocation.text());
}

void Ledger::check_effects() {
  for (const auto& [key, nonce] : committed_) {
    const auto& [tenant, invocation, attempt] = key;
    const InvocationRow& row = database_.tables().invocations.at({tenant, invocation});
    const auto log = database_.tables().events.find({tenant, row.run});
    const auto times =
        log == database_.tables().events.end() ? 0 : std::ranges::count_if(log->second, [&](const EventRow& event) {
          const bool late = event.event.type == core::EventType::invocation_late;
          const bool ends =
              event.event.type == core::EventType::task_completed || event.event.type == core::EventType::task_faulted;
          return (late || (ends && event.event.path == row.path)) && holds_text(event.event.payload, nonce);
        });
    if (times != 1) {
      violated("law 1: a result of " + row.path + " of run " + row.run.text() + " was committed, and is " +
               std::to_string(times) + " times in the log: " + nonce);
    }
  }
  for (const auto& [key, effect] : effects_) {
    const auto log = database_.tables().events.find({effect.tenant, effect.run});
    if (log == database_.tables().events.end() || !requested(log->second, key, 1)) {
      violated("law 4: an effect without a decision: " + effect.path + " of run " + effect.run.text());
    }
  }
  for (const Uuid& run : started_) {
    const bool there =
        std::ranges::any_of(database_.tables().runs, [&](const auto& entry) { return entry.first.run == run; });
    if (!there) violated("law 1: an acknowledged start is not in the database: " + run.text());
  }
}

}  // namespace pawl::simulation
