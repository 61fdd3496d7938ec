#include "store/reads.h"

#include "store/test_fixture.h"

namespace pawl::store {

namespace {

using core::EventType;
using core::RunStatus;
using json::Value;

class PgReads : public test::PgTest {
 protected:
  PgReads()
      : reads_(io_, {.conninfo = database_.conninfo()}),
        storage_(io_, {.conninfo = database_.conninfo(), .allow_fsync_off = true}) {
    define("order", "0190f0c0-0000-8000-8000-0000000000d1", "0190f0c0-0000-8000-8000-0000000000e1");
    define("refund", "0190f0c0-0000-8000-8000-0000000000d2", "0190f0c0-0000-8000-8000-0000000000e2");
    const Uuid node = id("0190f0c0-0000-7000-8000-0000000000f1");
    EXPECT_TRUE(answer_of<Time>([&](Done<Time> then) {
      storage_.register_node({.node = node, .name = "n", .address = "", .lease = std::chrono::seconds(10)},
                             std::move(then));
    }));
    EXPECT_TRUE(answer_of<void>([&](Done<void> then) { storage_.register_loop(loop_, node, std::move(then)); }));
  }

  void define(const std::string& name, const std::string& definition, const std::string& version) {
    database_.execute(
        "INSERT INTO pawl.workflow_definitions (tenant_id, definition_id, namespace, name) VALUES ('" + a().text() +
        "', '" + definition + "', 'shop', '" + name + "');" +
        "INSERT INTO pawl.workflow_definition_versions (tenant_id, version_id, definition_id, version, source,"
        " source_type, document, sha256) VALUES ('" +
        a().text() + "', '" + version + "', '" + definition +
        "', '1.0.0', 'do: []', 'application/yaml', '{\"do\": []}', sha256('" + name + "'));" +
        "UPDATE pawl.workflow_definitions SET active_version_id = '" + version + "' WHERE definition_id = '" +
        definition + "'");
  }

  static Uuid run_id(int number) {
    Uuid made = id("0190f0c0-0000-7000-8000-000000000000");
    made.bytes[15] = static_cast<std::uint8_t>(number);
    return made;
  }

  // A run that began at second `number`; its events are added by the test.
  ports::Start start(int number, RunStatus status = RunStatus::running) {
    ports::Start start;
    start.head.definition = id("0190f0c0-0000-8000-8000-0000000000d1");
    start.head.version = id("0190f0c0-0000-8000-8000-0000000000e1");
    start.head.trigger_kind = "api";
    start.head.started_at = at(number);
    start.change.key = {a(), run_id(number)};
    start.change.now = 1;
    start.change.status = status;
    start.change.updated_at = at(number);
    if (core::has_ended(status)) start.change.ended_at = at(number);
    start.change.epoch = 1;
    add(start, EventType::run_started, "", Value::object({{"input", Value::object({{"n", Value::integer(number)}})}}));
    return start;
  }

  // One second after the event before.
  static void add(ports::Start& start, EventType type, std::string path, Value payload) {
    auto& events = start.change.decision.events;
    const Time ts = events.empty() ? start.head.started_at : events.back().ts + std::chrono::seconds(1);
    events.push_back({static_cast<std::uint32_t>(events.size() + 1), type, ts, std::move(path), std::move(payload)});
    start.change.now = static_cast<std::uint32_t>(events.size());
    start.change.updated_at = ts;
    if (start.change.ended_at) start.change.ended_at = ts;
  }

  void commit(ports::Start start) {
    ports::Batch batch;
    batch.starts.push_back(std::move(start));
    std::optional<std::expected<ports::Committed, ports::CommitFailure>> answer;
    storage_.commit(loop_, std::move(batch), [&](auto result) { answer.emplace(std::move(result)); });
    pg::test::run_until(io_, [&] { return answer.has_value(); });
    ASSERT_TRUE(answer->has_value()) << answer->error().message;
  }

