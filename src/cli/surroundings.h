// What the process prints to, and what the environment asks of it.
#pragma once

#include <cstddef>

namespace pawl::cli {

struct Surroundings {
  bool output_is_terminal = false;  // standard output
  bool errors_are_terminal = false;
  bool wants_color = true;   // NO_COLOR is not there, or empty (no-color.org)
  bool is_dumb = false;      // TERM is dumb or not there: nothing can be coloured or drawn again
  std::size_t columns = 80;  // of the terminal on standard error

  static Surroundings of_process();

  bool colors() const { return output_is_terminal && wants_color && !is_dumb; }
  bool draws() const { return errors_are_terminal && !is_dumb; }
};

}  // namespace pawl::cli
