// What a command prints: tables for people, JSON for programs, problems on standard error with the exit code they mean.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "cli/options.h"
#include "json/value.h"

namespace pawl::cli {

class Terminal {
 public:
  explicit Terminal(const Invocation& invocation);

  bool json() const { return json_; }

  void line(std::string_view text) const;      // standard output
  void note(std::string_view text) const;      // standard error: for people, nothing that a program needs
  void value(const json::Value& value) const;  // one JSON document: indented for people, else a line
  // Columns as wide as their widest cell; headings only when there are rows, else `empty`.
  void table(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows,
             std::string_view empty) const;
  std::string status(std::string_view run_status) const;  // coloured on a terminal, never with NO_COLOR

  int problem(const Problem& problem) const;  // prints it; its exit code
  static int exit_code(const Problem& problem);

 private:
  bool json_ = false, color_ = false;
};

}  // namespace pawl::cli
