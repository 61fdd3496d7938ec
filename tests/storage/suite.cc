#include "storage/suite.h"

#include <numeric>

namespace pawl::storage_suite {

namespace {

constexpr const char* source = "document: {dsl: 1.0.0, namespace: test, name: flow, version: 1.0.0}\ndo: []\n";

}  // namespace

Time at(int seconds) { return Time{std::chrono::seconds{1'793'534'400 + seconds}}; }

void StorageTest::SetUp() {
  server_ = GetParam().make();
  tenant_ = server_->make_tenant();
  version_ = server_->deploy(tenant_, "test", "flow", "1.0.0", source);
}

Uuid StorageTest::id(std::uint64_t number) const {
  Uuid made = Uuid::version7(at(0), number, number);
  for (int byte = 0; byte < 4; ++byte)
    made.bytes[static_cast<std::size_t>(12 + byte)] = static_cast<std::uint8_t>(number >> (24 - 8 * byte));
  return made;
}

Client StorageTest::make_client(std::uint8_t number) {
  Client client{id(1'000'000 + number), id(2'000'000 + number), server_->connect()};
  ports::NodeInfo node{client.node, "node " + std::to_string(number), "", std::chrono::seconds{10}};
  EXPECT_TRUE(answer_of<Time>([&](Done<Time> then) { client.storage->register_node(node, std::move(then)); }));
  EXPECT_TRUE(answer_of<void>(
      [&](Done<void> then) { client.storage->register_loop(client.loop, client.node, std::move(then)); }));
  return client;
}

ports::Start StorageTest::start(ports::RunKey key) const {
  ports::Start start;
  start.head.definition = version_.definition;
  start.head.version = version_.version;
  start.head.trigger_kind = "api";
  start.head.started_at = at(0);
  start.change.key = key;
  start.change.now = 1;
  start.change.status = core::RunStatus::running;
  start.change.updated_at = at(0);
  start.change.epoch = 1;
  start.change.decision.events.push_back(
      {1, core::EventType::run_started, at(0), "", json::Value::object({{"input", json::Value::object()}})});
  return start;
}

ports::RunChange StorageTest::change(ports::RunKey key, std::uint32_t was) const {
  ports::RunChange change;
  change.key = key;
  change.was = was;
  change.now = was + 1;
  change.status = core::RunStatus::running;
  change.updated_at = at(static_cast<int>(was));
  change.epoch = 1;
  change.decision.events.push_back(
      {was + 1, core::EventType::task_completed, at(static_cast<int>(was)), "/do/0/a",
       json::Value::object({{"output", json::Value::integer(static_cast<std::int64_t>(was))}})});
  return change;
}

core::Invocation StorageTest::request(ports::InvocationKey key, std::uint32_t event_seq) const {
  core::Invocation requested;
  requested.id = key.invocation;
  requested.path = "/do/0/a";
  requested.queue = "default";
  requested.action = "shop.charge";
  requested.version = "1.0.0";
  requested.key = "key of " + key.invocation.text();
  requested.event_seq = event_seq;
  requested.event_ts = at(static_cast<int>(event_seq) - 1);
  return requested;
}

core::Wait StorageTest::wait(std::uint32_t number, Time due_at) const {
  return {number, core::WaitKind::timer, "/do/1/b", due_at};
}

CommitResult StorageTest::commit(Client& client, ports::Batch batch) {
  std::optional<CommitResult> answer;
  client.storage->commit(client.loop, std::move(batch),
                         [&](CommitResult result) { answer.emplace(std::move(result)); });
  if (!server_->run_until([&] { return answer.has_value(); })) {
    ADD_FAILURE() << "a commit was not answered";
    return std::unexpected(ports::CommitFailure{});
  }
  return std::move(*answer);
}

CommitResult StorageTest::commit(Client& client, ports::Start start) {
  ports::Batch batch;
  batch.starts.push_back(std::move(start));
  return commit(client, std::move(batch));
}

CommitResult StorageTest::commit(Client& client, ports::RunChange change) {
  ports::Batch batch;
  batch.changes.push_back(std::move(change));
  return commit(client, std::move(batch));
}

void StorageTest::rollback(Client& client) {
  EXPECT_TRUE(answer_of<void>([&](Done<void> then) { client.storage->rollback(std::move(then)); }));
}

ports::StoredRun StorageTest::load(Client& client, ports::RunKey key) {
  auto loaded =
      answer_of<std::optional<ports::StoredRun>>([&](auto then) { client.storage->load_run(key, std::move(then)); });
  if (!loaded || !*loaded) {
    ADD_FAILURE() << "no run " << key.run.text() << (loaded ? "" : ": " + loaded.error().detail);
    return {};
  }
  return std::move(**loaded);
}

ports::StoredInvocation StorageTest::load(Client& client, ports::InvocationKey key) {
  auto loaded = answer_of<std::optional<ports::StoredInvocation>>(
      [&](auto then) { client.storage->load_invocation(key, std::move(then)); });
  if (!loaded || !*loaded) {
    ADD_FAILURE() << "no invocation " << key.invocation.text() << (loaded ? "" : ": " + loaded.error().detail);
    return {};
  }
  return std::move(**loaded);
}

Result<std::vector<ports::OwnedLane>> StorageTest::take_lanes(Client& client, std::optional<Uuid> from,
                                                              std::vector<ports::Lane> lanes) {
  return answer_of<std::vector<ports::OwnedLane>>(
      [&](auto then) { client.storage->take_lanes(client.loop, from, std::move(lanes), std::move(then)); });
}

Result<std::vector<ports::LoopView>> StorageTest::renew(Client& client) {
  auto renewed = answer_of<ports::Renewal>([&](auto then) { client.storage->renew(client.node, std::move(then)); });
  if (!renewed) return pawl::fail(std::move(renewed.error()));
  return std::move(renewed->loops);
}

Result<void> StorageTest::fence(Client& client, Uuid loop) {
  return answer_of<void>([&](Done<void> then) { client.storage->fence_loop(loop, std::move(then)); });
}

}  // namespace pawl::storage_suite
