#include "cli/progress.h"

#include <gtest/gtest.h>

namespace pawl::cli {
namespace {

using std::chrono::seconds;

TEST(ProgressLine, SaysWhatAndHowLong) {
  EXPECT_EQ(progress_line("starting PostgreSQL", seconds(4), std::nullopt, 80), "starting PostgreSQL  4 s");
  EXPECT_EQ(progress_line("x", seconds(59), std::nullopt, 80), "x  59 s");
  EXPECT_EQ(progress_line("x", seconds(60), std::nullopt, 80), "x  1:00 min");
  EXPECT_EQ(progress_line("x", seconds(3'671), std::nullopt, 80), "x  61:11 min");
}

TEST(ProgressLine, DrawsABarWhenTheEndIsKnown) {
  EXPECT_EQ(progress_line("x", seconds(1), Share{0, 10}, 80), "x  [                    ]   0 %  1 s");
  EXPECT_EQ(progress_line("x", seconds(1), Share{3, 10}, 80), "x  [######              ]  30 %  1 s");
  EXPECT_EQ(progress_line("x", seconds(1), Share{10, 10}, 80), "x  [####################] 100 %  1 s");
  EXPECT_EQ(progress_line("x", seconds(1), Share{11, 10}, 80), "x  [####################] 100 %  1 s");
  EXPECT_EQ(progress_line("x", seconds(1), Share{0, 0}, 80), "x  1 s");
}

// A line that breaks could not be drawn again.
TEST(ProgressLine, FitsTheTerminal) {
  EXPECT_EQ(progress_line("0123456789", seconds(1), std::nullopt, 16), "0123456789  1 s");
  EXPECT_EQ(progress_line("0123456789", seconds(1), std::nullopt, 15), "01234567…  1 s");
  EXPECT_EQ(progress_line("ääää", seconds(1), std::nullopt, 13), "äää…  1 s");
  EXPECT_EQ(progress_line("0123456789", seconds(1), std::nullopt, 6), "1 s");
}

TEST(Progress, NothingIsDrawnWhereNobodyLooks) {
  Surroundings pipe;
  Progress unseen(pipe, "x");
  EXPECT_FALSE(unseen.is_drawn());
  unseen.say("y");
  unseen.reach({1, 2});
  unseen.end();
  Surroundings dumb{.errors_are_terminal = true, .is_dumb = true};
  EXPECT_FALSE(Progress(dumb, "x").is_drawn());
  Surroundings terminal{.errors_are_terminal = true, .wants_color = false};
  Progress seen(terminal, "x");
  EXPECT_TRUE(seen.is_drawn());  // done within the second: it prints nothing
}

}  // namespace
}  // namespace pawl::cli
