// Responses as bytes, in order, until the socket has taken them. Small bodies are copied behind their header, so that
// pipelined answers leave in one piece; large ones are moved and never copied.
#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>

#include "http/message.h"

namespace pawl::http {

enum class Persistence : std::uint8_t { close, keep_alive, keep_alive_1_0 };

class ResponseQueue {
 public:
  // `body_wanted` is false for HEAD: the length is told, the body is not sent.
  void add(Response response, std::string_view date, Persistence persistence, bool body_wanted);
  void add_bytes(std::string_view bytes);
  // The head of a body that comes piece by piece, and a piece of it. Chunked (RFC 9112 section 7.1), so that its end
  // is told from a cut; to HTTP/1.0, which knows no chunks, the pieces are plain bytes.
  void add_head(const Response& head, std::string_view date, bool chunked);
  void add_chunk(std::string_view bytes);
  void end_chunks() { add_bytes("0\r\n\r\n"); }

  bool empty() const { return pieces_.empty(); }
  std::size_t bytes() const { return bytes_; }

  // The pieces to send next, at most `most`; fills `out` and returns how many.
  std::size_t front(std::string_view* out, std::size_t most) const;
  void consume(std::size_t bytes);

 private:
  std::string& tail();

  std::deque<std::string> pieces_;
  std::size_t offset_ = 0;  // of the first piece, already sent
  std::size_t bytes_ = 0;
  std::string spare_;  // the memory of a piece that was sent, for the next
};

}  // namespace pawl::http
