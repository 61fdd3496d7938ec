#include "bench/costs.h"

#include <sys/resource.h>

#include <charconv>
#include <chrono>
#include <string_view>

#include "bench/postgres_processes.h"
#include "http/client.h"
#include "pg/blocking_connection.h"

namespace pawl::bench {
namespace {

// The value of a metric without labels, in the text format of Prometheus.
std::optional<double> metric(std::string_view figures, std::string_view name) {
  const std::string line = "\n" + std::string(name) + " ";
  const std::size_t at = figures.find(line);
  if (at == std::string_view::npos) return std::nullopt;
  figures.remove_prefix(at + line.size());
  double value = 0;
  const auto [end, error] = std::from_chars(figures.data(), figures.data() + figures.size(), value);
  return error == std::errc() ? std::optional(value) : std::nullopt;
}

std::optional<std::int64_t> whole(std::optional<double> value) {
  return value ? std::optional(static_cast<std::int64_t>(*value)) : std::nullopt;
}

double own_seconds() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto seconds = [](const timeval& time) {
    return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_usec) / 1e6;
  };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

void add_server(const std::string& url, Usage& usage) {
  const auto answer = http::Client({.url = url, .token = {}, .retries = 0}).send("GET", "/metrics");
  if (!answer || answer->status != 200) return;
  usage.server_seconds = metric(answer->body, "process_cpu_seconds_total");
  usage.server_memory_bytes = whole(metric(answer->body, "process_resident_memory_bytes"));
  usage.rows = whole(metric(answer->body, "pawl_batch_rows_total"));
}

Result<void> add_database(const std::string& database, Usage& usage) {
  auto connection = pg::BlockingConnection::open(database, "pawl bench", std::chrono::seconds(30));
  if (!connection) return fail(connection.error());
  const auto rows = connection->run(R"(
SELECT pg_wal_lsn_diff(pg_current_wal_insert_lsn(), '0/0')::int8,
       pg_backend_pid(),
       coalesce(inet_server_addr() <<= '127.0.0.0/8' OR inet_server_addr() = '::1', true))");
  if (!rows) return fail(rows.error());
  usage.wal_bytes = rows->get<std::int64_t>(0, 0);
  if (rows->get<bool>(0, 2)) usage.postgres_seconds = postgres_seconds(rows->get<std::int32_t>(0, 1));
  return {};
}

template <class T>
std::optional<T> difference(const std::optional<T>& before, const std::optional<T>& after) {
  return before && after ? std::optional<T>(*after - *before) : std::nullopt;
}

}  // namespace

Result<Usage> read_usage(const std::string& url, const std::string& database) {
  Usage usage;
  if (!url.empty()) add_server(url, usage);
  if (!database.empty()) {
    if (const auto added = add_database(database, usage); !added) return fail(added.error());
  }
  usage.client_seconds = own_seconds();
  return usage;
}

Costs costs_between(const Usage& before, const Usage& after, std::uint64_t runs) {
  return {.runs = runs,
          .spent = {.server_seconds = difference(before.server_seconds, after.server_seconds),
                    .postgres_seconds = difference(before.postgres_seconds, after.postgres_seconds),
                    .client_seconds = after.client_seconds - before.client_seconds,
                    .server_memory_bytes = after.server_memory_bytes,
                    .wal_bytes = difference(before.wal_bytes, after.wal_bytes),
                    .rows = difference(before.rows, after.rows)}};
}

}  // namespace pawl::bench
