// HOST:PORT as --listen takes it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/problem.h"

namespace pawl::cli {

struct Listen {
  std::string host;
  std::uint16_t port = 0;
};

std::optional<Listen> parse_listen(std::string_view text);  // 127.0.0.1:7295, [::1]:0, localhost:80
Problem listen_problem(std::string_view option, std::string_view text);

}  // namespace pawl::cli
