#include "simulation/client.h"

namespace pawl::simulation {

using std::chrono::milliseconds;
using std::chrono::seconds;

namespace {

// Whether the same call may succeed later.
bool worth_a_retry(const std::optional<Result<engine::RunView>>& answer) {
  return !answer || answer->error().status == 503 || answer->error().status == 429;
}

}  // namespace

void Client::begin(Microseconds after) {
  world_.scheduler.after(after, [this] {
    if (wish_.by_sql)
      start_by_sql();
    else
      start(wish_.tries);
  });
}

void Client::start_by_sql() {
  const Uuid run =
      Uuid::version7(world_.database.now(), world_.scheduler.random().next(), world_.scheduler.random().next());
  {
    store::memory::MemoryDatabase::UserTransaction user(world_.database);
    user.put(
        {world_.tenant, run}, ports::InboxKind::start,
        json::Value::object({{"definition", json::Value("sim/" + wish_.workflow)}, {"version", json::Value("1.0.0")}}),
        json::Value::object({{"n", json::Value::integer(wish_.number)}}));
    user.commit();
  }
  run_ = run;
  over_ = true;
  world_.ledger.start_committed(run);
  if (wish_.waits) wait(10);
  if (!wish_.cancels) return;
  world_.scheduler.after(world_.scheduler.between(milliseconds{0}, seconds{3}), [this] { cancel_by_sql(); });
}

void Client::cancel_by_sql() {
  store::memory::MemoryDatabase::UserTransaction user(world_.database);
  user.put({world_.tenant, *run_}, ports::InboxKind::cancel, json::Value::object({{"reason", json::Value("no more")}}));
  user.commit();
}

void Client::start(int tries) {
  engine::StartRun request;
  request.tenant = world_.tenant;
  request.namespace_ = "sim";
  request.name = wish_.workflow;
  request.input = json::Value::object({{"n", json::Value::integer(wish_.number)}});
  request.idempotency_key = wish_.key;
  request.request_sha256 = sha256(wish_.workflow + std::to_string(wish_.number));
  const auto send = [this, request](engine::Node& node, Done<engine::RunView> then) {
    node.start(request, [this, then = std::move(then)](Result<engine::RunView> answer) mutable {
      if (answer) world_.ledger.start_answered(*answer, wish_.key);
      then(std::move(answer));
    });
  };
  world_.call<engine::RunView>("start", send, [this, tries](std::optional<Result<engine::RunView>> answer) {
    if (answer && *answer) return started(**answer);
    if (answer && !worth_a_retry(answer))
      world_.scheduler.note("start refused", static_cast<std::uint64_t>(answer->error().status));
    if (tries <= 1 || !worth_a_retry(answer)) {
      over_ = true;
      return;
    }
    world_.scheduler.after(milliseconds{150}, [this, tries] { start(tries - 1); });
  });
}

void Client::started(const engine::RunView& view) {
  run_ = view.id;
  over_ = true;
  if (wish_.waits) wait(10);
  if (wish_.cancels) {
    world_.scheduler.after(world_.scheduler.between(milliseconds{0}, seconds{3}), [this] { cancel(20); });
  }
}

void Client::cancel(int tries) {
  const auto send = [this](engine::Node& node, Done<engine::RunView> then) {
    node.cancel(world_.tenant, *run_, "the client wants it no more",
                [this, then = std::move(then)](Result<engine::RunView> answer) mutable {
                  if (answer) world_.ledger.run_answered(*answer);
                  then(std::move(answer));
                });
  };
  world_.call<engine::RunView>("cancel", send, [this, tries](std::optional<Result<engine::RunView>> answer) {
    if (answer && *answer) return;
    if (tries > 1 && worth_a_retry(answer))
      world_.scheduler.after(milliseconds{250}, [this, tries] { cancel(tries - 1); });
  });
}

void Client::wait(int tries) {
  const auto send = [this](engine::Node& node, Done<engine::RunView> then) {
    node.when_ended({world_.tenant, *run_}, [this, then = std::move(then)](Result<engine::RunView> answer) mutable {
      if (answer) world_.ledger.ended_answered(*answer);
      then(std::move(answer));
    });
  };
  world_.call<engine::RunView>(
      "wait", send,
      [this, tries](std::optional<Result<engine::RunView>> answer) {
        if (answer && *answer) return;
        if (tries > 1 && worth_a_retry(answer))
          world_.scheduler.after(milliseconds{250}, [this, tries] { wait(tries - 1); });
      },
      seconds{20});
}

}  // namespace pawl::simulation
