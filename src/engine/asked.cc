// What reaches a run from elsewhere than its owner: rows of the inbox become stimuli, and go with the commit of what
// comes of them (protocol section 9).
#include <algorithm>

#include "base/log.h"
#include "engine/loop.h"
#include "engine/problems.h"

namespace pawl::engine {

namespace {

constexpr Microseconds left_for_later = std::chrono::milliseconds(100);
constexpr std::string_view trigger = "sql";

std::string_view text_of(const json::Value& object, std::string_view member) {
  const json::Value* found = object.find(member);
  return found != nullptr && found->is_string() ? found->text() : std::string_view();
}

std::uint32_t number_of(const json::Value& object, std::string_view member) {
  const json::Value* found = object.find(member);
  return found != nullptr ? static_cast<std::uint32_t>(found->integer()) : 0;
}

// Of lower-case hexadecimal digits; zero for anything else.
Sha256 digest_of(std::string_view hex) {
  Sha256 digest{};
  const auto digit = [](char c) { return static_cast<std::uint8_t>(c <= '9' ? c - '0' : c - 'a' + 10); };
  if (hex.size() != 2 * digest.size()) return digest;
  for (std::size_t i = 0; i < digest.size(); ++i)
    digest[i] = static_cast<std::uint8_t>(digit(hex[2 * i]) << 4 | digit(hex[2 * i + 1]));
  return digest;
}

json::Value unreadable_output() {
  return json::Value::object({{"title", json::Value("What the task gave cannot be read")}});
}

core::Stimulus result_of(ports::InboxRow& row, const ResultOf& about) {
  const Uuid& id = about.invocation.invocation;
  if (row.kind == ports::InboxKind::complete && row.content)
    return core::Completed{id, about.attempt, about.lease, std::move(*row.content)};
  if (!row.content)
    return core::Failed{id, about.attempt, about.lease, unreadable_output(), core::Effect::done, std::nullopt};
  const auto effect = text_of(*row.content, "effect") == "unknown" ? core::Effect::unknown : core::Effect::not_done;
  return core::Failed{id,     about.attempt, about.lease, json::without_member(*row.content, "effect"),
                      effect, std::nullopt};
}

}  // namespace

// --- looking ---------------------------------------------------------------------------------------------------------

void Loop::begin_inbox() {
  inbox_.begin(clock_.steady());
  storage_.listen(id_, guarded([this] {
                    follow(inbox_.rung(clock_.steady()));
                    pump();
                  }));
}

void Loop::follow(Inbox::Next next) {
  switch (next) {
    case Inbox::Next::nothing:
      return;
    case Inbox::Next::disarm:
      storage_.arm_doorbell(id_, false, guarded([](Result<void>) {}));  // else they ring on, which only costs
      [[fallthrough]];
    case Inbox::Next::look:
      wanted_ = true;
      return look_in_inbox();
    case Inbox::Next::arm:
      return storage_.arm_doorbell(id_, true, guarded([this](Result<void> armed) {
                                     if (armed)
                                       inbox_.armed(clock_.steady());
                                     else
                                       inbox_.arm_failed(clock_.steady() + config_.inbox.asleep);
                                     pump();
                                   }));
  }
}

void Loop::look_in_inbox() {
  if (inbox_.looking() || lanes_.empty() || !joined_store() || draining_ || paused()) return;
  inbox_.began_to_look();
  look_further(config_.sabotage.inbox_by_cursor ? inbox_cursor_ : std::nullopt);
}

void Loop::look_further(std::optional<Uuid> after) {
  storage_.load_inbox(lanes_.list(), after, limits::inbox_page_rows, guarded([this](Result<ports::InboxPage> page) {
                        {
                          Hold hold(*this);
                          inbox_read(std::move(page));
                          wanted_ = true;
                        }
                        pump();
                      }));
}

void Loop::inbox_read(Result<ports::InboxPage> page) {
  const ports::Steady now = clock_.steady();
  if (!page) return inbox_.look_failed(now + config_.inbox.asleep);
  bool full = false;
  for (ports::InboxRow& row : page->rows) {
    if (config_.sabotage.inbox_by_cursor) inbox_cursor_ = row.key.id;
    if (!owns(row.run.lane())) continue;
    // Results find room always: what waits for the rows that they end could not go on without them.
    const bool result = row.kind == ports::InboxKind::complete || row.kind == ports::InboxKind::fail;
    if (!result && (inbox_.known() >= limits::inbox_rows || overloaded(row.key.tenant, 0, 1))) {
      full = true;
      continue;
    }
    if (inbox_.takes(row.key, now)) take_in(std::move(row));
  }
  if (full) inbox_.soon(now + left_for_later);
  if (page->next) return look_further(page->next);
  follow(inbox_.looked(now));
}

// --- a row becomes a stimulus ----------------------------------------------------------------------------------------

void Loop::take_in(ports::InboxRow row) {
  metrics_.asked.add();
  switch (row.kind) {
    case ports::InboxKind::start:
      return asked_start(std::move(row));
    case ports::InboxKind::cancel:
      return admission_.push(
          retain_asked(row, Kind::cancel, core::Cancel{std::string(text_of(row.payload, "reason"))}));
    case ports::InboxKind::complete:
    case ports::InboxKind::fail:
      return asked_result(std::move(row));
  }
}

Item& Loop::retain_asked(const ports::InboxRow& row, Kind kind, core::Stimulus stimulus) {
  const std::size_t bytes = row.content ? row.content->size_bytes() : 0;
  Item& item = retain(kind, {row.key.tenant, row.run}, std::move(stimulus), bytes);
  item.inbox = row.key;
  return item;
}

void Loop::asked_start(ports::InboxRow row) {
  Item& item = retain_asked(row, Kind::start, core::Start{});
  const std::string_view definition = text_of(row.payload, "definition");
  StartRun request;
  request.tenant = row.key.tenant;
  request.namespace_ = definition.substr(0, definition.find('/'));
  request.name = definition.substr(std::min(definition.size(), request.namespace_.size() + 1));
  request.version = text_of(row.payload, "version");
  request.idempotency_key = text_of(row.payload, "idempotencyKey");
  request.request_sha256 = digest_of(text_of(row.payload, "requestSha256"));
  request.trigger_kind = trigger;
  if (row.content) request.input = std::move(*row.content);
  prepare(item, std::move(request));
  if (row.content) return resolve(item);
  refuse(item, {.status = 400,
                .code = "invalid-json",
                .title = "The input of a start cannot be read",
                .detail = "",
                .instance = "",
                .hint = ""});
}

void Loop::asked_result(ports::InboxRow row) {
  const auto invocation = Uuid::parse(text_of(row.payload, "invocation"));
  if (!invocation) return discard(row.key);
  const ResultOf about{.invocation = {row.key.tenant, *invocation},
                       .attempt = number_of(row.payload, "attempt"),
                       .lease = number_of(row.payload, "lease")};
  Item& item = retain_asked(row, Kind::result, result_of(row, about));
  item.result = about;
  accepted_[about.invocation] = about.attempt;
  submit(item);
}

// Two workers may have ended tasks of one run, and the one that is decided first may cancel the other's task: its row
// is completing, too, and its result comes late then. Nobody else may end what is completing before it has been
// decided.
void Loop::note_accepted(ports::RunChange& change) const {
  for (const core::Resolved& resolved : change.decision.resolved) {
    const auto found = accepted_.find({change.key.tenant, resolved.id});
    if (found != accepted_.end() && found->second == resolved.attempt) change.accepted.push_back(resolved.id);
  }
}

// --- it is done ------------------------------------------------------------------------------------------------------

// What is refused for the moment stays in the table, and is met again: when there is no room, when the history or the
// version cannot be read (by this server), when it came before its run.
bool Loop::stays(const ports::InboxKey& row, const Problem& problem) {
  const bool unreadable = problem.code == "run-quarantined" || problem.status == 500;
  const bool missing = problem.code == "run-not-found";
  if (!unreadable && !missing && problem.status != 429 && problem.status != 503) return false;
  const Microseconds waited =
      inbox_.put_off(row, clock_.steady(), unreadable ? config_.inbox.asleep : Microseconds(left_for_later));
  return !missing || waited < limits::inbox_waits_for_run;
}

// Called before an item goes.
void Loop::done_with(Item& item, const Problem* problem) {
  if (!item.inbox || item.inbox_done) return;
  if (problem != nullptr && stays(*item.inbox, *problem)) return;
  if (problem != nullptr) {
    log_warning("what an application asked for in its transaction is refused",
                {{"tenant", item.run.tenant.text()}, {"run", item.run.run.text()}, {"code", problem->code}});
  }
  discard(*item.inbox);
  accepted_.erase(item.result.invocation);
  item.inbox.reset();  // known until that is committed
}

void Loop::discard(const ports::InboxKey& row) {
  open_->batch.inbox.push_back(row);
  open_->discarded.push_back(row);
  ++open_->rows;
}

}  // namespace pawl::engine