  Page<RunRow> runs(RunFilter filter = {}, PageOptions page = {}, std::optional<Uuid> tenant = std::nullopt) {
    auto answer =
        answer_of<Page<RunRow>>([&](auto then) { reads_.runs(tenant.value_or(a()), filter, page, std::move(then)); });
    if (!answer) ADD_FAILURE() << answer.error().detail;
    return answer ? std::move(*answer) : Page<RunRow>();
  }
  static std::vector<int> numbers(const Page<RunRow>& page) {
    std::vector<int> out;
    for (const RunRow& run : page.items) out.push_back(run.id.bytes[15]);
    return out;
  }

  Reads reads_;
  PostgresStorage storage_;
  const Uuid loop_ = id("0190f0c0-0000-7000-8000-0000000000f2");
};

TEST_F(PgReads, RunsComeNewestFirstInPages) {
  for (int i = 1; i <= 5; ++i) commit(start(i));
  Page<RunRow> page = runs({}, {.after = std::nullopt, .limit = 2});
  EXPECT_EQ(numbers(page), (std::vector<int>{5, 4}));
  ASSERT_TRUE(page.next);
  page = runs({}, {.after = page.next, .limit = 2});
  EXPECT_EQ(numbers(page), (std::vector<int>{3, 2}));
  ASSERT_TRUE(page.next);
  page = runs({}, {.after = page.next, .limit = 2});
  EXPECT_EQ(numbers(page), (std::vector<int>{1}));
  EXPECT_FALSE(page.next);
  EXPECT_FALSE(runs({}, {.after = std::nullopt, .limit = 5}).next);
}

TEST_F(PgReads, RunsOfOneInstantAreToldApartById) {
  for (int i = 1; i <= 3; ++i) {
    ports::Start same = start(i);
    same.head.started_at = same.change.updated_at = same.change.decision.events[0].ts = at(0);
    commit(std::move(same));
  }
  const Page<RunRow> page = runs({}, {.after = std::nullopt, .limit = 2});
  EXPECT_EQ(numbers(page), (std::vector<int>{3, 2}));
  EXPECT_EQ(numbers(runs({}, {.after = page.next, .limit = 2})), (std::vector<int>{1}));
}

TEST_F(PgReads, RunsAreFoundByStatusDefinitionAndTime) {
  commit(start(1, RunStatus::completed));
  commit(start(2, RunStatus::running));
  commit(start(3, RunStatus::faulted));
  commit(start(4, RunStatus::waiting));
  ports::Start other = start(5, RunStatus::cancelled);
  other.head.definition = id("0190f0c0-0000-8000-8000-0000000000d2");
  other.head.version = id("0190f0c0-0000-8000-8000-0000000000e2");
  commit(std::move(other));

  RunFilter filter;
  filter.status = RunStatus::completed;
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{1}));
  filter.status = RunStatus::running;
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{2}));
  filter.status = RunStatus::faulted;
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{3}));
  filter.status = RunStatus::cancelled;
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{5}));
  filter.status = RunStatus::suspended;
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{}));

  filter = {};
  filter.definition = {"shop", "refund"};
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{5}));
  EXPECT_EQ(runs(filter).items[0].name, "refund");
  filter.definition = {"shop", "nothing"};
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{}));

  filter = {};
  filter.started_from = at(2);
  filter.started_before = at(4);
  EXPECT_EQ(numbers(runs(filter)), (std::vector<int>{3, 2}));
}

TEST_F(PgReads, AnotherTenantSeesNothing) {
  commit(start(1));
  EXPECT_EQ(numbers(runs({}, {}, b())), (std::vector<int>{}));
  const auto run = answer_of<std::optional<RunDetail>>([&](auto then) { reads_.run(b(), run_id(1), std::move(then)); });
  ASSERT_TRUE(run);
  EXPECT_FALSE(*run);
  const auto events =
      answer_of<std::optional<EventPage>>([&](auto then) { reads_.events(b(), run_id(1), 0, 10, std::move(then)); });
  ASSERT_TRUE(events);
  EXPECT_FALSE(*events);
  const auto definitions =
      answer_of<Page<DefinitionRow>>([&](auto then) { reads_.definitions(b(), {}, std::move(then)); });
  ASSERT_TRUE(definitions);
  EXPECT_TRUE(definitions->items.empty());
}

