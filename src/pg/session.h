// The state machine behind a Connection: libpq in pipeline mode, its descriptor on Asio. Nobody else's business.
#pragma once

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "pg/connection.h"

struct pg_conn;

namespace pawl::pg {

class Session : public std::enable_shared_from_this<Session> {
 public:
  explicit Session(boost::asio::io_context& io);
  ~Session();

  void open(ConnectOptions options, Connection::Opened then);
  void send(Pipeline pipeline, Microseconds timeout, Connection::Answer then);
  void send_script(std::string sql, Microseconds timeout, Connection::Answer then);
  void when_closed(Connection::Closed then) { closed_ = std::move(then); }
  void when_notified(std::move_only_function<void(std::string_view)> then) { notified_ = std::move(then); }
  void close();    // answers what is in flight
  void abandon();  // answers nothing

  bool is_open() const { return state_ == State::open || state_ == State::script; }
  std::size_t in_flight() const { return in_flight_.size(); }
  bool in_transaction() const;
  int backend_pid() const;
  std::string_view server_setting(const std::string& name) const;

 private:
  using Clock = std::chrono::steady_clock;
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;
  using Timer = boost::asio::basic_waitable_timer<Clock, boost::asio::wait_traits<Clock>, Executor>;
  enum class State : std::uint8_t { fresh, connecting, open, script, closed };

  // What one Sync ends. Statements that must be prepared first go before it, with a Sync of their own, so that a failed
  // batch does not take them back.
  struct Sent {
    std::size_t statements = 0;
    Results results;
    std::optional<Error> error;
    bool must_commit = false;
    Clock::time_point deadline;
    Connection::Answer then;                 // none for a preparation
    std::vector<std::string_view> prepares;  // names, in order
  };

  void continue_connecting(int poll_status);
  void finish_connecting();
  void watch_socket();
  void wait_readable();
  void wait_writable();
  void flush();
  void read();
  void take_results();
  void take_notifications();
  void take_result(pg_result* result);
  void finish_front();
  void finish_script();
  void prepare_missing(const Pipeline& pipeline, Clock::time_point deadline);
  bool queue(const Pipeline::Item& item);
  void arm_deadline();
  void refuse(Connection::Answer then, std::string why);
  void fail_soon(std::string_view what);  // `what` of static storage
  void fail(Error error);                 // ends the session and answers everything
  void release();
  Error lost(std::string_view what) const;

  boost::asio::io_context& io_;
  pg_conn* pg_ = nullptr;
  Descriptor socket_;
  Timer timer_;
  State state_ = State::fresh;
  bool waiting_to_write_ = false, waiting_to_read_ = false, flushed_ = true;
  Connection::Opened opened_;
  Connection::Closed closed_;
  std::move_only_function<void(std::string_view)> notified_;
  std::deque<Sent> in_flight_;
  std::optional<Clock::time_point> timer_at_;
  std::optional<Error> preparation_error_;  // of the preparation that went before the front
  std::unordered_set<std::string_view> prepared_;
};

}  // namespace pawl::pg
