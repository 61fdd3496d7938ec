// Reads one stream of server-sent events, blocking: for the command line.
#pragma once

#include <chrono>
#include <functional>
#include <string>
#include <string_view>

#include "base/problem.h"
#include "http/event_stream.h"
#include "http/message.h"

namespace pawl::http {

struct EventSourceOptions {
  std::string url;  // as ClientOptions have it
  std::string token;
  std::chrono::milliseconds connect_time{5'000};
  std::chrono::seconds silence{60};  // without a byte, not even a sign of life: the connection is taken for dead
  // Becomes readable when the reading is to end; -1: nothing does. Not read from.
  int interruption = -1;
  std::chrono::steady_clock::time_point until = std::chrono::steady_clock::time_point::max();
};

enum class StreamEnd : std::uint8_t { by_server, by_reader, interrupted, out_of_time };

struct StreamOutcome {
  StreamEnd end = StreamEnd::by_server;
  Response refusal;  // an answer other than 200, whole; else its status is 200
};

// Reads from `target` on, behind `stream.last_id()`, until one of StreamEnd. `then` answers whether to go on. Problems:
// `unreachable`, and `no-answer` when the connection was cut.
Result<StreamOutcome> read_events(const EventSourceOptions& options, std::string_view target, EventStream& stream,
                                  const std::function<bool(const ServerSentEvent&)>& then);

}  // namespace pawl::http
