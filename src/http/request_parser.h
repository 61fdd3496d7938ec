// Bytes to requests, one after another (RFC 9112). No I/O: the connection feeds it. Beast's parser is behind it, in
// request_parser_beast.cc and nowhere else, since its headers cost ten seconds a file.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "base/problem.h"
#include "http/message.h"

namespace pawl::http {

class RequestParser {
 public:
  enum class State : std::uint8_t { idle, header, body, complete, failed };

  RequestParser(std::size_t header_limit_bytes, std::size_t body_limit_bytes);
  ~RequestParser();

  // Takes what it can use, at most to the end of the current request, and says how much that was. What is left must be
  // offered again, with more behind it.
  std::size_t put(std::string_view bytes);

  State state() const;
  std::size_t body_bytes() const;  // of the current request, so far
  bool expects_continue() const;   // the client waits for "100 Continue" before it sends the body
  bool keeps_alive() const;        // once the header is complete: the connection may carry another request
  bool is_http_1_0() const;
  const Problem& problem() const;  // why it failed: 400, 413, 415, 417, 431 or 501; the connection is of no more use

  Request take();  // the complete request; then ready for the next

 private:
  struct Message;
  std::unique_ptr<Message> message_;
  std::size_t header_limit_bytes_, body_limit_bytes_;
};

}  // namespace pawl::http
