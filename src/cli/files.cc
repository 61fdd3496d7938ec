#include "cli/files.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstdio>
#include <cstring>

namespace pawl::cli {
namespace {

Problem unreadable(std::string_view path, int error) {
  return {.status = 400,
          .code = "file-unreadable",
          .title = "The file cannot be read",
          .detail = std::string(path) + ": " + std::strerror(error),
          .instance = {},
          .hint = {}};
}

}  // namespace

Result<std::string> read_file(std::string_view path, std::size_t most_bytes) {
  const std::string name(path);
  const int file = path == "-" ? STDIN_FILENO : open(name.c_str(), O_RDONLY | O_CLOEXEC);
  // Else it looks as if nothing went on.
  if (file == STDIN_FILENO && isatty(STDIN_FILENO) == 1 && isatty(STDERR_FILENO) == 1) {
    std::fputs("reading what is typed; Ctrl-D ends it\n", stderr);
  }
  if (file < 0) return fail(unreadable(path, errno));
  std::string text;
  char buffer[64 << 10];
  ssize_t count = 0;
  while ((count = read(file, buffer, sizeof buffer)) > 0 && text.size() <= most_bytes) {
    text.append(buffer, static_cast<std::size_t>(count));
  }
  const int error = errno;
  if (file != STDIN_FILENO) close(file);
  if (count < 0) return fail(unreadable(path, error));
  if (text.size() > most_bytes) {
    return fail({.status = 413,
                 .code = "limit-exceeded",
                 .title = "The file is too large",
                 .detail = name + " has more than " + std::to_string(most_bytes) + " bytes",
                 .instance = name,
                 .hint = {}});
  }
  return text;
}

}  // namespace pawl::cli
