// PostgresStorage: what is open in some lanes, in windows. A cursor is the key of the last row of the window before;
// one that is empty beside a full one says that there is no more of its kind.
#include <algorithm>
#include <charconv>
#include <span>
#include <utility>

#include "store/postgres/ask.h"
#include "store/postgres/read_rows.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

constexpr std::size_t uuid_length = 36;

struct InvocationPlace {
  std::int16_t lane = -1;
  Uuid invocation{}, tenant{};
};

struct WaitPlace {
  Time due_at = Time(Microseconds(wire_minimum_us));
  Uuid tenant{}, run{};
  std::int32_t wait_no = 0;
  static constexpr std::int64_t wire_minimum_us = -62'135'596'800'000'000;  // year 1
};

template <class Integer>
std::optional<Integer> read_integer(std::string_view text) {
  Integer value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// "<number> <uuid> <uuid>" and perhaps " <number>".
struct CursorText {
  std::string_view first, second, third, rest;
};

std::optional<CursorText> split(std::string_view text) {
  const std::size_t space = text.find(' ');
  if (space == std::string_view::npos || text.size() < space + 2 + 2 * uuid_length) return std::nullopt;
  CursorText parts;
  parts.first = text.substr(0, space);
  parts.second = text.substr(space + 1, uuid_length);
  parts.third = text.substr(space + 2 + uuid_length, uuid_length);
  if (const std::size_t end = space + 2 + 2 * uuid_length; text.size() > end) parts.rest = text.substr(end + 1);
  return parts;
}

std::string text_of(const ports::StoredInvocation& last) {
  return std::to_string(last.run.lane()) + ' ' + last.key.invocation.text() + ' ' + last.key.tenant.text();
}

std::string text_of(const ports::StoredWait& last) {
  return std::to_string(last.wait.due_at.time_since_epoch().count()) + ' ' + last.key.tenant.text() + ' ' +
         last.key.run.text() + ' ' + std::to_string(last.wait.wait_no);
}

// An empty text is the beginning.
std::optional<InvocationPlace> read_invocation_place(std::string_view text) {
  if (text.empty()) return InvocationPlace();
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto lane = read_integer<std::int16_t>(parts->first);
  const auto invocation = Uuid::parse(parts->second), tenant = Uuid::parse(parts->third);
  if (!lane || !invocation || !tenant) return std::nullopt;
  return InvocationPlace{.lane = *lane, .invocation = *invocation, .tenant = *tenant};
}

std::optional<WaitPlace> read_wait_place(std::string_view text) {
  if (text.empty()) return WaitPlace();
  const auto parts = split(text);
  if (!parts) return std::nullopt;
  const auto due_at = read_integer<std::int64_t>(parts->first);
  const auto wait_no = read_integer<std::int32_t>(parts->rest);
  const auto tenant = Uuid::parse(parts->second), run = Uuid::parse(parts->third);
  if (!due_at || !tenant || !run || !wait_no) return std::nullopt;
  return WaitPlace{.due_at = Time(Microseconds(*due_at)), .tenant = *tenant, .run = *run, .wait_no = *wait_no};
}

pg::Array<std::int16_t> array_of(std::span<const ports::Lane> lanes) {
  pg::Array<std::int16_t> array;
  array.reserve(lanes.size());
  for (const ports::Lane lane : lanes) array.add(static_cast<std::int16_t>(lane));
  return array;
}

// One row more than the window shows whether there are more.
template <class Row>
std::string cut(std::vector<Row>& rows, std::uint32_t limit) {
  if (rows.size() <= limit) return {};
  rows.resize(limit);
  return rows.empty() ? std::string() : text_of(rows.back());
}

Result<ports::PendingPage> read_page(const pg::Rows* invocations, const pg::Rows* waits, std::uint32_t limit) {
  ports::PendingPage page;
  for (std::size_t i = 0; invocations != nullptr && i < invocations->size(); ++i) {
    page.invocations.push_back(read_invocation(*invocations, i));
  }
  for (std::size_t i = 0; waits != nullptr && i < waits->size(); ++i) {
    Result<ports::StoredWait> wait = read_wait(*waits, i);
    if (!wait) return fail(std::move(wait.error()));
    page.waits.push_back(std::move(*wait));
  }
  page.next = {.invocations = cut(page.invocations, limit), .waits = cut(page.waits, limit)};
  page.more = !page.next.invocations.empty() || !page.next.waits.empty();
  return page;
}

// The lanes from the cursor's on; the place in the first of them counts only if it is the cursor's.
pg::Params invocation_params(std::span<const ports::Lane> sorted, InvocationPlace after, std::int64_t rows) {
  const auto from = std::ranges::lower_bound(sorted, after.lane, {},
                                             [](ports::Lane lane) { return static_cast<std::int16_t>(lane); });
  const std::span<const ports::Lane> rest(from, sorted.end());
  if (rest.empty() || static_cast<std::int16_t>(rest.front()) != after.lane) after = InvocationPlace();
  pg::Params params;
  params.add(array_of(rest)).add(after.invocation).add(after.tenant).add(rows);
  return params;
}

pg::Params wait_params(std::span<const ports::Lane> lanes, Time due_before, const WaitPlace& after, std::int64_t rows) {
  pg::Params params;
  params.add(array_of(lanes))
      .add(due_before)
      .add(after.due_at)
      .add(after.tenant)
      .add(after.run)
      .add(after.wait_no)
      .add(rows);
  return params;
}

}  // namespace

void PostgresStorage::load_pending(std::vector<ports::Lane> lanes, Time due_before, ports::PendingCursor from,
                                   std::uint32_t limit, Done<ports::PendingPage> then) {
  const bool first = from.invocations.empty() && from.waits.empty();
  const bool with_invocations = first || !from.invocations.empty();
  const bool with_waits = first || !from.waits.empty();
  const auto invocation_place = read_invocation_place(from.invocations);
  const auto wait_place = read_wait_place(from.waits);
  std::ranges::sort(lanes);
  lanes.erase(std::ranges::unique(lanes).begin(), lanes.end());
  const std::int64_t rows = std::int64_t{limit} + 1;

  pg::Pipeline pipeline;
  if (with_invocations) {
    pipeline.add(statement("load_pending_invocations.sql"),
                 invocation_params(lanes, invocation_place.value_or(InvocationPlace()), rows));
  }
  if (with_waits) {
    pipeline.add(statement("load_pending_waits.sql"),
                 wait_params(lanes, due_before, wait_place.value_or(WaitPlace()), rows));
  }
  ask<ports::PendingPage>(
      std::move(pipeline),
      [with_invocations, with_waits, limit](const pg::Results& results) {
        return read_page(with_invocations ? &results.front() : nullptr, with_waits ? &results.back() : nullptr, limit);
      },
      std::move(then));
}

}  // namespace pawl::store
