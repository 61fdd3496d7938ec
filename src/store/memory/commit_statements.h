// The statements of a batch's transaction, in the order of engine-protocol.md section 2.
#pragma once

#include <memory>
#include <vector>

#include "ports/batch.h"
#include "store/memory/statement.h"

namespace pawl::store::memory {

// Each is true in the sound model. A test sets one to false to see that a law is then broken (section 12, mutants).
struct Safeguards {
  bool fence = true;                  // commits begin with the fence
  bool fence_locks = true;            // … which is FOR SHARE, not a plain read
  bool compare = true;                // the run's revision is compared and counted
  bool count = true;                  // what is decided about invocations and waits is counted
  bool completion_compares = true;    // complete_task() sets only what this lease still holds
  bool explicit_transactions = true;  // BEGIN … COMMIT: what is pipelined behind a failed statement fails too
};

// The fence alone: raises PW001 unless the loop is live, and keeps it so.
Statement fence_statement(Uuid loop, const Safeguards& safeguards);

// `result` is filled as the statements run; it means something once the transaction has committed.
std::vector<Statement> commit_statements(Uuid loop, std::shared_ptr<const ports::Batch> batch,
                                         std::shared_ptr<ports::Committed> result, const Safeguards& safeguards);

}  // namespace pawl::store::memory
