// The part of `pawl verify` that SQL cannot do: folding the histories of runs, and comparing each with its rows
// (core/laws.h).
#pragma once

#include <cstdint>
#include <functional>
#include <string>

#include "base/problem.h"
#include "db/verify.h"

namespace pawl::db {

struct VerifyHistoriesOptions {
  bool all = false;  // else those only that have not ended
  std::uint32_t violations_at_most = 1'000;
  std::function<void(std::uint64_t)> folded = {};  // called now and then with how many runs are done
};

// Blocks. The login must be able to become pawl_engine. Codes: those of db::verify.
Result<Verified> verify_histories(const std::string& conninfo, const VerifyHistoriesOptions& options = {});

}  // namespace pawl::db
