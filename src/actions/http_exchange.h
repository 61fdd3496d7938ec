// One HTTP exchange with the outside, as plain values.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <expected>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/limits.h"

namespace pawl::actions {

using HeaderFields = std::vector<std::pair<std::string, std::string>>;

// The first of that name, without regard to case.
std::optional<std::string_view> find_header(const HeaderFields& headers, std::string_view name);
bool equal_without_case(std::string_view a, std::string_view b);

struct HttpRequest {
  std::string method, uri;
  HeaderFields headers;
  std::string body;
  std::chrono::milliseconds time{60'000};  // for all of it: waiting for a place, redirects, the answer's last byte
  std::size_t answer_bytes = limits::output_bytes;
};

struct HttpResponse {
  int status = 0;
  HeaderFields headers;  // as they came
  std::string body;
};

struct HttpFailure {
  enum class Kind : std::uint8_t {
    invalid,     // no URI that can be called
    overloaded,  // too many calls wait already
    name,        // the host's name cannot be resolved
    refused,     // an address that the guard does not allow
    connection,  // no connection, or no TLS with a certificate that holds
    timeout,
    too_large,  // the answer, or its header
    lost,       // the connection ended before the answer did, or what came was not HTTP
    redirects   // too many
  };
  Kind kind = Kind::lost;
  bool sent = true;    // whether a byte of the request may have arrived: decides between effect unknown and not done
  int status = 0;      // of the answer that had begun; 0: none
  std::string detail;  // for people; names no header, no body
};

using HttpOutcome = std::expected<HttpResponse, HttpFailure>;

}  // namespace pawl::actions
