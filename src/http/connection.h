// One client's connection. Private to server.cc and connection.cc.
//
// A loop without threads or coroutines: bytes come, the parser eats them, a complete request goes to the handler, its
// answer joins the queue, the queue goes to the socket; then the next request. While a request is in the handler's
// hands the connection keeps reading, only to see the client leave and to buffer what it sends ahead.
#pragma once

#include <string>

#include "http/request_parser.h"
#include "http/response_queue.h"
#include "http/server_state.h"

namespace pawl::http {

class Connection final : public Exchange, public std::enable_shared_from_this<Connection> {
 public:
  Connection(Server::State& server, Socket socket, const Tcp::endpoint& remote);
  ~Connection() override;

  void begin();
  void refuse(const Problem& problem);  // instead of begin(): answers this and closes
  void stop_when_idle();                // graceful: closes now unless a request is being received or answered
  void close();                         // at once; pending answers are lost
  void detach();                        // close(), and forget the server, which is going away

  void answer(Response response) override;
  void abandon() override;
  bool closed() const override { return peer_closed_ || !wire_ || (streaming_ && server_->stopping); }
  void when_closed(std::move_only_function<void()> call) override;
  void begin_stream(Response head) override;
  void write(std::string_view bytes) override;
  std::size_t unsent_bytes() const override { return wire_ ? outgoing_.bytes() : 0; }
  void when_drained(std::move_only_function<void()> call) override { when_drained_ = std::move(call); }
  void end_stream() override;

 private:
  enum class Phase : std::uint8_t { idle, header, body, handling, writing, lingering };
  struct Wire {
    Socket socket;
    Timer timer;
  };

  void pump();
  bool may_parse() const;
  bool parse_some();
  void dispatch();
  void fail(const Problem& problem);
  void queue(Response response, Persistence persistence);
  void count(int status);
  void flush();
  void wait_until_writable();
  void note_drained();
  void read();
  void after_read(const boost::system::error_code& error, std::size_t bytes);
  void peer_gone();
  void linger();
  void settle();
  Phase phase_now() const;
  void set_deadline();
  void note_idle();
  bool bodies_are_too_many() const;
  void arm_timer(SteadyTime when);
  void after_timer();
  void account_body(std::size_t bytes);
  bool make_room();

  Server::State* server_;
  std::optional<Wire> wire_;  // empty once closed, so that nothing of Asio outlives its context
  RequestParser parser_;
  ResponseQueue outgoing_;
  std::string remote_address_;
  bool is_loopback_ = false;

  std::string buffer_;  // received and not parsed yet: [begin_, end_)
  std::size_t begin_ = 0, end_ = 0;
  std::size_t accounted_bytes_ = 0;  // this request's share of State::bodies_bytes
  std::size_t discarded_bytes_ = 0;

  bool pumping_ = false, reading_ = false, writing_ = false, handling_ = false;
  bool closing_ = false;      // nothing more is parsed; when all is written, linger
  bool lingering_ = false;    // our side is shut; what comes is thrown away until the client closes
  bool peer_closed_ = false;  // the client has shut its side: no more requests will come
  bool continued_ = false;    // "100 Continue" was sent for the current request
  bool body_wanted_ = true;   // the request being handled is not HEAD
  bool streaming_ = false;    // the answer's body comes piece by piece; handling_ all the while
  bool is_http_1_0_ = false;  // the request being handled
  bool fresh_phase_ = true;   // a request has ended since the deadline was set
  Persistence persistence_ = Persistence::keep_alive;
  std::move_only_function<void()> when_closed_, when_drained_;
  std::optional<std::list<Connection*>::iterator> idle_place_;  // in State::idle

  Phase phase_ = Phase::idle;
  SteadyTime deadline_ = SteadyTime::max();
  SteadyTime timer_at_ = SteadyTime::max();  // when the timer will fire; max: it is not armed
};

}  // namespace pawl::http
