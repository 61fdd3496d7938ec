#include "pg/session.h"

#include <libpq-fe.h>

#include <boost/asio/post.hpp>

#include "base/log.h"

namespace pawl::pg {

namespace {

// Warnings of the server and of PL/pgSQL; notices are chatter.
void log_notice(void*, const pg_result* notice) {
  const char* severity = PQresultErrorField(notice, PG_DIAG_SEVERITY_NONLOCALIZED);
  const char* message = PQresultErrorField(notice, PG_DIAG_MESSAGE_PRIMARY);
  if (severity == nullptr || message == nullptr || std::string_view(severity) != "WARNING") return;
  log_warning("PostgreSQL warns", {{"what", std::string(message)}});
}

std::string quoted_option(std::string_view value) {  // in `options`, blanks and backslashes are escaped
  std::string out;
  for (const char c : value) {
    if (c == ' ' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
  return out;
}

// Settings travel as command line options of the backend, after those that the conninfo itself may have.
std::string options_of(const ConnectOptions& options) {
  std::string all;
  if (PQconninfoOption* parsed = PQconninfoParse(options.conninfo.c_str(), nullptr)) {
    for (const PQconninfoOption* each = parsed; each->keyword != nullptr; ++each) {
      if (std::string_view(each->keyword) == "options" && each->val != nullptr) all = each->val;
    }
    PQconninfoFree(parsed);
  }
  if (!options.role.empty()) all += " -c role=" + quoted_option(options.role);
  for (const auto& [name, value] : options.settings) all += " -c " + name + "=" + quoted_option(value);
  return all;
}

// Whether libpq can read it at all. It takes a text as a connection string by these marks, and else as a database's
// name (expand_dbname).
bool is_readable(const std::string& conninfo) {
  if (!conninfo.starts_with("postgresql://") && !conninfo.starts_with("postgres://") && !conninfo.contains('=')) {
    return true;
  }
  PQconninfoOption* parsed = PQconninfoParse(conninfo.c_str(), nullptr);
  bool readable = parsed != nullptr;
  // A password with a slash in it that is not percent-encoded is taken for a port.
  for (const PQconninfoOption* each = parsed; readable && each->keyword != nullptr; ++each) {
    if (std::string_view(each->keyword) != "port" || each->val == nullptr) continue;
    readable = std::string_view(each->val).find_first_not_of("0123456789, ") == std::string_view::npos;
  }
  PQconninfoFree(parsed);
  return readable;
}

}  // namespace

Session::Session(boost::asio::io_context& io) : io_(io), socket_(io), timer_(io) {}

Session::~Session() { release(); }

void Session::open(ConnectOptions options, Connection::Opened then) {
  const std::string settings = options_of(options);
  const char* keywords[] = {"dbname", "options", "application_name", "client_encoding", nullptr};
  const char* values[] = {options.conninfo.c_str(), settings.c_str(), options.application_name.c_str(), "UTF8",
                          nullptr};
  opened_ = std::move(then);
  state_ = State::connecting;
  // What libpq says of a string that it cannot read quotes it, and with it a password: so it is not asked.
  const bool readable = is_readable(options.conninfo);
  if (readable) pg_ = PQconnectStartParams(keywords, values, 1);
  timer_at_ = Clock::now() + options.timeout;
  arm_deadline();
  if (pg_ == nullptr || PQstatus(pg_) == CONNECTION_BAD) {
    boost::asio::post(io_, [readable, self = shared_from_this()] {
      if (self->state_ != State::connecting) return;
      self->fail(self->lost(readable ? "cannot connect" : "cannot connect: the connection string cannot be read"));
    });
    return;
  }
  PQsetNoticeReceiver(pg_, log_notice, nullptr);
  continue_connecting(PGRES_POLLING_WRITING);
}

// PQconnectPoll may go on to another address and thereby to another socket: the descriptor is looked at each time.
void Session::continue_connecting(int poll_status) {
  watch_socket();
  const auto direction = poll_status == PGRES_POLLING_READING ? Descriptor::wait_read : Descriptor::wait_write;
  socket_.async_wait(direction, [self = shared_from_this()](boost::system::error_code error) {
    if (error || self->state_ != State::connecting) return;
    self->socket_.release();  // libpq may close it in the next call
    const auto status = PQconnectPoll(self->pg_);
    if (status == PGRES_POLLING_OK) return self->finish_connecting();
    if (status == PGRES_POLLING_FAILED) return self->fail(self->lost("cannot connect"));
    self->continue_connecting(status);
  });
}

void Session::finish_connecting() {
  if (PQsetnonblocking(pg_, 1) != 0 || PQenterPipelineMode(pg_) != 1) return fail(lost("cannot enter pipeline mode"));
  timer_at_.reset();
  timer_.cancel();
  state_ = State::open;
  watch_socket();
  wait_readable();
  auto then = std::move(opened_);
  then({});
}

void Session::watch_socket() {
  if (!socket_.is_open()) socket_.assign(PQsocket(pg_));
}

// Always armed while the session is open, so that the end of an idle connection is seen at once.
void Session::wait_readable() {
  if (waiting_to_read_ || !is_open()) return;
  waiting_to_read_ = true;
  socket_.async_wait(Descriptor::wait_read, [self = shared_from_this()](boost::system::error_code error) {
    self->waiting_to_read_ = false;
    if (error || !self->is_open()) return;
    self->read();
    self->wait_readable();
  });
}

void Session::wait_writable() {
  if (waiting_to_write_ || !is_open()) return;
  waiting_to_write_ = true;
  socket_.async_wait(Descriptor::wait_write, [self = shared_from_this()](boost::system::error_code error) {
    self->waiting_to_write_ = false;
    if (error || !self->is_open()) return;
    self->flush();
    self->take_results();  // they were held back while output was pending
  });
}

void Session::flush() {
  const int pending = PQflush(pg_);
  flushed_ = pending == 0;
  if (pending == 1) wait_writable();
  if (pending < 0) fail_soon("cannot send");
}

// What the server said before it went is read first: it may have answered.
void Session::fail_soon(std::string_view what) {
  boost::asio::post(io_, [self = shared_from_this(), what] {
    if (!self->is_open()) return;
    self->flushed_ = true;
    self->read();
    if (self->is_open()) self->fail(self->lost(what));
  });
}

void Session::read() {
  const bool alive = PQconsumeInput(pg_) == 1;
  // What has been answered counts, also when the connection broke right after.
  if (!alive) flushed_ = true;
  if (!flushed_) flush();
  take_results();
  if (is_open()) take_notifications();
  if (!is_open()) return;
  if (!alive || PQstatus(pg_) == CONNECTION_BAD) fail(lost("connection lost"));
}

void Session::take_notifications() {
  const auto self = shared_from_this();  // a callback may drop the connection
  while (is_open()) {
    PGnotify* notify = PQnotifies(pg_);
    if (notify == nullptr) return;
    const std::string channel = notify->relname;
    PQfreemem(notify);
    if (notified_) notified_(channel);
  }
}

bool Session::in_transaction() const {
  if (!is_open()) return false;
  const auto status = PQtransactionStatus(pg_);
  return status == PQTRANS_INTRANS || status == PQTRANS_INERROR;
}

int Session::backend_pid() const { return is_open() ? PQbackendPID(pg_) : 0; }

std::string_view Session::server_setting(const std::string& name) const {
  const char* value = is_open() ? PQparameterStatus(pg_, name.c_str()) : nullptr;
  return value == nullptr ? std::string_view() : std::string_view(value);
}

void Session::arm_deadline() {
  if (!timer_at_) return;
  timer_.expires_at(*timer_at_);
  timer_.async_wait([self = shared_from_this()](boost::system::error_code error) {
    if (error || !self->timer_at_ || self->state_ == State::closed) return;
    auto earliest = self->state_ == State::connecting ? *self->timer_at_ : Clock::time_point::max();
    for (const Sent& sent : self->in_flight_) earliest = std::min(earliest, sent.deadline);
    if (earliest <= Clock::now()) {
      return self->fail({.kind = Error::Kind::deadline,
                         .sqlstate = {},
                         .message = self->state_ == State::connecting ? "no connection in time" : "no answer in time",
                         .constraint = {},
                         .table = {}});
    }
    self->timer_at_.reset();
    if (earliest != Clock::time_point::max()) {
      self->timer_at_ = earliest;
      self->arm_deadline();
    }
  });
}

void Session::close() {
  if (state_ == State::closed || state_ == State::fresh) return;
  closed_ = nullptr;
  fail({.kind = Error::Kind::connection_lost, .sqlstate = {}, .message = "closed", .constraint = {}, .table = {}});
}

void Session::abandon() {
  const auto self = shared_from_this();
  // Destroyed last and from here: a dropped callback may own a coroutine that owns the connection.
  const auto dropped = std::move(in_flight_);
  const auto opened = std::move(opened_);
  const auto closed = std::move(closed_);
  in_flight_.clear();
  state_ = State::closed;
  release();
}

// The descriptor belongs to libpq: it leaves Asio before PQfinish closes it, or Asio would close a stranger's.
void Session::release() {
  timer_.cancel();
  if (socket_.is_open()) socket_.release();
  if (pg_ != nullptr) PQfinish(pg_);
  pg_ = nullptr;
}

Error Session::lost(std::string_view what) const {
  std::string message(what);
  if (pg_ != nullptr) {
    std::string_view said = PQerrorMessage(pg_);
    while (said.ends_with('\n')) said.remove_suffix(1);
    if (!said.empty()) message.append(": ").append(said);
  }
  return {.kind = Error::Kind::connection_lost,
          .sqlstate = {},
          .message = std::move(message),
          .constraint = {},
          .table = {}};
}

void Session::fail(Error error) {
  const auto self = shared_from_this();  // a callback may drop the connection
  state_ = State::closed;
  release();
  auto opened = std::move(opened_);
  auto closed = std::move(closed_);
  auto unanswered = std::move(in_flight_);
  in_flight_.clear();
  if (opened) return opened(std::unexpected(std::move(error)));
  for (Sent& sent : unanswered) {
    if (sent.then) sent.then(std::unexpected(error));
  }
  if (closed) closed(error);
}

}  // namespace pawl::pg
