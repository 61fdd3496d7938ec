// A batch as the pipeline that commits it (engine-protocol.md section 2), and what its answer says. No I/O.
#pragma once

#include <cstddef>
#include <expected>
#include <optional>
#include <vector>

#include "pg/error.h"
#include "pg/pipeline.h"
#include "pg/rows.h"
#include "ports/batch.h"

namespace pawl::store {

// What is needed to read the answer: the keys in the batch's order, and which statement gives what.
struct CommitShape {
  std::vector<ports::RunKey> starts;
  std::vector<ports::InvocationKey> claims, extensions;
  std::size_t fence_at = 0;  // the statement's place in the pipeline
  std::optional<std::size_t> starts_at, claims_at, extensions_at;
  std::size_t rows = 0;  // that it writes, roughly
};

struct EncodedCommit {
  pg::Pipeline pipeline;
  CommitShape shape;
};

// Statements with nothing to do are left out. `discard_plans`: see PlanAge.
EncodedCommit encode_commit(Uuid loop, const ports::Batch& batch, bool discard_plans);

ports::Committed decode_commit(const CommitShape& shape, const pg::Results& results);

ports::CommitFailure failure_of(const pg::Error& error);

}  // namespace pawl::store
