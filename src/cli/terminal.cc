#include "cli/terminal.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <cstring>

#include "http/problem.h"
#include "json/write.h"

namespace pawl::cli {
namespace {

void print(std::string_view text) {
  const bool written = std::fwrite(text.data(), 1, text.size(), stdout) == text.size();
  if (!written || std::fflush(stdout) != 0) throw OutputLost(errno);
}

// Lines stay lines: the end of a log may be told.
std::string printable_lines(std::string_view text) {
  std::string clean;
  for (std::size_t begin = 0; begin <= text.size();) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    if (begin > 0) clean += '\n';
    clean += printable(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return clean;
}

Output chosen(Output asked, const Surroundings& surroundings) {
  if (asked != Output::automatic) return asked;
  return surroundings.output_is_terminal ? Output::table : Output::tsv;
}

}  // namespace

OutputLost::OutputLost(int error_number) : std::runtime_error(std::strerror(error_number)), error(error_number) {}

Terminal::Terminal(Output output, const Surroundings& surroundings)
    : output_(chosen(output, surroundings)), surroundings_(surroundings) {}

void Terminal::line(std::string_view text) const { print(std::string(text) + "\n"); }

void Terminal::note(std::string_view text) const {
  const std::string line = std::string(text) + "\n";
  std::fwrite(line.data(), 1, line.size(), stderr);
}

void Terminal::value(const json::Value& value) const {
  if (!is_for_people()) return line(json::to_text(value));
  std::string text;
  json::write_indented(value, text);
  line(text);
}

void Terminal::cells(const Row& row) const {
  std::string text;
  for (const std::string& cell : row) {
    if (!text.empty()) text += is_for_people() ? "  " : "\t";
    text += cell;
  }
  line(text);
}

void Terminal::table(const Row& headings, const std::vector<Row>& rows, std::string_view empty) const {
  if (rows.empty()) return note(empty);
  if (ids()) return print(first_cells(rows));
  if (!is_for_people()) return print(tab_separated(rows));
  print(aligned(headings, rows, [this](std::string_view column, const std::string& cell) {
    return column == "STATUS" ? status(cell) : cell;
  }));
}

std::string Terminal::status(std::string_view run_status) const {
  if (!surroundings_.colors()) return std::string(run_status);
  std::string_view code = "33";  // yellow: open
  if (run_status == "completed") code = "32";
  if (run_status == "faulted" || run_status == "compensation_failed") code = "31";
  if (run_status == "cancelled" || run_status == "compensated") code = "90";
  return "\x1b[" + std::string(code) + "m" + std::string(run_status) + "\x1b[0m";
}

std::string problem_text(const Problem& problem) {
  std::string text = problem.title;
  if (!problem.detail.empty()) text += (text.empty() ? "" : ": ") + problem.detail;
  // Titles and details name the place already, most often.
  if (!problem.instance.empty() && text.find(problem.instance) == std::string::npos) {
    text += " (" + problem.instance + ")";
  }
  text = "pawl: " + printable_lines(text) + " [" + problem.code + "]";
  if (!problem.hint.empty()) text += "\nhint: " + printable_lines(problem.hint);
  return text;
}

int Terminal::problem(const Problem& problem) const {
  note(json() ? json::to_text(http::problem_document(problem)) : problem_text(problem));
  return exit_code(problem);
}

int Terminal::exit_code(const Problem& problem) {
  const std::string_view code = problem.code;
  for (const std::string_view nobody : {"unreachable", "no-answer", "database-unavailable", "database-unknown"}) {
    if (code == nobody) return Exit::unreachable;
  }
  if (code == "file-unreadable" || code == "usage") return Exit::usage;
  if (code == "expression" || code == "expression-budget") return Exit::expression;
  // What stands in the way here, and will until somebody changes it.
  const bool in_the_way = code.starts_with("data-dir-") || code == "port-in-use" || code == "database-newer" ||
                          code == "migration-changed" || code == "database-not-migrated" || code == "database-denied";
  return in_the_way || problem.status < 500 ? Exit::refused : Exit::failed;
}

}  // namespace pawl::cli
