#include "store/postgres/read_rows.h"

#include <algorithm>
#include <array>
#include <limits>
#include <string>

#include "json/parse.h"

namespace pawl::store {

namespace {

std::uint32_t number(const pg::Rows& rows, std::size_t row, std::size_t column) {
  return static_cast<std::uint32_t>(rows.get<std::int32_t>(row, column));
}

// The labels of the enumerated types, in the order of the enumerations.
constexpr std::array<std::string_view, 5> invocation_statuses = {"ready", "leased", "completing", "resolved",
                                                                 "quarantined"};
constexpr std::array<std::string_view, 5> resolutions = {"", "completed", "failed", "revoked", "late"};

template <class Enum>
Enum label_of(const auto& labels, std::string_view text) {
  const auto found = std::ranges::find(labels, text);
  return static_cast<Enum>(found == labels.end() ? 0 : found - labels.begin());
}

Problem unreadable(std::string what, std::string_view text) {
  return {.status = 500,
          .code = "stored-data-unreadable",
          .title = "Stored data is not understood",
          .detail = std::move(what) + " \"" + std::string(text) + "\" is not known to this version of Pawl.",
          .instance = {},
          .hint = "A newer version may have written it: run that version, or pawl verify."};
}

}  // namespace

Result<json::Value> read_json(std::string_view text) {
  const json::Limits limits{
      .bytes = text.size(), .depth = json::deepest, .nodes = std::numeric_limits<std::uint32_t>::max()};
  return json::parse(text, limits);
}

Result<core::Event> read_event(const pg::Rows& rows, std::size_t row, std::size_t column) {
  const std::string_view type_name = rows.text(row, column + 1);
  const std::optional<core::EventType> type = core::parse_event_type(type_name);
  if (!type) return fail(unreadable("The event type", type_name));
  Result<json::Value> payload = read_json(rows.text(row, column + 4));
  if (!payload) return fail(std::move(payload.error()));
  return core::Event{.seq = number(rows, row, column),
                     .type = *type,
                     .ts = rows.get<Time>(row, column + 2),
                     .path = rows.maybe_text(row, column + 3),
                     .payload = std::move(*payload)};
}

ports::StoredInvocation read_invocation(const pg::Rows& rows, std::size_t row) {
  ports::StoredInvocation stored;
  stored.key = {rows.get<Uuid>(row, 0), rows.get<Uuid>(row, 1)};
  stored.run = rows.get<Uuid>(row, 2);
  stored.status = label_of<ports::InvocationStatus>(invocation_statuses, rows.text(row, 3));
  stored.resolution = label_of<ports::Resolution>(resolutions, rows.maybe_text(row, 4));
  stored.attempt = number(rows, row, 5);
  stored.lease = number(rows, row, 6);
  stored.deaths = number(rows, row, 7);
  stored.path = rows.text(row, 8);
  stored.queue = rows.text(row, 9);
  stored.action = rows.text(row, 10);
  stored.version = rows.text(row, 11);
  stored.idempotency_key = rows.text(row, 12);
  stored.worker = rows.maybe_text(row, 13);
  stored.priority = static_cast<std::uint8_t>(rows.get<std::int16_t>(row, 14));
  stored.event_seq = number(rows, row, 15);
  stored.event_ts = rows.get<Time>(row, 16);
  stored.created_at = rows.get<Time>(row, 17);
  stored.leased_until = rows.maybe<Time>(row, 18);
  return stored;
}

ports::StoredRun read_run(const ports::RunKey& key, const pg::Rows& rows) {
  ports::StoredRun run;
  run.key = key;
  run.head.definition = rows.get<Uuid>(0, 0);
  run.head.version = rows.get<Uuid>(0, 1);
  run.head.trigger_kind = rows.text(0, 2);
  run.head.idempotency_key = rows.maybe_text(0, 3);
  if (!rows.is_null(0, 4)) {
    const std::vector<std::uint8_t> bytes = rows.bytea(0, 4);
    Sha256 digest{};
    std::copy_n(bytes.begin(), std::min(bytes.size(), digest.size()), digest.begin());
    run.head.request_sha256 = digest;
  }
  run.head.queue = rows.maybe_text(0, 5);
  run.head.priority = static_cast<std::uint8_t>(rows.get<std::int16_t>(0, 6));
  run.head.correlation_id = rows.maybe_text(0, 7);
  run.head.started_at = rows.get<Time>(0, 8);
  run.revision = number(rows, 0, 9);
  run.status = core::parse_run_status(rows.text(0, 10)).value_or(core::RunStatus::suspended);
  run.ended_at = rows.maybe<Time>(0, 11);
  run.suspended_reason = rows.maybe_text(0, 12);
  return run;
}

std::optional<ports::StoredVersion> read_version(const pg::Rows& rows) {
  if (rows.empty()) return std::nullopt;
  ports::StoredVersion version;
  version.definition = rows.get<Uuid>(0, 0);
  version.version = rows.get<Uuid>(0, 1);
  version.namespace_ = rows.text(0, 2);
  version.name = rows.text(0, 3);
  version.version_name = rows.text(0, 4);
  const std::vector<std::uint8_t> source = rows.bytea(0, 5);
  version.source.assign(source.begin(), source.end());
  return version;
}

Result<ports::StoredWait> read_wait(const pg::Rows& rows, std::size_t row) {
  const std::optional<core::WaitKind> kind = core::parse_wait_kind(rows.text(row, 3));
  if (!kind) return fail(unreadable("The kind of wait", rows.text(row, 3)));
  return ports::StoredWait{.key = {rows.get<Uuid>(row, 0), rows.get<Uuid>(row, 1)},
                           .wait = {.wait_no = number(rows, row, 2),
                                    .kind = *kind,
                                    .path = std::string(rows.text(row, 4)),
                                    .due_at = rows.get<Time>(row, 5)}};
}

}  // namespace pawl::store
