// Reading what a command is given: files, - for standard input, @FILE in options.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/problem.h"

namespace pawl::cli {

// `file-unreadable` when it cannot be read, 413 `limit-exceeded` beyond `most_bytes`.
Result<std::string> read_file(std::string_view path, std::size_t most_bytes);

}  // namespace pawl::cli
