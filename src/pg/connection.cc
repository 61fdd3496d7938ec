#include "pg/connection.h"

#include "pg/awaitable_of.h"
#include "pg/session.h"

namespace pawl::pg {

Connection::Connection(boost::asio::io_context& io) : session_(std::make_shared<Session>(io)) {}

Connection::~Connection() { abandon(); }

void Connection::abandon() {
  const auto session = session_;
  session->abandon();
}

void Connection::open(ConnectOptions options, Opened then) { session_->open(std::move(options), std::move(then)); }

Awaitable<Outcome<void>> Connection::open(ConnectOptions options) {
  return awaitable_of<Outcome<void>>([session = session_, options = std::move(options)](Opened then) mutable {
    session->open(std::move(options), std::move(then));
  });
}

void Connection::send(Pipeline pipeline, Microseconds timeout, Answer then) {
  session_->send(std::move(pipeline), timeout, std::move(then));
}

Awaitable<Outcome<Results>> Connection::run(Pipeline pipeline, Microseconds timeout) {
  return awaitable_of<Outcome<Results>>(
      [session = session_, pipeline = std::move(pipeline), timeout](Answer then) mutable {
        session->send(std::move(pipeline), timeout, std::move(then));
      });
}

void Connection::send_script(std::string sql, Microseconds timeout, Answer then) {
  session_->send_script(std::move(sql), timeout, std::move(then));
}

Awaitable<Outcome<Results>> Connection::run_script(std::string sql, Microseconds timeout) {
  return awaitable_of<Outcome<Results>>([session = session_, sql = std::move(sql), timeout](Answer then) mutable {
    session->send_script(std::move(sql), timeout, std::move(then));
  });
}

void Connection::when_notified(std::move_only_function<void(std::string_view)> then) {
  session_->when_notified(std::move(then));
}

void Connection::when_closed(Closed then) { session_->when_closed(std::move(then)); }

void Connection::close() { session_->close(); }

bool Connection::is_open() const { return session_->is_open(); }

std::size_t Connection::in_flight() const { return session_->in_flight(); }

bool Connection::in_transaction() const { return session_->in_transaction(); }

int Connection::backend_pid() const { return session_->backend_pid(); }

std::string_view Connection::server_setting(const std::string& name) const { return session_->server_setting(name); }

}  // namespace pawl::pg
