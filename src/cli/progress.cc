#include "cli/progress.h"

#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/encoding.h"

namespace pawl::cli {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr milliseconds first_after{1'000};  // what is done by then needs no line
constexpr milliseconds redraw_every{200};
constexpr std::size_t bar_cells = 20;
constexpr const char* erase_line = "\r\x1b[K";  // ECMA-48: to the line's begin, erase it

std::string bar(const Share& share) {
  const std::uint64_t done = std::min(share.done, share.total);
  const auto full = static_cast<std::size_t>(done * bar_cells / share.total);
  const std::string percent = std::to_string(done * 100 / share.total);
  return "  [" + std::string(full, '#') + std::string(bar_cells - full, ' ') + "] " +
         std::string(3 - percent.size(), ' ') + percent + " %";
}

std::string time_text(seconds elapsed) {
  const auto count = elapsed.count();
  if (count < 60) return std::to_string(count) + " s";
  const std::string rest = std::to_string(count % 60);
  return std::to_string(count / 60) + ":" + (rest.size() < 2 ? "0" : "") + rest + " min";
}

// Past any signal and any lock of stdio: it is a line for the eye alone, and what is not written is not missed.
void put(const std::string& text) {
  if (write(STDERR_FILENO, text.data(), text.size()) < 0) return;
}

}  // namespace

std::string progress_line(const std::string& what, seconds elapsed, std::optional<Share> share, std::size_t columns) {
  std::string end = share && share->total > 0 ? bar(*share) : "";
  end += "  " + time_text(elapsed);
  // The last column stays free: some terminals begin a new line as soon as it is taken.
  const std::size_t room = columns > end.size() + 1 ? columns - end.size() - 1 : 0;
  if (room < 4) return end.substr(2);
  std::string text = what;
  if (text.size() > room) text = text.substr(0, utf8_cut(text, room - 1)) + "…";
  return text + end;
}

Progress::Progress(const Surroundings& surroundings, std::string what)
    : columns_(surroundings.columns), what_(std::move(what)) {
  if (surroundings.draws()) thread_ = std::thread([this] { draw(); });
}

Progress::~Progress() { end(); }

void Progress::say(std::string what) {
  const std::lock_guard lock(mutex_);
  what_ = std::move(what);
  share_.reset();
  filling_since_.reset();
}

void Progress::reach(Share share) {
  const std::lock_guard lock(mutex_);
  share_ = share;
}

void Progress::fill_in(milliseconds time) {
  const std::lock_guard lock(mutex_);
  filling_since_ = Steady::now();
  filling_ = time;
}

void Progress::end() {
  if (!thread_.joinable()) return;
  {
    const std::lock_guard lock(mutex_);
    ended_ = true;
  }
  changed_.notify_one();
  thread_.join();
}

std::optional<Share> Progress::share_at(Steady::time_point now) const {
  if (!filling_since_) return share_;
  const auto passed = std::chrono::duration_cast<milliseconds>(now - *filling_since_);
  return Share{static_cast<std::uint64_t>(passed.count()), static_cast<std::uint64_t>(filling_.count())};
}

void Progress::draw() {
  std::unique_lock lock(mutex_);
  if (changed_.wait_for(lock, first_after, [this] { return ended_; })) return;
  while (!ended_) {
    const auto now = Steady::now();
    const auto elapsed = std::chrono::duration_cast<seconds>(now - begin_);
    // The cursor waits at the begin: a line of the log that comes between is written over this one.
    put(erase_line + progress_line(what_, elapsed, share_at(now), columns_) + "\r");
    changed_.wait_for(lock, redraw_every, [this] { return ended_; });
  }
  put(erase_line);
}

}  // namespace pawl::cli
