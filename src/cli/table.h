// Rows as text: aligned for people, tab-separated for pipes. Columns count what is seen: a code point is one wide.
#pragma once

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace pawl::cli {

using Row = std::vector<std::string>;

// Text from elsewhere, safe to print: control characters (C0, DEL, C1), by which it could move the cursor or colour the
// screen, become U+FFFD; a line break or a tab becomes a space.
std::string printable(std::string_view text);

// A cell with colours around it, if it has any: nothing that is seen may be added. `column` is its heading.
using Paint = std::function<std::string(std::string_view column, const std::string& cell)>;

// Headings and rows, a line each, columns as wide as their widest cell, two spaces between, none at the end of a line.
// Each row has as many cells as there are headings. Nothing when there are no rows.
std::string aligned(const Row& headings, const std::vector<Row>& rows, const Paint& paint);

// The rows alone, a line each, a tab between cells: for cut, awk and while read.
std::string tab_separated(const std::vector<Row>& rows);

// The first cells alone, a line each.
std::string first_cells(const std::vector<Row>& rows);

}  // namespace pawl::cli
