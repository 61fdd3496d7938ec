// Server-sent events as a client reads them (WHATWG HTML, section 9.2.6): bytes to events.
#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>

namespace pawl::http {

struct ServerSentEvent {
  std::string id, type, data;  // id: the last one that was named, also by an earlier event
};

class EventStream {
 public:
  explicit EventStream(std::string last_id = {}) : event_{.id = std::move(last_id), .type = {}, .data = {}} {}

  // `then` is called for each event that is complete; when it answers false, nothing more is read. False then, and when
  // a line is longer than `line_bytes_most`.
  bool put(std::string_view bytes, const std::function<bool(const ServerSentEvent&)>& then);

  const std::string& last_id() const { return event_.id; }

  static constexpr std::size_t line_bytes_most = 64 << 20;

 private:
  void field(std::string_view line);

  std::string line_;  // the beginning of one
  ServerSentEvent event_;
  bool after_return_ = false;  // the last byte was CR: an LF that follows is part of that line break
};

}  // namespace pawl::http
