#include "cli/listen.h"

#include <charconv>

namespace pawl::cli {

std::optional<Listen> parse_listen(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return std::nullopt;
  Listen listen{.host = std::string(text.substr(0, colon))};
  if (listen.host.starts_with('[') && listen.host.ends_with(']')) {
    listen.host = listen.host.substr(1, listen.host.size() - 2);
  } else if (listen.host.find(':') != std::string::npos) {
    return std::nullopt;  // an IPv6 address without its brackets
  }
  const std::string_view port = text.substr(colon + 1);
  const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), listen.port);
  if (listen.host.empty() || port.empty() || error != std::errc() || end != port.data() + port.size())
    return std::nullopt;
  return listen;
}

Problem listen_problem(std::string_view option, std::string_view text) {
  return {.status = 400,
          .code = "usage",
          .title = "Not an address to listen on",
          .detail = std::string(text),
          .instance = {},
          .hint = std::string(option) + " HOST:PORT, for example 127.0.0.1:7295"};
}

}  // namespace pawl::cli
