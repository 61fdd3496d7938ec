#include "cli/terminal.h"

#include <unistd.h>

#include <algorithm>
#include <cstdio>
#include <cstdlib>

#include "http/problem.h"
#include "json/write.h"

namespace pawl::cli {
namespace {

void print(std::FILE* to, std::string_view text) { std::fwrite(text.data(), 1, text.size(), to); }

// Continuation bytes of UTF-8 take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

}  // namespace

Terminal::Terminal(const Invocation& invocation) {
  const bool terminal = isatty(STDOUT_FILENO) == 1;
  json_ = invocation.output == Output::json;
  const char* no_color = std::getenv("NO_COLOR");
  color_ = terminal && (no_color == nullptr || *no_color == '\0');
}

void Terminal::line(std::string_view text) const {
  print(stdout, text);
  print(stdout, "\n");
  std::fflush(stdout);
}

void Terminal::note(std::string_view text) const {
  print(stderr, text);
  print(stderr, "\n");
}

void Terminal::value(const json::Value& value) const {
  if (json_) return line(json::to_text(value));
  std::string text;
  json::write_indented(value, text);
  line(text);
}

void Terminal::table(const std::vector<std::string>& headings, const std::vector<std::vector<std::string>>& rows,
                     std::string_view empty) const {
  if (rows.empty()) return line(empty);
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings) widths.push_back(width(heading));
  for (const auto& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  const auto print_row = [&](const std::vector<std::string>& row) {
    std::string text;
    for (std::size_t i = 0; i < row.size(); ++i) {
      // A status is the only coloured cell: padding counts what is seen.
      const bool is_status = &row != &headings && headings[i] == "STATUS";
      text += is_status ? status(row[i]) : row[i];
      if (i + 1 < row.size()) text.append(widths[i] - width(row[i]) + 2, ' ');
    }
    line(text);
  };
  print_row(headings);
  for (const auto& row : rows) print_row(row);
}

std::string Terminal::status(std::string_view run_status) const {
  if (!color_) return std::string(run_status);
  std::string_view code = "33";  // yellow: open
  if (run_status == "completed") code = "32";
  if (run_status == "faulted" || run_status == "compensation_failed") code = "31";
  if (run_status == "cancelled" || run_status == "compensated") code = "90";
  return "\x1b[" + std::string(code) + "m" + std::string(run_status) + "\x1b[0m";
}

int Terminal::problem(const Problem& problem) const {
  if (json_) {
    note(json::to_text(http::problem_document(problem)));
  } else {
    std::string text = "pawl: " + problem.title;
    if (!problem.detail.empty()) text += (problem.title.empty() ? "" : ": ") + problem.detail;
    if (!problem.instance.empty()) text += " (" + problem.instance + ")";
    text += " [" + problem.code + "]";
    note(text);
    if (!problem.hint.empty()) note("hint: " + problem.hint);
  }
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
