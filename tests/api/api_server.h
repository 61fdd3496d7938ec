// For tests: the whole API over a database of its own: server, routes, engine, store.
#pragma once

#include <boost/asio/steady_timer.hpp>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "access/authenticator.h"
#include "access/tenants.h"
#include "access/tokens.h"
#include "engine/node.h"
#include "engine/program_cache.h"
#include "http/client.h"
#include "http/routes.h"
#include "http/running_server_test.h"
#include "json/parse.h"
#include "ports/clock.h"
#include "ports/transport.h"
#include "store/definitions.h"
#include "store/postgres/storage.h"
#include "store/reads.h"
#include "store/task_logs.h"
#include "store/test_database.h"

namespace pawl::http {

// The machine's time; good enough where one machine is all there is.
class TestClock final : public ports::Clock {
 public:
  explicit TestClock(boost::asio::io_context& io) : io_(io) {}

  Time now() const override { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }
  ports::Steady steady() const override {
    return ports::Steady(std::chrono::duration_cast<Microseconds>(std::chrono::steady_clock::now().time_since_epoch()));
  }
  ports::TimerId call_at(Time when, std::move_only_function<void()> then) override {
    return call_after(when - now(), std::move(then));
  }
  ports::TimerId call_after(Microseconds pause, std::move_only_function<void()> then) override {
    const ports::TimerId id = ++last_;
    auto& timer = timers_.try_emplace(id, io_).first->second;
    timer.expires_after(std::max(pause, Microseconds(0)));
    timer.async_wait([this, id, then = std::move(then)](const boost::system::error_code& error) mutable {
      if (error) return;
      auto call = std::move(then);
      timers_.erase(id);
      call();
    });
    return id;
  }
  void cancel(ports::TimerId timer) override { timers_.erase(timer); }

 private:
  boost::asio::io_context& io_;
  std::map<ports::TimerId, boost::asio::steady_timer> timers_;
  ports::TimerId last_ = 0;
};

class NoTransport final : public ports::Transport {
 public:
  ports::CallId call(ports::Call, std::move_only_function<void(ports::CallOutcome)>) override { return ++last_; }
  void abort(ports::CallId) override {}

 private:
  ports::CallId last_ = 0;
};

class ApiServer {
 public:
  ApiServer()
      : running_([this](Request request, Responder respond) { router_(std::move(request), std::move(respond)); }) {
    running_.run([this] { rooms_ = std::make_unique<Rooms>(running_.context(), database_.conninfo(), router_); });
    token_ = token_of("one");
    other_token_ = token_of("two");
    bool ready = false;
    while (!ready) {
      running_.run([&] { ready = rooms_->node.ready(); });
      if (!ready) std::this_thread::sleep_for(std::chrono::milliseconds(5));
    }
  }
  ~ApiServer() {
    running_.run([this] { rooms_.reset(); });
  }

  const std::string& token() const { return token_; }
  const std::string& other_token() const { return other_token_; }
  RunningServer& running() { return running_; }
  const Router& router() const { return router_; }
  Metrics& metrics() { return rooms_->metrics; }
  const store::test::Database& database() const { return database_; }

 private:
  struct Rooms {
    Rooms(boost::asio::io_context& io, const std::string& conninfo, Router& router)
        : clock(io),
          control(io, {.conninfo = conninfo, .allow_fsync_off = true}),
          loop(io, {.conninfo = conninfo, .allow_fsync_off = true}),
          node({.info = {.node = Uuid::version7(clock.now(), 1, 2),
                         .name = "test",
                         .address = {},
                         .lease = std::chrono::seconds(10)}},
               clock, control, {&loop}, transport, programs, metrics),
          reads(io, {.conninfo = conninfo}),
          definitions(io, {.conninfo = conninfo}),
          logs(io, {.conninfo = conninfo}),
          authenticator(io, {.conninfo = conninfo}),
          parts{node, programs, reads, definitions, logs, authenticator, metrics, clock} {
      add_definition_routes(router, parts);
      add_run_routes(router, parts);
      add_stream_routes(router, parts);
      add_log_routes(router, parts);
      add_explain_routes(router, parts);
      add_worker_routes(router, parts);
      add_operation_routes(router, parts);
      node.begin();
    }
    Metrics metrics;
    TestClock clock;
    engine::ProgramCache programs;
    store::PostgresStorage control, loop;
    NoTransport transport;
    engine::Node node;
    store::Reads reads;
    store::Definitions definitions;
    store::TaskLogs logs;
    access::Authenticator authenticator;
    Parts parts;
  };

  std::string token_of(const std::string& tenant) {
    const auto made = access::ensure_tenant(database_.conninfo(), tenant);
    if (!made) throw std::runtime_error(made.error().code + " " + made.error().detail);
    return access::create_token(database_.conninfo(), tenant, "test", std::nullopt)->text;
  }

  store::test::Database database_;
  Router router_;
  std::unique_ptr<Rooms> rooms_;
  RunningServer running_;
  std::string token_, other_token_;
};

}  // namespace pawl::http
