// The transaction that every read is: a snapshot, as the tenant. The reads' own statements begin at place `first`.
#pragma once

#include <utility>

#include "pg/pipeline.h"
#include "store/postgres/statements.h"
#include "store/reads.h"

namespace pawl::store {

inline constexpr std::size_t first = 2;

inline pg::Pipeline as_tenant(Uuid tenant) {
  pg::Params params;
  params.add(tenant);
  pg::Pipeline pipeline;
  pipeline.add(statement("session_begin_snapshot.sql")).add(statement("read_as_tenant.sql"), std::move(params));
  return pipeline;
}

inline std::uint32_t bounded(std::uint32_t limit) { return std::clamp<std::uint32_t>(limit, 1, limits::page_items); }

// One row more than the page shows whether there is a next one.
inline std::int64_t one_more(std::uint32_t limit) { return std::int64_t{limit} + 1; }

template <class T, class Read>
void Reads::ask(pg::Pipeline pipeline, Read read, Done<T> then) {
  pipeline.commit();
  pool_.send(std::move(pipeline), settings_.timeout,
             [read = std::move(read), then = std::move(then)](pg::Outcome<pg::Results> answer) mutable {
               if (!answer) return then(fail(pg::problem_of(answer.error())));
               then(read(*answer));
             });
}

RunRow run_row(const pg::Rows& rows, std::size_t row);  // of read_run.sql and read_runs.sql; run_reads.cc

// Rows to a page: `read` makes an item of a row, `place` says where an item stands in the list.
template <class T, class ReadRow, class PlaceOf>
Page<T> page_of(const pg::Rows& rows, std::uint32_t limit, ReadRow read, PlaceOf place) {
  Page<T> page;
  for (std::size_t i = 0; i < rows.size() && i < limit; ++i) page.items.push_back(read(rows, i));
  if (rows.size() > limit) page.next = place(page.items.back());
  return page;
}

}  // namespace pawl::store
