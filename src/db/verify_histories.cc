#include "db/verify_histories.h"

#include <map>
#include <memory>
#include <utility>

#include "core/laws.h"
#include "dsl/compile.h"
#include "store/verify_source.h"

namespace pawl::db {
namespace {

// Compiled versions in memory; runs come by tenant, so that few are in use at a time.
constexpr std::size_t programs_at_most = 200;

class Histories {
 public:
  Histories(store::VerifySource source, const VerifyHistoriesOptions& options)
      : source_(std::move(source)), options_(options) {}

  Result<Verified> run() {
    for (;;) {
      auto page = source_.next();
      if (!page) return fail(page.error());
      if (page->empty()) return std::move(verified_);
      for (const store::VerifyRun& each : *page) {
        if (const auto checked = check(each); !checked) return fail(checked.error());
      }
      if (options_.folded) options_.folded(verified_.runs);
    }
  }

 private:
  Result<void> check(const store::VerifyRun& run) {
    ++verified_.runs;
    verified_.events += run.rows.events.size();
    if (run.unreadable) {
      add(run, 2, run.unreadable->detail.empty() ? run.unreadable->title : run.unreadable->detail);
      return {};
    }
    const auto program = find(run.rows.tenant, run.version);
    if (!program) return fail(program.error());
    if (*program == nullptr) {
      add(run, 2, "its version " + run.version.text() + " is not there, or does not compile");
      return {};
    }
    for (const core::Violation& violation : core::check(**program, run.rows)) add(run, violation.law, violation.what);
    return {};
  }

  void add(const store::VerifyRun& run, int law, std::string what) {
    if (verified_.violations.size() >= options_.violations_at_most) return;
    verified_.violations.push_back({law, run.rows.tenant, run.rows.run, std::move(what)});
  }

  Result<std::shared_ptr<const dsl::Program>> find(const Uuid& tenant, const Uuid& version) {
    const auto known = programs_.find({tenant, version});
    if (known != programs_.end()) return known->second;
    const auto stored = source_.version(tenant, version);
    if (!stored) return fail(stored.error());
    std::shared_ptr<const dsl::Program> program;
    if (*stored) program = dsl::compile((*stored)->source).program;
    if (programs_.size() >= programs_at_most) programs_.clear();
    programs_.emplace(std::pair(tenant, version), program);
    return program;
  }

  store::VerifySource source_;
  const VerifyHistoriesOptions options_;
  std::map<std::pair<Uuid, Uuid>, std::shared_ptr<const dsl::Program>> programs_;
  Verified verified_;
};

}  // namespace

Result<Verified> verify_histories(const std::string& conninfo, const VerifyHistoriesOptions& options) {
  auto source = store::VerifySource::open(conninfo, {.all = options.all});
  if (!source) return fail(source.error());
  return Histories(std::move(*source), options).run();
}

}  // namespace pawl::db
