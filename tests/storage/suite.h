// The conformance suite of ports::Storage: what every implementation must do alike.
//
// An implementation joins by a Server, and INSTANTIATE_TEST_SUITE_P(Name, …) of StorageTest, InvocationTest and
// InboxTest, in a file of its own.
#pragma once

#include <gtest/gtest.h>

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "ports/storage.h"

namespace pawl::storage_suite {

// A database of the test's own, empty but for the schema, and what a test does to it beside ports::Storage.
class Server {
 public:
  virtual ~Server() = default;

  // A client with a commit session of its own.
  virtual std::unique_ptr<ports::Storage> connect() = 0;
  // Lets time pass until the condition holds; false after what must suffice (ten seconds of real, a minute of virtual
  // time).
  virtual bool run_until(const std::function<bool()>& condition) = 0;

  virtual Uuid make_tenant() = 0;
  // A version of a definition, which becomes the active one. The source is a valid document of that name.
  virtual ports::StoredVersion deploy(Uuid tenant, const std::string& namespace_, const std::string& name,
                                      const std::string& version, const std::string& source) = 0;

  // What applications do in transactions of their own, which are committed when these return: cancel_run(), and
  // complete_task(), which is false for a stale token.
  virtual void cancel(const ports::RunKey& run, const std::string& reason) = 0;
  virtual bool complete(const ports::InvocationKey& key, std::uint32_t attempt, std::uint32_t lease) = 0;

  // A user's transaction that has locked the row FOR UPDATE, until the object goes.
  struct Held {
    virtual ~Held() = default;
  };
  virtual std::unique_ptr<Held> lock(const ports::InvocationKey& key) = 0;
  virtual std::unique_ptr<Held> lock(const ports::RunKey& key) = 0;
};

struct Factory {
  std::string name;
  std::function<std::unique_ptr<Server>()> make;
};

using CommitResult = std::expected<ports::Committed, ports::CommitFailure>;

// One client with its node and its loop, which has all lanes that nobody has.
struct Client {
  Uuid node, loop;
  std::unique_ptr<ports::Storage> storage;
};

// 2026-11-01T12:00:00Z and so many seconds.
Time at(int seconds);

class StorageTest : public testing::TestWithParam<Factory> {
 protected:
  void SetUp() override;

  Client make_client(std::uint8_t number);  // its node's and loop's ids follow from the number
  Uuid id(std::uint64_t number) const;      // lane = number mod 4096
  ports::RunKey run(std::uint64_t number) const { return {tenant_, id(number)}; }
  ports::InvocationKey invocation(std::uint64_t number) const { return {tenant_, id(number)}; }

  // A start with one event; what else it opens is added by the test.
  ports::Start start(ports::RunKey key) const;
  // One event more than `was`.
  ports::RunChange change(ports::RunKey key, std::uint32_t was) const;
  core::Invocation request(ports::InvocationKey key, std::uint32_t event_seq) const;
  core::Wait wait(std::uint32_t number, Time due_at) const;

  CommitResult commit(Client& client, ports::Batch batch);
  CommitResult commit(Client& client, ports::Start start);
  CommitResult commit(Client& client, ports::RunChange change);
  void rollback(Client& client);
  ports::StoredRun load(Client& client, ports::RunKey key);  // fails the test when there is none
  ports::StoredInvocation load(Client& client, ports::InvocationKey key);

  // Calls and waits for the answer.
  template <class T, class Call>
  Result<T> answer_of(Call call) {
    std::optional<Result<T>> answer;
    call([&answer](Result<T> result) { answer.emplace(std::move(result)); });
    if (!server_->run_until([&] { return answer.has_value(); }))
      return pawl::fail({.code = "no-answer", .title = {}, .detail = {}, .instance = {}, .hint = {}});
    return std::move(*answer);
  }
  Result<std::vector<ports::OwnedLane>> take_lanes(Client& client, std::optional<Uuid> from,
                                                   std::vector<ports::Lane> lanes);
  Result<std::vector<ports::LoopView>> renew(Client& client);
  Result<void> fence(Client& client, Uuid loop);

  std::unique_ptr<Server> server_;
  Uuid tenant_;
  ports::StoredVersion version_;
};

// Run 5 with invocation 5 + 4096, so that both have one lane.
class InvocationTest : public StorageTest {
 protected:
  void SetUp() override {
    StorageTest::SetUp();
    client = make_client(1);
    key = invocation(5 + 4096);
    ports::Start opening = start(run(5));
    opening.head.priority = 7;
    opening.change.decision.requested.push_back(request(key, 1));
    ASSERT_TRUE(commit(client, std::move(opening)));
  }

  ports::RunChange resolving(std::uint32_t was, core::Resolved::How how, std::uint32_t attempt = 1) const {
    ports::RunChange resolving = change(run(5), was);
    resolving.decision.resolved.push_back({key.invocation, attempt, how});
    return resolving;
  }

  ports::RunChange reopening(std::uint32_t was, std::uint32_t attempt) const {
    ports::RunChange reopening = change(run(5), was);
    core::Invocation again = request(key, was + 1);
    again.attempt = attempt;
    reopening.decision.requested.push_back(again);
    return reopening;
  }

  CommitResult claim(std::uint32_t lease, Microseconds for_time = std::chrono::minutes{1}, std::uint32_t attempt = 1) {
    ports::Batch batch;
    batch.claims.push_back({key, attempt, lease, "worker " + std::to_string(lease), for_time});
    return commit(client, std::move(batch));
  }

  CommitResult extend(std::uint32_t lease, bool progress = false, std::uint32_t attempt = 1) {
    ports::Batch batch;
    batch.extensions.push_back({key, attempt, lease, std::chrono::minutes{5}, progress});
    return commit(client, std::move(batch));
  }

  Client client;
  ports::InvocationKey key;
};

// The same run and invocation, and what applications ask of them.
class InboxTest : public InvocationTest {
 protected:
  ports::InboxPage read(std::vector<ports::Lane> lanes = {5}, std::optional<Uuid> after = {},
                        std::uint32_t limit = 10) {
    auto page = answer_of<ports::InboxPage>([&](Done<ports::InboxPage> then) {
      client.storage->load_inbox(std::move(lanes), after, limit, std::move(then));
    });
    EXPECT_TRUE(page) << page.error().detail;
    return page ? *page : ports::InboxPage();
  }
  Result<void> arm(bool armed) {
    return answer_of<void>([&](Done<void> then) { client.storage->arm_doorbell(client.loop, armed, std::move(then)); });
  }
};

}  // namespace pawl::storage_suite
