// One SQL statement of the model, and the scripts that a client sends.
//
// A statement runs in two steps, as an UPDATE of PostgreSQL does in READ COMMITTED: it finds its rows in the snapshot
// of its start, locks them one by one, waiting where it must, and looks at each again as it is then.
#pragma once

#include <expected>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "store/memory/transaction.h"

namespace pawl::store::memory {

struct SqlError {
  std::string state;  // SQLSTATE; empty: the server did not answer
  std::string message;
  std::string what;  // of PW002: run, invocation, wait
};

struct LockWish {
  RowId row;
  LockMode mode = LockMode::exclusive;
  bool skip = false;  // SKIP LOCKED: never waits
};

// What a statement finds when its locks are granted.
struct Scene {
  Transaction& transaction;
  Time now;                           // clock_timestamp()
  const std::vector<RowId>& skipped;  // of the wishes, sorted
  bool has(const RowId& row) const;   // not skipped
};

using Outcome = std::expected<void, SqlError>;

struct Statement {
  std::string_view name;                                           // for faults and traces: fence, starts, runs, …
  std::function<std::vector<LockWish>(const Transaction&)> locks;  // may be empty: none
  std::function<Outcome(Scene&)> run;
};

inline std::unexpected<SqlError> raise(std::string state, std::string message, std::string what = {}) {
  return std::unexpected(SqlError{std::move(state), std::move(message), std::move(what)});
}

struct Script {
  enum class Kind : std::uint8_t { transaction, rollback } kind = Kind::transaction;
  std::string_view name;  // commit, fence_loop, load_run, …
  std::vector<Statement> statements;
  bool explicit_transaction = true;  // BEGIN … COMMIT: a failure leaves the session aborted
};

}  // namespace pawl::store::memory
