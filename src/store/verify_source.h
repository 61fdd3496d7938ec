// The rows of runs for core::check, page by page: for `pawl verify`. Read only, beside a working server; each page is
// one snapshot, so that a run's rows fit each other.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "core/laws.h"
#include "ports/storage.h"

namespace pawl::store {

struct VerifyRun {
  core::RunRows rows;
  Uuid definition, version;
  // Why its rows could not be read (an event of an unknown type, a payload that is not JSON): then `rows` has no
  // events.
  std::optional<Problem> unreadable;
};

struct VerifySourceOptions {
  bool all = false;          // else those only that have not ended
  std::uint32_t page = 100;  // runs; a page holds all events of its runs in memory
};

// Blocks; for commands, on an event loop of its own. The login must be able to become pawl_engine.
class VerifySource {
 public:
  static Result<VerifySource> open(const std::string& conninfo, VerifySourceOptions options = {});
  ~VerifySource();
  VerifySource(VerifySource&&) noexcept;

  // The next runs, by tenant and start; empty at the end.
  Result<std::vector<VerifyRun>> next();
  // A run's version with its source, which compiles to the program. Nullopt: there is no such version (a violation).
  Result<std::optional<ports::StoredVersion>> version(Uuid tenant, Uuid version);

 private:
  struct Reader;
  explicit VerifySource(std::unique_ptr<Reader> reader);

  std::unique_ptr<Reader> reader_;
};

}  // namespace pawl::store
