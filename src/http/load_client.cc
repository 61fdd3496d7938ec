#include "http/load_client.h"

#include <algorithm>
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <charconv>
#include <cstring>
#include <deque>
#include <vector>

#include "http/message.h"

namespace pawl::http {

namespace {

namespace asio = boost::asio;
using Tcp = asio::ip::tcp;
using Socket = asio::basic_stream_socket<Tcp, asio::io_context::executor_type>;
using boost::system::error_code;

constexpr std::size_t buffer_bytes = 64 << 10;

struct Head {
  int status = 0;
  std::size_t header_bytes = 0, body_bytes = 0;
};

// The status line and Content-Length: all that our own server's answers need. Status 0: more is needed; -1: not HTTP.
Head read_head(std::string_view bytes) {
  const std::size_t end = bytes.find("\r\n\r\n");
  if (end == std::string_view::npos) return {};
  Head head{.status = -1, .header_bytes = end + 4, .body_bytes = 0};
  if (!bytes.starts_with("HTTP/1.1 ") || bytes.size() < 12) return head;
  int status = 0;
  std::from_chars(bytes.data() + 9, bytes.data() + 12, status);
  static constexpr std::string_view length_name = "\r\nContent-Length: ";
  const std::size_t length_at = bytes.find(length_name);
  if (length_at < end) {
    const char* digits = bytes.data() + length_at + length_name.size();
    std::from_chars(digits, bytes.data() + end, head.body_bytes);
  }
  if (status >= 100) head.status = status;
  return head;
}

}  // namespace

struct LoadClient::State : std::enable_shared_from_this<LoadClient::State> {
  struct Connection {
    explicit Connection(asio::io_context& context) : socket(context) {}
    Socket socket;
    std::deque<Answered> waiting;
    std::string outgoing, incoming = std::string(buffer_bytes, '\0');
    std::size_t filled = 0;
    bool writing = false, lost = false;
  };
  struct Request {
    std::string text;
    Answered answered;
  };

  State(asio::io_context& io_context, LoadTarget load_target) : context(io_context), target(std::move(load_target)) {}

  Connection* with_room();
  void give(Connection& connection, Request request);
  void write(Connection& connection);
  void read(Connection& connection);
  void take_answers(Connection& connection);
  void lose(Connection& connection);
  void refill(Connection& connection);

