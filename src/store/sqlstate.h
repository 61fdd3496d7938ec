// How a commit's SQLSTATE is sorted (engine-protocol.md sections 3 and 4); both storages use this table.
#pragma once

#include <string_view>

#include "ports/batch.h"

namespace pawl::store {

inline ports::CommitFailure::Kind classify(std::string_view sqlstate) {
  using Kind = ports::CommitFailure::Kind;
  const std::string_view group = sqlstate.substr(0, 2);
  if (sqlstate.empty() || sqlstate.starts_with("57P0") || group == "08") return Kind::unknown;
  if (sqlstate == "PW001") return Kind::fenced;
  if (sqlstate == "PW002") return Kind::conflict;
  // 25P02: what was pipelined behind a failed batch. 23514: a row for a partition of the log that is being drained.
  if (group == "40" || sqlstate == "55P03" || sqlstate == "57014" || sqlstate == "25P02" || sqlstate == "23514") {
    return Kind::again;
  }
  if (group == "53" || sqlstate == "25006" || sqlstate == "58030") return Kind::full;
  if (group == "21" || group == "22" || group == "23" || group == "54") return Kind::data;
  return Kind::other;
}

}  // namespace pawl::store
