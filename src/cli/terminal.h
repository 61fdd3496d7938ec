// What a command prints: tables for people, rows for pipes, JSON for programs, problems on standard error with the exit
// code they mean.
#pragma once

#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "base/problem.h"
#include "cli/options.h"
#include "cli/surroundings.h"
#include "cli/table.h"
#include "json/value.h"

namespace pawl::cli {

// Standard output takes nothing any more: its reader has gone, or its disk is full. Ends the command (main.cc).
class OutputLost : public std::runtime_error {
 public:
  explicit OutputLost(int error);
  const int error;  // an errno
};

class Terminal {
 public:
  // Without an order tables are for terminals, and pipes get rows: Output::tsv.
  explicit Terminal(Output output, const Surroundings& surroundings = Surroundings::of_process());

  bool json() const { return output_ == Output::json; }
  bool ids() const { return output_ == Output::id; }
  bool is_for_people() const { return output_ == Output::table; }
  const Surroundings& surroundings() const { return surroundings_; }

  // Throw OutputLost.
  void line(std::string_view text) const;      // standard output
  void value(const json::Value& value) const;  // one JSON document: indented for people, else a line
  // Cells that belong together on one line: two spaces between them for people, else a tab.
  void cells(const Row& row) const;
  // As Output says; the first column is what other commands take for a name. Without rows nothing but a note.
  void table(const Row& headings, const std::vector<Row>& rows, std::string_view empty) const;

  void note(std::string_view text) const;                 // standard error: nothing that a program needs
  std::string status(std::string_view run_status) const;  // coloured on a terminal, never with NO_COLOR

  int problem(const Problem& problem) const;  // prints it; its exit code
  static int exit_code(const Problem& problem);

 private:
  Output output_;
  Surroundings surroundings_;
};

// A problem as people read it, one line and its hint on another.
std::string problem_text(const Problem& problem);

}  // namespace pawl::cli
