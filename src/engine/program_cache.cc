#include "engine/program_cache.h"

#include "dsl/compile.h"

namespace pawl::engine {

namespace {

// Names hold no U+0000, so the parts cannot run into each other.
std::string name_key(const Uuid& tenant, std::string_view namespace_, std::string_view name, std::string_view version) {
  std::string key;
  key.reserve(16 + namespace_.size() + name.size() + version.size() + 2);
  key.append(reinterpret_cast<const char*>(tenant.bytes.data()), tenant.bytes.size());
  key.append(namespace_).push_back('\0');
  key.append(name).push_back('\0');
  key.append(version);
  return key;
}

}  // namespace

std::size_t ProgramCache::Hash::operator()(const VersionKey& key) const noexcept {
  return std::hash<Uuid>{}(key.version) ^ (std::hash<Uuid>{}(key.tenant) * 0x9e3779b97f4a7c15ULL);
}

ProgramCache::ProgramCache(std::size_t source_bytes, std::size_t programs)
    : bytes_bound_(source_bytes), programs_bound_(programs) {}

std::optional<Deployed> ProgramCache::find(const Uuid& tenant, std::string_view namespace_, std::string_view name,
                                           std::string_view version) {
  const std::string key = name_key(tenant, namespace_, name, version);
  std::lock_guard lock(mutex_);
  auto named = by_name_.find(key);
  if (named == by_name_.end()) return std::nullopt;
  auto found = by_version_.find({tenant, named->second});
  if (found == by_version_.end()) return std::nullopt;
  touch(found->second);
  return found->second->deployed;
}

std::optional<Deployed> ProgramCache::find(const Uuid& tenant, const Uuid& version) {
  std::lock_guard lock(mutex_);
  auto found = by_version_.find({tenant, version});
  if (found == by_version_.end()) return std::nullopt;
  touch(found->second);
  return found->second->deployed;
}

std::uint64_t ProgramCache::generation() const {
  std::lock_guard lock(mutex_);
  return generation_;
}

Result<Deployed> ProgramCache::put(const Uuid& tenant, const ports::StoredVersion& stored) {
  if (auto known = find(tenant, stored.version)) return *known;
  dsl::Compiled compiled = dsl::compile(stored.source);  // without the lock: it takes milliseconds
  if (!compiled.program) {
    return fail({.status = 500,
                 .code = "version-unreadable",
                 .title = "A deployed version no longer compiles",
                 .detail = compiled.diagnostics.empty() ? "" : compiled.diagnostics.front().message,
                 .instance = stored.namespace_ + "/" + stored.name + "/" + stored.version_name,
                 .hint = "Deploy the definition under a new version."});
  }
  std::lock_guard lock(mutex_);
  const VersionKey key{tenant, stored.version};
  if (auto found = by_version_.find(key); found != by_version_.end()) return found->second->deployed;
  entries_.push_front({key, {stored.definition, stored.version, std::move(compiled.program)}, stored.source.size()});
  by_version_[key] = entries_.begin();
  bytes_ += stored.source.size();
  Deployed deployed = entries_.front().deployed;
  evict();
  return deployed;
}

Result<Deployed> ProgramCache::put(const Uuid& tenant, const ports::StoredVersion& stored, std::string_view asked,
                                   std::uint64_t generation) {
  auto deployed = put(tenant, stored);
  if (!deployed) return deployed;
  std::lock_guard lock(mutex_);
  if (asked.empty() && generation != generation_) return deployed;
  if (by_name_.size() >= 4 * programs_bound_) by_name_.clear();  // names of versions that went; they are read again
  by_name_[name_key(tenant, stored.namespace_, stored.name, asked)] = stored.version;
  return deployed;
}

void ProgramCache::invalidate(const Uuid& tenant, std::string_view namespace_, std::string_view name) {
  std::lock_guard lock(mutex_);
  ++generation_;
  by_name_.erase(name_key(tenant, namespace_, name, ""));
}

void ProgramCache::touch(Entries::iterator entry) { entries_.splice(entries_.begin(), entries_, entry); }

void ProgramCache::evict() {
  while (entries_.size() > 1 && (bytes_ > bytes_bound_ || entries_.size() > programs_bound_)) {
    bytes_ -= entries_.back().bytes;
    by_version_.erase(entries_.back().key);
    entries_.pop_back();
  }
}

}  // namespace pawl::engine
