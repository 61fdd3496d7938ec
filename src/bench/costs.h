// What a load costs: processor time of server, PostgreSQL and this client, and what is written. Each figure is absent
// when it cannot be known from here (a server elsewhere tells no metrics, a database elsewhere no processes).
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/problem.h"

namespace pawl::bench {

struct Usage {
  std::optional<double> server_seconds, postgres_seconds;
  double client_seconds = 0;
  std::optional<std::int64_t> server_memory_bytes;
  std::optional<std::int64_t> wal_bytes;  // of the whole PostgreSQL
  std::optional<std::int64_t> rows;       // written by the server's batches
};

// What has been used so far, by the server at `url` and the PostgreSQL of `database`; either may be empty. Blocks for
// some milliseconds: before and after a load, not within. Fails when `database` is given and does not answer.
Result<Usage> read_usage(const std::string& url, const std::string& database);

// Between two readings, and how many runs had their work in between (the warm-up's too).
struct Costs {
  std::uint64_t runs = 0;
  Usage spent;
};
Costs costs_between(const Usage& before, const Usage& after, std::uint64_t runs);

}  // namespace pawl::bench
