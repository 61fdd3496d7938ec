#include "cli/table.h"

#include <algorithm>
#include <cstddef>

namespace pawl::cli {
namespace {

constexpr std::size_t gap = 2;  // spaces between columns

// Continuation bytes of UTF-8 take no column.
std::size_t width(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(text, [](char c) { return (c & 0xc0) != 0x80; }));
}

std::vector<Row> printable_cells(const std::vector<Row>& rows) {
  std::vector<Row> all = rows;
  for (Row& row : all) {
    for (std::string& cell : row) cell = printable(cell);
  }
  return all;
}

void add_line(std::string& text, std::string_view line) {
  const std::size_t last = line.find_last_not_of(' ');
  text += line.substr(0, last == std::string_view::npos ? 0 : last + 1);
  text += '\n';
}

}  // namespace

std::string printable(std::string_view text) {
  constexpr std::string_view replacement = "\xef\xbf\xbd";
  std::string clean;
  clean.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto byte = static_cast<unsigned char>(text[i]);
    const bool is_c1 = byte == 0xc2 && i + 1 < text.size() && static_cast<unsigned char>(text[i + 1]) < 0xa0;
    if (byte == '\n' || byte == '\t' || byte == '\r') {
      clean += ' ';
    } else if (byte < 0x20 || byte == 0x7f) {
      clean += replacement;
    } else if (is_c1) {
      clean += replacement;
      ++i;
    } else {
      clean += text[i];
    }
  }
  return clean;
}

std::string aligned(const Row& headings, const std::vector<Row>& rows, const Paint& paint) {
  if (rows.empty()) return {};
  const std::vector<Row> cells = printable_cells(rows);
  std::vector<std::size_t> widths;
  for (const std::string& heading : headings) widths.push_back(width(heading));
  for (const Row& row : cells) {
    for (std::size_t i = 0; i < row.size(); ++i) widths[i] = std::max(widths[i], width(row[i]));
  }
  std::string text;
  const auto add = [&](const Row& row, bool painted) {
    std::string line;
    for (std::size_t i = 0; i < row.size(); ++i) {
      line += painted && paint ? paint(headings[i], row[i]) : row[i];
      line.append(widths[i] - width(row[i]) + gap, ' ');
    }
    add_line(text, line);
  };
  add(headings, false);
  for (const Row& row : cells) add(row, true);
  return text;
}

std::string tab_separated(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) {
    for (std::size_t i = 0; i < row.size(); ++i) {
      if (i > 0) text += '\t';
      text += printable(row[i]);
    }
    text += '\n';
  }
  return text;
}

std::string first_cells(const std::vector<Row>& rows) {
  std::string text;
  for (const Row& row : rows) text += printable(row.front()) + "\n";
  return text;
}

}  // namespace pawl::cli
