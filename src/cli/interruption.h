// Ctrl-C while a command only looks on: it is noticed where the command waits, so that it can say what goes on without
// it, and then ends the process as it always does. While one lives, the signal does not end the process by itself.
#pragma once

#include <chrono>

namespace pawl::cli {

class Interruption {
 public:
  Interruption();
  ~Interruption();
  Interruption(const Interruption&) = delete;
  Interruption& operator=(const Interruption&) = delete;

  int descriptor() const { return descriptor_; }      // readable once it came; -1: nothing can be noticed
  bool within(std::chrono::milliseconds time) const;  // waits so long; true as soon as it came
  [[noreturn]] void end_process() const;              // by the signal, as whoever typed it expects

 private:
  int descriptor_ = -1;
};

}  // namespace pawl::cli
