// PostgresStorage: what is read of runs, invocations and versions, each in one round trip.
#include <utility>

#include "store/postgres/ask.h"
#include "store/postgres/read_rows.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

pg::Params two(Uuid first, Uuid second) {
  pg::Params params;
  params.add(first).add(second);
  return params;
}

Result<std::optional<ports::StoredRun>> assemble(const ports::RunKey& key, const pg::Rows& row, const pg::Rows& events,
                                                 const pg::Rows& invocations) {
  if (row.empty()) return std::nullopt;
  ports::StoredRun run = read_run(key, row);
  run.events.reserve(events.size());
  for (std::size_t i = 0; i < events.size(); ++i) {
    Result<core::Event> event = read_event(events, i);
    if (!event) {
      run.unreadable = std::move(event.error());
      break;
    }
    run.events.push_back(std::move(*event));
  }
  run.invocations.reserve(invocations.size());
  for (std::size_t i = 0; i < invocations.size(); ++i) run.invocations.push_back(read_invocation(invocations, i));
  return run;
}

}  // namespace

void PostgresStorage::load_run(ports::RunKey key, Done<std::optional<ports::StoredRun>> then) {
  pg::Pipeline pipeline;
  pipeline.add(statement("session_begin_snapshot.sql"))
      .add(statement("load_run.sql"), two(key.tenant, key.run))
      .add(statement("load_run_events.sql"), two(key.tenant, key.run))
      .add(statement("load_run_invocations.sql"), two(key.tenant, key.run))
      .commit();
  ask<std::optional<ports::StoredRun>>(
      std::move(pipeline),
      [key](const pg::Results& results) { return assemble(key, results[1], results[2], results[3]); }, std::move(then));
}

void PostgresStorage::load_invocation(ports::InvocationKey key, Done<std::optional<ports::StoredInvocation>> then) {
  ask<std::optional<ports::StoredInvocation>>(
      pg::Pipeline().add(statement("load_invocation.sql"), two(key.tenant, key.invocation)),
      [](const pg::Results& results) -> Result<std::optional<ports::StoredInvocation>> {
        if (results[0].empty()) return std::nullopt;
        return read_invocation(results[0], 0);
      },
      std::move(then));
}

void PostgresStorage::resolve_version(Uuid tenant, std::string namespace_, std::string name, std::string version,
                                      Done<std::optional<ports::StoredVersion>> then) {
  pg::Params params;
  params.add(tenant).add(namespace_).add(name).add(version);
  ask<std::optional<ports::StoredVersion>>(
      pg::Pipeline().add(statement("resolve_version.sql"), std::move(params)),
      [](const pg::Results& results) -> Result<std::optional<ports::StoredVersion>> {
        return read_version(results[0]);
      },
      std::move(then));
}

void PostgresStorage::load_version(Uuid tenant, Uuid version, Done<std::optional<ports::StoredVersion>> then) {
  ask<std::optional<ports::StoredVersion>>(
      pg::Pipeline().add(statement("load_version.sql"), two(tenant, version)),
      [](const pg::Results& results) -> Result<std::optional<ports::StoredVersion>> {
        return read_version(results[0]);
      },
      std::move(then));
}

}  // namespace pawl::store
