// The server's API as the commands use it: JSON in, JSON or a problem out.
#pragma once

#include <string>
#include <string_view>

#include "base/problem.h"
#include "cli/options.h"
#include "cli/server_address.h"
#include "http/client.h"
#include "http/event_source.h"
#include "json/value.h"

namespace pawl::cli {

// A member of an answer as people read it: a string's text, anything else as JSON; empty when it is not there.
std::string text_of(const json::Value& value, std::string_view key);

class Api {
 public:
  // Problem `no-server` when nothing says where one is.
  static Result<Api> find(const ServerAddress& server);

  // A 4xx or 5xx answer is the problem that its document says, with its diagnostics if it has any.
  Result<json::Value> get(std::string_view target);
  Result<json::Value> post(std::string_view target, const json::Value& body);
  Result<json::Value> post_text(std::string_view target, std::string_view body, std::string_view content_type);

  // Reads a stream of events behind stream.last_id(), as http::read_events does.
  Result<http::StreamEnd> follow(std::string_view target, http::EventStream& stream, int interruption,
                                 std::chrono::steady_clock::time_point until,
                                 const std::function<bool(const http::ServerSentEvent&)>& then);

  // Of the last problem; null unless it had some.
  const json::Value& diagnostics() const { return diagnostics_; }

 private:
  explicit Api(FoundServer server);
  Result<json::Value> send(std::string_view method, std::string_view target, std::string_view body,
                           std::string_view content_type);

  // What the server and the client say to everybody, in the words of who types commands.
  Problem in_our_words(Problem problem) const;

  FoundServer server_;
  http::Client client_;
  json::Value diagnostics_;
};

}  // namespace pawl::cli
