#include "http/response_queue.h"

#include <charconv>
#include <utility>

namespace pawl::http {

namespace {

constexpr std::size_t copied_body_bytes = 16 << 10;
constexpr std::size_t piece_bytes = 64 << 10;  // a piece that has grown so far is left alone

void append_number(std::string& out, std::size_t number) {
  char digits[20];
  const auto end = std::to_chars(digits, digits + sizeof digits, number).ptr;
  out.append(digits, end);
}

// A line break in a value would let whoever chose the value write headers of his own.
void append_value(std::string& out, std::string_view value) {
  for (const char c : value) {
    if (static_cast<unsigned char>(c) >= 0x20 && c != 0x7f) out.push_back(c);
  }
}

// All of a head but what says how long its body is and what becomes of the connection.
void append_head(std::string& out, const Response& response, std::string_view date) {
  out.append("HTTP/1.1 ");
  append_number(out, static_cast<std::size_t>(response.status));
  out.append(" ").append(reason_phrase(response.status)).append("\r\nDate: ").append(date).append("\r\n");
  if (!response.content_type.empty()) {
    out.append("Content-Type: ");
    append_value(out, response.content_type);
    out.append("\r\n");
  }
  for (const auto& [name, value] : response.headers) {
    append_value(out, name);
    out.append(": ");
    append_value(out, value);
    out.append("\r\n");
  }
}

bool has_no_body(int status) { return status < 200 || status == 204 || status == 304; }

}  // namespace

std::string& ResponseQueue::tail() {
  if (pieces_.empty() || pieces_.back().size() > piece_bytes) pieces_.push_back(std::exchange(spare_, {}));
  return pieces_.back();
}

void ResponseQueue::add_bytes(std::string_view bytes) {
  tail().append(bytes);
  bytes_ += bytes.size();
}

void ResponseQueue::add_head(const Response& head, std::string_view date, bool chunked) {
  std::string& out = tail();
  const std::size_t before = out.size();
  append_head(out, head, date);
  if (chunked) out.append("Transfer-Encoding: chunked\r\n");
  out.append("Connection: close\r\n\r\n");
  bytes_ += out.size() - before;
}

void ResponseQueue::add_chunk(std::string_view bytes) {
  char digits[16];
  const auto end = std::to_chars(digits, digits + sizeof digits, bytes.size(), 16).ptr;
  add_bytes({digits, end});
  add_bytes("\r\n");
  add_bytes(bytes);
  add_bytes("\r\n");
}

void ResponseQueue::add(Response response, std::string_view date, Persistence persistence, bool body_wanted) {
  std::string& out = tail();
  const std::size_t before = out.size();
  append_head(out, response, date);
  const bool bodiless = has_no_body(response.status);
  if (!bodiless) {
    out.append("Content-Length: ");
    append_number(out, response.body.size());
    out.append("\r\n");
  }
  if (persistence == Persistence::close) out.append("Connection: close\r\n");
  if (persistence == Persistence::keep_alive_1_0) out.append("Connection: keep-alive\r\n");
  out.append("\r\n");
  const bool with_body = body_wanted && !bodiless && !response.body.empty();
  const bool copied = with_body && response.body.size() <= copied_body_bytes;
  if (copied) out.append(response.body);
  bytes_ += out.size() - before;
  if (with_body && !copied) {
    bytes_ += response.body.size();
    pieces_.push_back(std::move(response.body));
  }
}

std::size_t ResponseQueue::front(std::string_view* out, std::size_t most) const {
  std::size_t count = 0;
  for (const std::string& piece : pieces_) {
    if (count == most) break;
    out[count] = piece;
    if (count == 0) out[0].remove_prefix(offset_);
    ++count;
  }
  return count;
}

void ResponseQueue::consume(std::size_t bytes) {
  bytes_ -= bytes;
  offset_ += bytes;
  while (!pieces_.empty() && offset_ >= pieces_.front().size()) {
    offset_ -= pieces_.front().size();
    if (pieces_.front().capacity() <= piece_bytes) {
      spare_ = std::move(pieces_.front());
      spare_.clear();
    }
    pieces_.pop_front();
  }
}

}  // namespace pawl::http