TEST_F(PgReads, ARunHasItsInputAndItsOutput) {
  ports::Start given = start(1, RunStatus::completed);
  given.head.queue = "slow";
  given.head.idempotency_key = "order 7";
  given.head.request_sha256 = sha256("body");
  given.head.correlation_id = "c";
  given.head.priority = 7;
  add(given, EventType::task_completed, "/do/0/a", Value::object({{"output", "x"}}));
  add(given, EventType::run_completed, "", Value::object({{"output", Value::object({{"ok", true}})}}));
  commit(std::move(given));
  // A result that came too late is behind the end.
  ports::Batch late;
  ports::RunChange change;
  change.key = {a(), run_id(1)};
  change.was = 3;
  change.now = 4;
  change.status = RunStatus::completed;
  change.ended_at = at(3);
  change.updated_at = at(9);
  change.decision.events.push_back({4, EventType::invocation_late, at(9), "", Value::object({{"output", "late"}})});
  late.changes.push_back(std::move(change));
  bool committed = false;
  storage_.commit(loop_, std::move(late), [&](auto result) { committed = result.has_value(); });
  pg::test::run_until(io_, [&] { return committed; });

  const auto run = answer_of<std::optional<RunDetail>>([&](auto then) { reads_.run(a(), run_id(1), std::move(then)); });
  ASSERT_TRUE(run && *run);
  const RunDetail& detail = **run;
  EXPECT_EQ(detail.row.id, run_id(1));
  EXPECT_EQ(detail.row.namespace_, "shop");
  EXPECT_EQ(detail.row.name, "order");
  EXPECT_EQ(detail.row.version, "1.0.0");
  EXPECT_EQ(detail.row.status, RunStatus::completed);
  EXPECT_EQ(detail.row.queue, "slow");
  EXPECT_EQ(detail.row.idempotency_key, "order 7");
  EXPECT_EQ(detail.row.correlation_id, "c");
  EXPECT_EQ(detail.row.priority, 7);
  EXPECT_EQ(detail.row.root_run_id, run_id(1));
  EXPECT_FALSE(detail.row.parent_run_id);
  EXPECT_EQ(detail.row.started_at, at(1));
  EXPECT_EQ(detail.row.updated_at, at(9));
  EXPECT_EQ(detail.row.ended_at, at(3));
  EXPECT_EQ(detail.row.revision, 4U);
  EXPECT_EQ(detail.input, Value::object({{"n", Value::integer(1)}}));
  EXPECT_EQ(detail.output, Value::object({{"ok", true}}));
  EXPECT_FALSE(detail.error);
}

TEST_F(PgReads, AFaultedRunHasItsErrorAndARunningOneNeither) {
  ports::Start faulted = start(1, RunStatus::faulted);
  add(faulted, EventType::run_faulted, "",
      Value::object({{"error", Value::object({{"status", Value::integer(500)}})}}));
  commit(std::move(faulted));
  commit(start(2));
  auto run = answer_of<std::optional<RunDetail>>([&](auto then) { reads_.run(a(), run_id(1), std::move(then)); });
  ASSERT_TRUE(run && *run);
  EXPECT_EQ((*run)->error, Value::object({{"status", Value::integer(500)}}));
  EXPECT_FALSE((*run)->output);
  run = answer_of<std::optional<RunDetail>>([&](auto then) { reads_.run(a(), run_id(2), std::move(then)); });
  ASSERT_TRUE(run && *run);
  EXPECT_FALSE((*run)->output);
  EXPECT_FALSE((*run)->error);
  EXPECT_FALSE((*run)->row.ended_at);
  run = answer_of<std::optional<RunDetail>>([&](auto then) { reads_.run(a(), run_id(3), std::move(then)); });
  ASSERT_TRUE(run);
  EXPECT_FALSE(*run);
}

