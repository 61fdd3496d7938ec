// One line on a terminal's standard error that says what is going on, drawn again while it lasts, and gone when it
// ends. Nothing in pipes, and nothing for what is done within a second.
#pragma once

#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <optional>
#include <string>
#include <thread>

#include "cli/surroundings.h"

namespace pawl::cli {

// How far something is: `done` of `total`, in whatever unit. Unknown: no bar, the time alone.
struct Share {
  std::uint64_t done = 0, total = 0;
};

// The line, at most `columns` wide: `starting PostgreSQL  [######              ]  30 %  4 s`.
std::string progress_line(const std::string& what, std::chrono::seconds elapsed, std::optional<Share> share,
                          std::size_t columns);

// Draws from a thread of its own, so that the work may block. The other functions may be called from any thread.
class Progress {
 public:
  Progress(const Surroundings& surroundings, std::string what);
  ~Progress();  // ends it
  Progress(const Progress&) = delete;
  Progress& operator=(const Progress&) = delete;

  // Whether anything will be seen: else what is costly to find out may be left out.
  bool is_drawn() const { return thread_.joinable(); }

  void say(std::string what);  // what it is now
  void reach(Share share);
  void fill_in(std::chrono::milliseconds time);  // the bar is full when this much more time has passed
  void end();                                    // takes the line away; before anything else is printed

 private:
  using Steady = std::chrono::steady_clock;
  void draw();
  std::optional<Share> share_at(Steady::time_point now) const;

  const std::size_t columns_;
  const Steady::time_point begin_ = Steady::now();
  std::mutex mutex_;
  std::condition_variable changed_;
  std::string what_;
  std::optional<Share> share_;
  std::optional<Steady::time_point> filling_since_;
  std::chrono::milliseconds filling_{0};
  bool ended_ = false;
  std::thread thread_;
};

}  // namespace pawl::cli
