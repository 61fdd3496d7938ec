// PostgresStorage: the inbox of a loop's lanes, and its doorbell (engine-protocol.md section 9).
#include <algorithm>
#include <array>
#include <utility>

#include "store/postgres/ask.h"
#include "store/postgres/read_rows.h"
#include "store/postgres/statements.h"

namespace pawl::store {

namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 4> kinds = {"start", "cancel", "complete", "fail"};

Result<ports::InboxPage> read_page(const pg::Rows& rows, std::uint32_t limit) {
  ports::InboxPage page;
  page.rows.reserve(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto kind = std::ranges::find(kinds, rows.text(i, 3));
    if (kind == kinds.end()) continue;  // a newer version's: it stays for a node of that version
    Result<json::Value> payload = read_json(rows.text(i, 4)), content = read_json(rows.maybe_text(i, 5));
    page.rows.push_back({.key = {rows.get<Uuid>(i, 0), rows.get<Uuid>(i, 1)},
                         .run = rows.get<Uuid>(i, 2),
                         .kind = static_cast<ports::InboxKind>(kind - kinds.begin()),
                         .payload = payload ? std::move(*payload) : json::Value(),
                         .content = content ? std::optional(std::move(*content)) : std::nullopt});
  }
  if (rows.size() == limit) page.next = rows.get<Uuid>(rows.size() - 1, 1);
  return page;
}

}  // namespace

void PostgresStorage::load_inbox(std::vector<ports::Lane> lanes, std::optional<Uuid> after, std::uint32_t limit,
                                 Done<ports::InboxPage> then) {
  pg::Array<std::int16_t> numbers;
  for (const ports::Lane lane : lanes) numbers.add(static_cast<std::int16_t>(lane));
  pg::Params params;
  params.add(numbers).add(after.value_or(Uuid{})).add(std::int64_t{limit});
  ask<ports::InboxPage>(
      pg::Pipeline().add(statement("load_inbox.sql"), std::move(params)),
      [limit](const pg::Results& results) { return read_page(results[0], limit); }, std::move(then));
}

void PostgresStorage::listen(Uuid loop, std::move_only_function<void()> rung) {
  doorbell_ =
      std::make_unique<Doorbell>(io_, connect_options("pawl doorbell", SessionUse::loads), loop, std::move(rung));
}

void PostgresStorage::arm_doorbell(Uuid loop, bool armed, Done<void> then) {
  pg::Params params;
  params.add(loop).add(armed);
  tell(pg::Pipeline().add(statement("owner_arm_doorbell.sql"), std::move(params)), std::move(then));
}

}  // namespace pawl::store