TEST_F(PgReads, EventsComeInPagesBySeq) {
  ports::Start given = start(1);
  for (int i = 0; i < 4; ++i)
    add(given, EventType::task_completed, "/do/" + std::to_string(i) + "/t",
        Value::object({{"output", Value::integer(i)}}));
  commit(std::move(given));
  const auto page_after = [&](std::uint32_t after) {
    auto page = answer_of<std::optional<EventPage>>(
        [&](auto then) { reads_.events(a(), run_id(1), after, 2, std::move(then)); });
    EXPECT_TRUE(page && *page);
    return std::move(**page);
  };
  EventPage page = page_after(0);
  ASSERT_EQ(page.events.size(), 2U);
  EXPECT_EQ(page.events[0].type, EventType::run_started);
  EXPECT_EQ(page.events[1].path, "/do/0/t");
  EXPECT_EQ(page.events[1].ts, at(2));
  EXPECT_EQ(page.next_after, 2U);
  page = page_after(4);
  ASSERT_EQ(page.events.size(), 1U);
  EXPECT_EQ(page.events[0].payload, Value::object({{"output", Value::integer(3)}}));
  EXPECT_FALSE(page.next_after);
  EXPECT_TRUE(page_after(5).events.empty());
  EXPECT_TRUE(page_after(UINT32_MAX).events.empty());
}

TEST_F(PgReads, APageOfLargeEventsEndsEarlyAndLeadsOn) {
  ports::Start given = start(1);
  const std::string megabyte(1 << 20, 'x');  // compressed it is small: what counts is what is read
  for (int i = 0; i < 9; ++i)
    add(given, EventType::task_completed, "/do/" + std::to_string(i) + "/t", Value::object({{"output", megabyte}}));
  commit(std::move(given));
  std::vector<std::size_t> sizes;
  std::optional<std::uint32_t> after = 0;
  while (after) {
    auto page = answer_of<std::optional<EventPage>>(
        [&](auto then) { reads_.events(a(), run_id(1), *after, 200, std::move(then)); });
    ASSERT_TRUE(page && *page);
    sizes.push_back((*page)->events.size());
    after = (*page)->next_after;
  }
  EXPECT_EQ(sizes, (std::vector<std::size_t>{5, 4, 1}));  // the first event is small, four more are beyond 4 MiB
}

TEST_F(PgReads, StepsOfALongHistoryAreCutAndThatIsSaid) {
  ports::Start given = start(1);
  const std::string megabyte(1 << 20, 'x');
  for (int i = 0; i < 40; ++i)
    add(given, EventType::task_completed, "/do/" + std::to_string(i) + "/t", Value::object({{"output", megabyte}}));
  commit(std::move(given));
  const auto steps = answer_of<std::optional<Steps>>([&](auto then) { reads_.steps(a(), run_id(1), std::move(then)); });
  ASSERT_TRUE(steps && *steps);
  EXPECT_TRUE((*steps)->cut);
  EXPECT_GE((*steps)->steps.size(), 31U);
  EXPECT_LE((*steps)->steps.size(), 36U);  // 32 MiB, and what the last page brought beyond
}