  asio::io_context& context;
  LoadTarget target;
  std::vector<std::unique_ptr<Connection>> connections;
  std::deque<Request> queue;
  std::size_t next = 0;
};

LoadClient::LoadClient(asio::io_context& context, LoadTarget target)
    : state_(std::make_shared<State>(context, std::move(target))) {}

LoadClient::~LoadClient() {
  state_->connections.clear();  // aborts what is pending; the handlers find no connections
  state_->queue.clear();
}

Result<void> LoadClient::connect() {
  error_code error;
  const auto address = asio::ip::make_address(state_->target.host, error);
  for (std::size_t i = 0; !error && i < state_->target.connections; ++i) {
    auto connection = std::make_unique<State::Connection>(state_->context);
    connection->socket.connect(Tcp::endpoint(address, state_->target.port), error);
    if (error) break;
    connection->socket.set_option(Tcp::no_delay(true), error);
    connection->socket.non_blocking(true, error);
    state_->connections.push_back(std::move(connection));
    state_->read(*state_->connections.back());
  }
  if (!error) return {};
  return fail({.status = 503,
               .code = "unreachable",
               .title = "The server cannot be reached",
               .detail = error.message(),
               .instance = state_->target.host + ":" + std::to_string(state_->target.port),
               .hint = {}});
}

void LoadClient::send(std::string_view method, std::string_view target, std::string_view body, Answered answered,
                      std::string_view token) {
  if (token.empty()) token = state_->target.token;
  State::Request request{.text = {}, .answered = std::move(answered)};
  std::string& text = request.text;
  text.reserve(160 + body.size());
  text.append(method)
      .append(" ")
      .append(target)
      .append(" HTTP/1.1\r\nHost: ")
      .append(state_->target.host)
      .append("\r\n");
  if (!token.empty()) text.append("Authorization: Bearer ").append(token).append("\r\n");
  if (!body.empty()) text.append("Content-Type: application/json\r\n");
  text.append("Content-Length: ").append(std::to_string(body.size())).append("\r\n\r\n").append(body);
  if (State::Connection* connection = state_->with_room()) {
    state_->give(*connection, std::move(request));
  } else {
    state_->queue.push_back(std::move(request));
  }
}

std::size_t LoadClient::unanswered() const {
  std::size_t count = state_->queue.size();
  for (const auto& connection : state_->connections) count += connection->waiting.size();
  return count;
}

// Round robin: with room everywhere it is as good as the fewest, and costs one look.
LoadClient::State::Connection* LoadClient::State::with_room() {
  for (std::size_t looked = 0; looked < connections.size(); ++looked) {
    Connection& connection = *connections[next++ % connections.size()];
    if (!connection.lost && connection.waiting.size() < target.depth) return &connection;
  }
  return nullptr;
}

void LoadClient::State::give(Connection& connection, Request request) {
  connection.outgoing += request.text;
  connection.waiting.push_back(std::move(request.answered));
  write(connection);
}

void LoadClient::State::write(Connection& connection) {
  if (connection.writing) return;
  error_code error;
  const std::size_t sent = connection.socket.write_some(asio::buffer(connection.outgoing), error);
  if (error && error != asio::error::would_block) return;  // the pending read reports the loss
  connection.outgoing.erase(0, error ? 0 : sent);
  if (connection.outgoing.empty()) return;
  connection.writing = true;
  connection.socket.async_wait(Socket::wait_write, [weak = weak_from_this(), &connection](const error_code& failed) {
    if (failed || weak.expired()) return;
    connection.writing = false;
    weak.lock()->write(connection);
  });
}

void LoadClient::State::read(Connection& connection) {
  if (connection.filled == connection.incoming.size()) connection.incoming.resize(connection.incoming.size() * 2);
  const auto room =
      asio::buffer(connection.incoming.data() + connection.filled, connection.incoming.size() - connection.filled);
  connection.socket.async_read_some(room,
                                    [weak = weak_from_this(), &connection](const error_code& error, std::size_t bytes) {
                                      const auto self = weak.lock();
                                      if (!self || self->connections.empty()) return;
                                      if (error) return self->lose(connection);
                                      connection.filled += bytes;
                                      self->take_answers(connection);
                                    });
}

void LoadClient::State::take_answers(Connection& connection) {
  std::size_t begin = 0;
  while (!connection.waiting.empty()) {
    const std::string_view bytes(connection.incoming.data() + begin, connection.filled - begin);
    const Head head = read_head(bytes);
    if (head.status == 0 || (head.status > 0 && bytes.size() < head.header_bytes + head.body_bytes)) break;
    if (head.status < 0) return lose(connection);
    begin += head.header_bytes + head.body_bytes;
    if (head.status < 200) continue;
    Answered answered = std::move(connection.waiting.front());
    connection.waiting.pop_front();
    answered(head.status, bytes.substr(head.header_bytes, head.body_bytes));
    if (connections.empty()) return;  // the call ended the client
    refill(connection);
  }
  std::memmove(connection.incoming.data(), connection.incoming.data() + begin, connection.filled - begin);
  connection.filled -= begin;
  read(connection);
}

void LoadClient::State::refill(Connection& connection) {
  while (!queue.empty() && connection.waiting.size() < target.depth) {
    Request request = std::move(queue.front());
    queue.pop_front();
    give(connection, std::move(request));
  }
}

void LoadClient::State::lose(Connection& connection) {
  connection.lost = true;
  error_code ignored;
  connection.socket.close(ignored);
  std::deque<Answered> waiting = std::exchange(connection.waiting, {});
  for (Answered& answered : waiting) answered(0, {});
  if (!std::ranges::all_of(connections, &Connection::lost)) return;
  for (Request& request : std::exchange(queue, {})) request.answered(0, {});
}

}  // namespace pawl::http
