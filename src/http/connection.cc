#include "http/connection.h"

#include <algorithm>
#include <boost/asio/buffer.hpp>

#include "base/log.h"
#include "http/problem.h"

namespace pawl::http {

namespace {

constexpr std::size_t first_buffer_bytes = 4 << 10;
constexpr std::size_t buffer_slack_bytes = 48 << 10;  // beyond the largest header: for pipelined requests, large bodies
constexpr std::size_t queued_answers_bytes = 256 << 10;  // of pipelined requests, before they are written
constexpr std::size_t discarded_bytes_most = 64 << 20;   // read and thrown away from a client that was refused
constexpr std::size_t pieces_per_write = 16;

using boost::system::error_code;

Problem overloaded(std::string what) {
  return {.status = 503,
          .code = "overloaded",
          .title = "The server has too much to do",
          .detail = std::move(what),
          .instance = {},
          .hint = "try again after the time that Retry-After names"};
}

Problem timed_out(std::string what) {
  return {.status = 408,
          .code = "request-timeout",
          .title = "The request did not arrive in time",
          .detail = std::move(what),
          .instance = {},
          .hint = {}};
}

Problem cut_short() {
  return {.status = 400,
          .code = "malformed-request",
          .title = "The bytes sent are not an HTTP request",
          .detail = "the request is cut short: the connection ended within it",
          .instance = {},
          .hint = {}};
}

Problem unanswered() {
  return {.status = 500,
          .code = "internal",
          .title = "The request was not answered",
          .detail = {},
          .instance = {},
          .hint = {}};
}

asio::ip::address plain(const asio::ip::address& address) {
  if (address.is_v6() && address.to_v6().is_v4_mapped()) {
    return asio::ip::make_address_v4(asio::ip::v4_mapped, address.to_v6());
  }
  return address;
}

}  // namespace

Connection::Connection(Server::State& server, Socket socket, const Tcp::endpoint& remote)
    : server_(&server),
      wire_(std::in_place, std::move(socket), Timer(server.context)),
      parser_(server.options.limits.header_bytes, server.options.limits.body_bytes) {
  const asio::ip::address address = plain(remote.address());
  remote_address_ = address.to_string();
  is_loopback_ = address.is_loopback();
  server.connections.insert(this);
  server.connections_gauge.add(1);
}

Connection::~Connection() { close(); }

void Connection::begin() {
  error_code ignored;
  wire_->socket.set_option(Tcp::no_delay(true), ignored);
  wire_->socket.non_blocking(true, ignored);
  pump();
}

void Connection::refuse(const Problem& problem) {
  error_code ignored;
  wire_->socket.non_blocking(true, ignored);
  fail(problem);
  pump();
}

// Runs until it has to wait: for bytes, for the handler, or for the socket to take more.
void Connection::pump() {
  if (pumping_ || !wire_) return;
  pumping_ = true;
  while (may_parse() && parse_some()) {
    if (outgoing_.bytes() > queued_answers_bytes) flush();
  }
  flush();
  pumping_ = false;
  settle();
}

bool Connection::may_parse() const { return wire_ && !handling_ && !closing_ && !writing_; }

// One step of the parser; false when it needs more bytes.
bool Connection::parse_some() {
  const std::string_view bytes(buffer_.data() + begin_, end_ - begin_);
  if (bytes.empty()) return false;
  const std::size_t used = parser_.put(bytes);
  begin_ += used;
  switch (parser_.state()) {
    case RequestParser::State::failed:
      fail(parser_.problem());
      return true;
    case RequestParser::State::complete:
      dispatch();
      return true;
    case RequestParser::State::body:
      if (parser_.expects_continue() && !continued_) {
        continued_ = true;
        outgoing_.add_bytes("HTTP/1.1 100 Continue\r\n\r\n");
      }
      account_body(parser_.body_bytes());
      if (bodies_are_too_many()) {
        fail(overloaded("too many request bodies are being received"));
        return true;
      }
      break;
    case RequestParser::State::idle:
    case RequestParser::State::header:
      break;
  }
  return used > 0 && begin_ < end_;
}

void Connection::account_body(std::size_t bytes) {
  server_->bodies_bytes += bytes - accounted_bytes_;
  accounted_bytes_ = bytes;
}

bool Connection::bodies_are_too_many() const {
  const ServerLimits& limits = server_->options.limits;
  const bool small = parser_.body_bytes() <= limits.small_body_bytes;
  return server_->bodies_bytes > limits.bodies_bytes + (small ? limits.small_bodies_bytes : 0);
}

void Connection::dispatch() {
  persistence_ = !parser_.keeps_alive() || server_->stopping ? Persistence::close
                 : parser_.is_http_1_0()                     ? Persistence::keep_alive_1_0
                                                             : Persistence::keep_alive;
  is_http_1_0_ = parser_.is_http_1_0();
  account_body(0);
  continued_ = false;
  fresh_phase_ = true;
  Request request = parser_.take();
  request.remote_address = remote_address_;
  request.is_loopback = is_loopback_;
  body_wanted_ = request.method != "HEAD";
  if (server_->requests_in_flight >= server_->options.limits.requests_in_flight) {
    queue(problem_response(overloaded("too many requests are in flight")), persistence_);
    return;
  }
  handling_ = true;
  ++server_->requests_in_flight;
  try {
    server_->handler(std::move(request), Responder(shared_from_this()));
  } catch (const std::exception& error) {  // its Responder is gone, and so the client has its 500
    log_error("a request handler threw", {{"error", std::string(error.what())}});
  }
}

void Connection::answer(Response response) {
  if (!handling_) return;
  handling_ = false;
  when_closed_ = nullptr;
  if (server_ == nullptr) return;
  --server_->requests_in_flight;
  if (!wire_) return server_->remove(this);
  if (server_->stopping) persistence_ = Persistence::close;
  queue(std::move(response), persistence_);
  pump();
}

void Connection::abandon() { answer(problem_response(unanswered())); }

void Connection::when_closed(std::move_only_function<void()> call) {
  if (handling_) when_closed_ = std::move(call);
  if (closed()) peer_gone();
}

// The answer to a request that could not be understood or accepted: nothing that follows it can be trusted.
void Connection::fail(const Problem& problem) {
  account_body(0);
  server_->malformed_requests.add();
  body_wanted_ = true;
  queue(problem_response(problem), Persistence::close);
}

void Connection::queue(Response response, Persistence persistence) {
  count(response.status);
  outgoing_.add(std::move(response), server_->dates.now(), persistence, body_wanted_);
  if (persistence == Persistence::close) closing_ = true;
}

void Connection::count(int status) {
  const auto status_class = static_cast<std::size_t>(status / 100);
  if (status_class >= 1 && status_class <= 5) server_->requests_by_class[status_class]->add();
}

void Connection::begin_stream(Response head) {
  if (!handling_ || !wire_) return;
  streaming_ = true;
  count(head.status);
  outgoing_.add_head(head, server_->dates.now(), !is_http_1_0_);
  pump();
}

void Connection::write(std::string_view bytes) {
  if (!streaming_ || !wire_ || bytes.empty()) return;
  if (is_http_1_0_) {
    outgoing_.add_bytes(bytes);
  } else {
    outgoing_.add_chunk(bytes);
  }
  pump();
}

void Connection::end_stream() {
  if (!handling_) return;
  const bool begun = std::exchange(streaming_, false);
  handling_ = false;
  when_closed_ = nullptr;
  when_drained_ = nullptr;
  if (server_ == nullptr) return;
  --server_->requests_in_flight;
  if (!wire_) return server_->remove(this);
  if (begun && !is_http_1_0_) outgoing_.end_chunks();
  closing_ = true;
  pump();
}

// Most answers fit the socket's buffer: they are written at once, without a turn of the loop.
void Connection::flush() {
  while (wire_ && !writing_ && !outgoing_.empty()) {
    std::array<std::string_view, pieces_per_write> pieces;
    const std::size_t count = outgoing_.front(pieces.data(), pieces.size());
    std::array<asio::const_buffer, pieces_per_write> buffers;
    for (std::size_t i = 0; i < count; ++i) buffers[i] = {pieces[i].data(), pieces[i].size()};
    error_code error;
    const std::size_t sent = wire_->socket.write_some(buffers, error);
    if (error == asio::error::would_block) return wait_until_writable();
    if (error) return close();
    outgoing_.consume(sent);
  }
}

void Connection::wait_until_writable() {
  writing_ = true;
  wire_->socket.async_wait(Socket::wait_write, [self = shared_from_this()](const error_code& error) {
    self->writing_ = false;
    self->fresh_phase_ = true;
    if (!self->wire_) return;
    if (error) return self->close();
    self->pump();
    self->note_drained();
  });
}

void Connection::note_drained() {
  if (!outgoing_.empty()) return;
  if (auto call = std::exchange(when_drained_, nullptr)) call();
}

// After a pump: what is awaited now, and until when.
void Connection::settle() {
  if (!wire_) return;
  if (!handling_ && !writing_ && outgoing_.empty()) {
    const bool nothing_begun = phase_now() == Phase::idle;
    if (peer_closed_ && !closing_ && !nothing_begun) {
      fail(cut_short());  // the client may have shut its side alone, and read on
      flush();
    }
    if (closing_ && outgoing_.empty() && wire_) linger();
    if (!closing_ && (peer_closed_ || (server_->stopping && nothing_begun))) close();
  }
  if (wire_) read();
  note_idle();
  set_deadline();
}

void Connection::note_idle() {
  if (server_ == nullptr) return;
  const bool idle = wire_ && !closing_ && phase_now() == Phase::idle;
  if (idle_place_ && (!idle || fresh_phase_)) {
    server_->idle.erase(*idle_place_);
    idle_place_.reset();
  }
  if (idle && !idle_place_) idle_place_ = server_->idle.insert(server_->idle.end(), this);
}

bool Connection::make_room() {
  if (begin_ == end_ || lingering_) begin_ = end_ = 0;
  const std::size_t most = server_->options.limits.header_bytes + buffer_slack_bytes;
  if (end_ < buffer_.size()) return true;
  if (begin_ > 0) {
    std::copy(buffer_.begin() + static_cast<std::ptrdiff_t>(begin_),
              buffer_.begin() + static_cast<std::ptrdiff_t>(end_), buffer_.begin());
    end_ -= begin_;
    begin_ = 0;
  } else if (buffer_.size() < most) {
    buffer_.resize(std::min(most, std::max(first_buffer_bytes, buffer_.size() * 4)));
  }
  return end_ < buffer_.size();
}

void Connection::read() {
  if (reading_ || peer_closed_) return;
  if (!make_room()) {
    // Full. While a request is handled that is the client's affair; a parser that cannot go on with so much never will.
    if (!handling_ && !writing_ && !closing_) {
      fail({.status = 400,
            .code = "malformed-request",
            .title = "The bytes sent are not an HTTP request",
            .detail = "a chunk's header or the trailers are too long",
            .instance = {},
            .hint = {}});
      pump();
    }
    return;
  }
  reading_ = true;
  wire_->socket.async_read_some(
      asio::buffer(buffer_.data() + end_, buffer_.size() - end_),
      [self = shared_from_this()](const error_code& error, std::size_t bytes) { self->after_read(error, bytes); });
}

void Connection::after_read(const error_code& error, std::size_t bytes) {
  reading_ = false;
  if (!wire_) return;
  if (error && error != asio::error::eof) return close();
  if (error == asio::error::eof) {
    if (lingering_) return close();
    peer_gone();
  }
  if (lingering_) {
    discarded_bytes_ += bytes;
    if (discarded_bytes_ > discarded_bytes_most) return close();
  } else {
    end_ += bytes;
  }
  pump();
}

void Connection::peer_gone() {
  peer_closed_ = true;
  if (auto call = std::exchange(when_closed_, nullptr)) call();
}

// A socket closed with unread bytes in it resets the connection, and the reset may overtake the answer that says why
// (RFC 9112 section 9.6). So: shut our side, read on until the client closes.
void Connection::linger() {
  if (lingering_) return;
  error_code ignored;
  wire_->socket.shutdown(Socket::shutdown_send, ignored);
  lingering_ = true;
  if (peer_closed_) close();
}

Connection::Phase Connection::phase_now() const {
  if (lingering_) return Phase::lingering;
  if (writing_) return Phase::writing;
  if (handling_) return Phase::handling;
  switch (parser_.state()) {
    case RequestParser::State::header:
      return Phase::header;
    case RequestParser::State::body:
      return Phase::body;
    default:
      return end_ > begin_ ? Phase::header : Phase::idle;
  }
}

void Connection::set_deadline() {
  if (!wire_) return;
  const Phase phase = phase_now();
  if (phase == phase_ && !fresh_phase_ && deadline_ != SteadyTime::max()) return;
  phase_ = phase;
  fresh_phase_ = false;
  const ServerLimits& limits = server_->options.limits;
  const auto now = std::chrono::steady_clock::now();
  switch (phase) {
    case Phase::idle:
      deadline_ = now + limits.idle_time;
      break;
    case Phase::header:
      deadline_ = now + limits.header_time;
      break;
    case Phase::body:
      deadline_ = now + limits.body_time;
      break;
    case Phase::handling:
      deadline_ = SteadyTime::max();
      return;  // the handler's own limits apply
    case Phase::writing:
      deadline_ = now + limits.write_time;
      break;
    case Phase::lingering:
      deadline_ = now + limits.linger_time;
      break;
  }
  arm_timer(deadline_);
}

// The timer is lazy: a deadline that moves on does not touch it, it looks when it fires.
void Connection::arm_timer(SteadyTime when) {
  if (timer_at_ <= when) return;
  timer_at_ = when;
  wire_->timer.expires_at(when);
  wire_->timer.async_wait([self = shared_from_this()](const error_code& error) {
    if (!error && self->wire_) self->after_timer();
  });
}

void Connection::after_timer() {
  timer_at_ = SteadyTime::max();
  if (deadline_ == SteadyTime::max()) return;
  if (std::chrono::steady_clock::now() < deadline_) return arm_timer(deadline_);
  if (phase_ != Phase::header && phase_ != Phase::body) return close();
  fail(timed_out(phase_ == Phase::header ? "its header is incomplete" : "its body is incomplete"));
  pump();
}

void Connection::stop_when_idle() {
  if (phase_now() == Phase::idle) return close();
  if (!streaming_) return;
  // A stream ends now, since it would not by itself: in order, or, where a slow client would delay that, by a cut.
  const auto self = shared_from_this();
  if (!outgoing_.empty()) return close();
  peer_gone();
}

void Connection::close() {
  if (!wire_) return;
  wire_.reset();
  if (server_ == nullptr) return;
  note_idle();
  account_body(0);
  server_->connections_gauge.add(-1);
  if (!handling_) return server_->remove(this);
  peer_gone();  // the server keeps count of this connection until its request is answered
}

void Connection::detach() {
  when_closed_ = nullptr;
  close();
  server_ = nullptr;
}

}  // namespace pawl::http
