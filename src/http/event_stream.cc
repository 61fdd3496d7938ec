#include "http/event_stream.h"

#include <utility>

namespace pawl::http {

bool EventStream::put(std::string_view bytes, const std::function<bool(const ServerSentEvent&)>& then) {
  while (!bytes.empty()) {
    if (std::exchange(after_return_, false) && bytes.front() == '\n') {
      bytes.remove_prefix(1);
      continue;
    }
    const std::size_t end = bytes.find_first_of("\r\n");
    line_.append(bytes.substr(0, end));
    if (line_.size() > line_bytes_most) return false;
    if (end == std::string_view::npos) return true;
    after_return_ = bytes[end] == '\r';
    bytes.remove_prefix(end + 1);
    const std::string line = std::exchange(line_, {});
    if (!line.empty()) {
      field(line);
      continue;
    }
    const ServerSentEvent event{
        .id = event_.id, .type = std::exchange(event_.type, {}), .data = std::exchange(event_.data, {})};
    if (event.data.empty()) continue;  // comments, or a field alone: no event
    if (!then(event)) return false;
  }
  return true;
}

void EventStream::field(std::string_view line) {
  const std::size_t colon = line.find(':');
  const std::string_view name = line.substr(0, colon);
  std::string_view value = colon == std::string_view::npos ? std::string_view() : line.substr(colon + 1);
  if (value.starts_with(' ')) value.remove_prefix(1);
  if (name == "id") event_.id = value;
  if (name == "event") event_.type = value;
  if (name != "data") return;
  if (!event_.data.empty()) event_.data += '\n';
  event_.data += value;
}

}  // namespace pawl::http
