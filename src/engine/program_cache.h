// Compiled programs by version, and which version a name means. Shared by all loops of the process; safe from any
// thread.
//
// A version never changes, so its program stays good for ever. What can change is the version that "the active one"
// means: a deploy must call invalidate() after its commit and before it is answered.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "base/problem.h"
#include "base/uuid.h"
#include "dsl/program.h"
#include "engine/limits.h"
#include "ports/storage.h"

namespace pawl::engine {

struct Deployed {
  Uuid definition, version;
  std::shared_ptr<const dsl::Program> program;
};

class ProgramCache {
 public:
  explicit ProgramCache(std::size_t source_bytes = limits::program_source_bytes,
                        std::size_t programs = limits::programs);

  // `version` empty: the active one.
  std::optional<Deployed> find(const Uuid& tenant, std::string_view namespace_, std::string_view name,
                               std::string_view version);
  std::optional<Deployed> find(const Uuid& tenant, const Uuid& version);

  // Taken before a read of the store; an answer that is older than the newest invalidation is not remembered as a name.
  std::uint64_t generation() const;

  // Compiles what the store has, unless it is there. Errors: 500 `version-unreadable` when it no longer compiles.
  Result<Deployed> put(const Uuid& tenant, const ports::StoredVersion& stored);
  // The same, and remembers that the name means it (`asked` as in find).
  Result<Deployed> put(const Uuid& tenant, const ports::StoredVersion& stored, std::string_view asked,
                       std::uint64_t generation);

  void invalidate(const Uuid& tenant, std::string_view namespace_, std::string_view name);

 private:
  struct VersionKey {
    Uuid tenant, version;
    bool operator==(const VersionKey&) const = default;
  };
  struct Hash {
    std::size_t operator()(const VersionKey& key) const noexcept;
  };
  struct Entry {
    VersionKey key;
    Deployed deployed;
    std::size_t bytes = 0;
  };
  using Entries = std::list<Entry>;

  void touch(Entries::iterator entry);
  void evict();

  const std::size_t bytes_bound_, programs_bound_;
  mutable std::mutex mutex_;
  Entries entries_;  // most recently used first
  std::unordered_map<VersionKey, Entries::iterator, Hash> by_version_;
  std::unordered_map<std::string, Uuid> by_name_;  // tenant, namespace, name, version as asked → version
  std::size_t bytes_ = 0;
  std::uint64_t generation_ = 0;
};

}  // namespace pawl::engine
