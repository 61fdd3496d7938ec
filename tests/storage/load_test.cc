// What recovery reads: open invocations and due waits by lane, in windows; versions by name.
#include <algorithm>
#include <set>

#include "storage/suite.h"

namespace pawl::storage_suite {
namespace {

struct Found {
  std::multiset<Uuid> invocations;
  std::multiset<std::pair<Uuid, std::uint32_t>> waits;
  int windows = 0;
};

class LoadAll {
 public:
  explicit LoadAll(std::function<Result<ports::PendingPage>(ports::PendingCursor)> load) : load_(std::move(load)) {}

  Found run() {
    Found found;
    ports::PendingCursor cursor;
    for (bool more = true; more && found.windows < 50; ++found.windows) {
      const Result<ports::PendingPage> page = load_(cursor);
      if (!page) {
        ADD_FAILURE() << page.error().detail;
        break;
      }
      for (const auto& row : page->invocations) found.invocations.insert(row.key.invocation);
      for (const auto& row : page->waits) found.waits.insert({row.key.run, row.wait.wait_no});
      cursor = page->next;
      more = page->more;
    }
    return found;
  }

 private:
  std::function<Result<ports::PendingPage>(ports::PendingCursor)> load_;
};

TEST_P(StorageTest, PendingRowsComeInWindowsEachOnce) {
  Client client = make_client(1);
  ports::Batch batch;
  Found expected;
  for (std::uint64_t number = 1; number <= 7; ++number) {
    ports::Start opening = start(run(number));
    if (number <= 5) {
      opening.change.decision.requested.push_back(request(invocation(number + 4096), 1));
      expected.invocations.insert(id(number + 4096));
    }
    for (std::uint32_t wait_no = 1; wait_no <= 2; ++wait_no) {
      opening.change.decision.opened.push_back(wait(wait_no, at(static_cast<int>(number % 3))));
      expected.waits.insert({id(number), wait_no});
    }
    batch.starts.push_back(std::move(opening));
  }
  ASSERT_TRUE(commit(client, std::move(batch)));
  const Found found = LoadAll([&](ports::PendingCursor cursor) {
                        return answer_of<ports::PendingPage>([&](auto then) {
                          client.storage->load_pending({1, 2, 3, 4, 5, 6, 7}, at(60), cursor, 2, std::move(then));
                        });
                      }).run();
  EXPECT_EQ(found.invocations, expected.invocations);
  EXPECT_EQ(found.waits, expected.waits);
  EXPECT_GE(found.windows, 7);
}

TEST_P(StorageTest, PendingRowsAreThoseOfTheLanesAndOfTheTime) {
  Client client = make_client(1);
  ports::Batch batch;
  for (std::uint64_t number = 1; number <= 2; ++number) {
    ports::Start opening = start(run(number));
    opening.change.decision.requested.push_back(request(invocation(number + 4096), 1));
    opening.change.decision.opened = {wait(1, at(10)), wait(2, at(20))};
    batch.starts.push_back(std::move(opening));
  }
  ASSERT_TRUE(commit(client, std::move(batch)));
  const auto page = answer_of<ports::PendingPage>(
      [&](auto then) { client.storage->load_pending({2}, at(20), {}, 100, std::move(then)); });
  ASSERT_TRUE(page) << page.error().detail;
  EXPECT_FALSE(page->more);
  ASSERT_EQ(page->invocations.size(), 1U);
  EXPECT_EQ(page->invocations[0].run, id(2));
  ASSERT_EQ(page->waits.size(), 1U) << "the one before, not the one at that time";
  EXPECT_EQ(page->waits[0].key, run(2));
  EXPECT_EQ(page->waits[0].wait.wait_no, 1U);
  EXPECT_EQ(page->waits[0].wait.kind, core::WaitKind::timer);
  EXPECT_EQ(page->waits[0].wait.path, "/do/1/b");
  EXPECT_EQ(page->waits[0].wait.due_at, at(10));
}

TEST_P(StorageTest, WhatIsClosedOrResolvedIsNotPending) {
  Client client = make_client(1);
  ports::Start opening = start(run(1));
  opening.change.decision.requested.push_back(request(invocation(1 + 4096), 1));
  opening.change.decision.opened.push_back(wait(1, at(10)));
  ASSERT_TRUE(commit(client, std::move(opening)));
  ports::RunChange closing = change(run(1), 1);
  closing.decision.closed = {1};
  closing.decision.resolved.push_back({id(1 + 4096), 1, core::Resolved::How::completed});
  ASSERT_TRUE(commit(client, std::move(closing)));
  const auto page = answer_of<ports::PendingPage>(
      [&](auto then) { client.storage->load_pending({1}, at(60), {}, 100, std::move(then)); });
  ASSERT_TRUE(page);
  EXPECT_TRUE(page->invocations.empty());
  EXPECT_TRUE(page->waits.empty());
  EXPECT_FALSE(page->more);
}

TEST_P(StorageTest, LeasedInvocationsArePendingToo) {
  Client client = make_client(1);
  ports::Start opening = start(run(1));
  opening.change.decision.requested.push_back(request(invocation(1 + 4096), 1));
  ASSERT_TRUE(commit(client, std::move(opening)));
  ports::Batch batch;
  batch.claims.push_back({invocation(1 + 4096), 1, 0, "w", std::chrono::minutes{1}});
  ASSERT_TRUE(commit(client, std::move(batch)));
  const auto page = answer_of<ports::PendingPage>(
      [&](auto then) { client.storage->load_pending({1}, at(60), {}, 100, std::move(then)); });
  ASSERT_TRUE(page);
  ASSERT_EQ(page->invocations.size(), 1U);
  EXPECT_EQ(page->invocations[0].status, ports::InvocationStatus::leased);
  EXPECT_EQ(page->invocations[0].worker, "w");
  EXPECT_EQ(page->invocations[0].lease, 1U);
}

TEST_P(StorageTest, VersionsAreFoundByNameAndById) {
  Client client = make_client(1);
  const ports::StoredVersion newer = server_->deploy(tenant_, "test", "flow", "1.1.0", version_.source);
  const auto resolve = [&](Uuid tenant, const char* name, const char* version) {
    const auto found = answer_of<std::optional<ports::StoredVersion>>(
        [&](auto then) { client.storage->resolve_version(tenant, "test", name, version, std::move(then)); });
    EXPECT_TRUE(found);
    return found ? *found : std::nullopt;
  };
  const auto active = resolve(tenant_, "flow", "");
  ASSERT_TRUE(active);
  EXPECT_EQ(active->version, newer.version);
  EXPECT_EQ(active->definition, newer.definition);
  EXPECT_EQ(active->version_name, "1.1.0");
  EXPECT_EQ(active->namespace_, "test");
  EXPECT_EQ(active->name, "flow");
  EXPECT_EQ(active->source, version_.source);
  const auto old = resolve(tenant_, "flow", "1.0.0");
  ASSERT_TRUE(old);
  EXPECT_EQ(old->version, version_.version);
  EXPECT_FALSE(resolve(tenant_, "flow", "3.0.0"));
  EXPECT_FALSE(resolve(tenant_, "flew", ""));
  EXPECT_FALSE(resolve(server_->make_tenant(), "flow", "")) << "another tenant's";

  const auto load = [&](Uuid tenant, Uuid version) {
    const auto found = answer_of<std::optional<ports::StoredVersion>>(
        [&](auto then) { client.storage->load_version(tenant, version, std::move(then)); });
    return found && found->has_value();
  };
  EXPECT_TRUE(load(tenant_, version_.version));
  EXPECT_FALSE(load(tenant_, id(1)));
  EXPECT_FALSE(load(server_->make_tenant(), version_.version));
}

TEST_P(StorageTest, ARunOfAnotherTenantIsNone) {
  Client client = make_client(1);
  ASSERT_TRUE(commit(client, start(run(5))));
  const Uuid other = server_->make_tenant();
  const auto loaded = answer_of<std::optional<ports::StoredRun>>(
      [&](auto then) { client.storage->load_run({other, id(5)}, std::move(then)); });
  ASSERT_TRUE(loaded);
  EXPECT_FALSE(*loaded);
}

}  // namespace
}  // namespace pawl::storage_suite