TEST_F(PgReads, StepsAreMadeOfManyPages) {
  ports::Start given = start(1);
  for (int i = 0; i < 2'500; ++i)
    add(given, EventType::task_completed, "/do/" + std::to_string(i) + "/t", Value::object());
  commit(std::move(given));
  const auto steps = answer_of<std::optional<Steps>>([&](auto then) { reads_.steps(a(), run_id(1), std::move(then)); });
  ASSERT_TRUE(steps && *steps);
  EXPECT_FALSE((*steps)->cut);
  ASSERT_EQ((*steps)->steps.size(), 2'500U);
  EXPECT_EQ((*steps)->steps.back().path, "/do/2499/t");
}

TEST_F(PgReads, StepsNameTheirWorker) {
  const Uuid invocation = id("0190f0c0-0000-8000-8000-000000000001");
  ports::Start given = start(1);
  add(given, EventType::task_completed, "/do/0/prepare", Value::object({{"output", "x"}}));
  add(given, EventType::invocation_requested, "/do/1/charge",
      Value::object({{"invocation", invocation.text()}, {"attempt", Value::integer(1)}}));
  core::Invocation requested;
  requested.id = invocation;
  requested.path = "/do/1/charge";
  requested.queue = "default";
  requested.action = "shop.charge";
  requested.key = "k";
  requested.event_seq = 3;
  requested.event_ts = at(3);
  given.change.decision.requested.push_back(requested);
  commit(std::move(given));
  ports::Batch claim;
  claim.claims.push_back(
      {.key = {a(), invocation}, .attempt = 1, .lease = 0, .worker = "w-1", .for_time = std::chrono::seconds(30)});
  bool committed = false;
  storage_.commit(loop_, std::move(claim), [&](auto result) { committed = result && result->claims[0].has_value(); });
  pg::test::run_until(io_, [&] { return committed; });

  const auto steps = answer_of<std::optional<Steps>>([&](auto then) { reads_.steps(a(), run_id(1), std::move(then)); });
  ASSERT_TRUE(steps && *steps);
  EXPECT_FALSE((*steps)->cut);
  ASSERT_EQ((*steps)->steps.size(), 2U);
  const Step& charge = (*steps)->steps[1];
  EXPECT_EQ(charge.task, "charge");
  EXPECT_EQ(charge.status, StepStatus::running);
  EXPECT_EQ(charge.invocation_id, invocation);
  EXPECT_EQ(charge.worker, "w-1");
  EXPECT_EQ((*steps)->steps[0].worker, "");
}

TEST_F(PgReads, DefinitionsAndVersionsAreListedAndFound) {
  const auto list = answer_of<Page<DefinitionRow>>(
      [&](auto then) { reads_.definitions(a(), {.after = std::nullopt, .limit = 1}, std::move(then)); });
  ASSERT_TRUE(list);
  ASSERT_EQ(list->items.size(), 1U);
  EXPECT_EQ(list->items[0].name, "refund");
  EXPECT_EQ(list->items[0].active_version, "1.0.0");
  const auto second = answer_of<Page<DefinitionRow>>(
      [&](auto then) { reads_.definitions(a(), {.after = list->next, .limit = 1}, std::move(then)); });
  ASSERT_TRUE(second);
  ASSERT_EQ(second->items.size(), 1U);
  EXPECT_EQ(second->items[0].name, "order");
  EXPECT_FALSE(second->next);

  const auto find = [&](std::string name, std::string version) {
    auto found = answer_of<std::optional<VersionDetail>>(
        [&](auto then) { reads_.definition(a(), "shop", name, version, std::move(then)); });
    EXPECT_TRUE(found);
    return std::move(*found);
  };
  const std::optional<VersionDetail> active = find("order", "");
  ASSERT_TRUE(active);
  EXPECT_EQ(active->version, "1.0.0");
  EXPECT_TRUE(active->active);
  EXPECT_EQ(active->source, "do: []");
  EXPECT_EQ(active->source_type, "application/yaml");
  EXPECT_EQ(active->document, Value::object({{"do", Value::array()}}));
  EXPECT_TRUE(find("order", "1.0.0"));
  EXPECT_FALSE(find("order", "2.0.0"));
  EXPECT_FALSE(find("nothing", ""));

  const auto versions =
      answer_of<Page<VersionRow>>([&](auto then) { reads_.versions(a(), "shop", "order", {}, std::move(then)); });
  ASSERT_TRUE(versions);
  ASSERT_EQ(versions->items.size(), 1U);
  EXPECT_EQ(versions->items[0].version, "1.0.0");
  EXPECT_TRUE(versions->items[0].active);
}

}  // namespace

}  // namespace pawl::store
