#include "cli/table.h"

#include <gtest/gtest.h>

namespace pawl::cli {
namespace {

TEST(Table, ColumnsAreAsWideAsTheirWidestCell) {
  EXPECT_EQ(aligned({"A", "HEADING", "C"}, {{"long", "x", "1"}, {"s", "yy", ""}}, {}),
            "A     HEADING  C\n"
            "long  x        1\n"
            "s     yy\n");
}

TEST(Table, CodePointsCountAndNotBytes) {
  EXPECT_EQ(aligned({"A", "B"}, {{"äö", "1"}, {"abc", "2"}}, {}), "A    B\näö   1\nabc  2\n");
}

TEST(Table, PaintTakesNoRoom) {
  const Paint paint = [](std::string_view column, const std::string& cell) {
    return column == "S" ? "\x1b[1m" + cell + "\x1b[0m" : cell;
  };
  EXPECT_EQ(aligned({"S", "T"}, {{"a", "S"}}, paint), "S  T\n\x1b[1ma\x1b[0m  S\n");
}

TEST(Table, NoRowsAreNothing) {
  EXPECT_EQ(aligned({"A"}, {}, {}), "");
  EXPECT_EQ(tab_separated({}), "");
  EXPECT_EQ(first_cells({}), "");
}

TEST(Table, PipesGetRowsAlone) {
  EXPECT_EQ(tab_separated({{"a", "", "c d"}, {"x", "y", ""}}), "a\t\tc d\nx\ty\t\n");
  EXPECT_EQ(first_cells({{"a", "b"}, {"c", "d"}}), "a\nc\n");
}

// A row stays a row, and a cell a cell, whatever is in it.
TEST(Table, CellsMoveNoCursor) {
  EXPECT_EQ(printable("a\tb\nc\r"), "a b c ");
  EXPECT_EQ(printable("\x1b[31mred\x7f"), "\xef\xbf\xbd[31mred\xef\xbf\xbd");
  EXPECT_EQ(printable("\xc2\x9b"
                      "31m"),
            "\xef\xbf\xbd"
            "31m");  // the one-byte CSI, in UTF-8
  EXPECT_EQ(printable("\xc2\xa0é…"), "\xc2\xa0é…");
  EXPECT_EQ(printable("\xc2"), "\xc2");
  EXPECT_EQ(tab_separated({{"a\tb", "c\nd"}}), "a b\tc d\n");
}

}  // namespace
}  // namespace pawl::cli
