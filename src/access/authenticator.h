// Who sends a request, from its bearer token: looked up as pawl_reader, as the tenant that the token names, and
// remembered for a moment, so that a busy client costs one statement every few seconds.
//
// On the thread that runs the io_context.
#pragma once

#include <boost/asio/io_context.hpp>
#include <memory>
#include <string>
#include <string_view>

#include "access/caller.h"
#include "base/problem.h"
#include "base/time.h"

namespace pawl::access {

struct AuthenticatorOptions {
  std::string conninfo;                                // of the server's login
  std::size_t connections = 2;                         // and one more, for tokens that were good a moment ago
  Microseconds timeout = std::chrono::seconds(5);      // for one look into the database
  Microseconds good_for = std::chrono::seconds(5);     // how long a revoked token may still be accepted
  Microseconds refused_for = std::chrono::seconds(1);  // how long a token may be refused that was made meanwhile
  std::size_t remembered = 10'000;                     // good tokens
  std::size_t remembered_refusals = 1'000;             // apart, so that guesses cannot displace good ones
};

class Authenticator {
 public:
  Authenticator(boost::asio::io_context& io, AuthenticatorOptions options);
  ~Authenticator();  // drops what is unanswered without a call
  Authenticator(const Authenticator&) = delete;
  Authenticator& operator=(const Authenticator&) = delete;

  // `token` is what stands after "Bearer ", empty when there is none. Answers at once, within the call, when it knows.
  // Codes: unauthorized (401: missing, unknown, revoked, expired or malformed), and those of pg::problem_of.
  void authenticate(std::string_view token, Done<Caller> then);

 private:
  class Core;
  std::shared_ptr<Core> core_;
};

}  // namespace pawl::access
