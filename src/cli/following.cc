#include "cli/following.h"

#include <chrono>
#include <optional>

#include "cli/history.h"
#include "cli/interruption.h"
#include "cli/waiting.h"
#include "json/parse.h"

namespace pawl::cli {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds without_server{60'000};  // that long a server may be away
constexpr milliseconds between_tries{500};

// A line that comes alone cannot be as wide as those that follow: most types and paths fit.
std::string aligned_line(const Row& row) {
  constexpr std::size_t widths[] = {4, 26, 20, 28, 0};
  std::string line;
  for (std::size_t i = 0; i < row.size(); ++i) {
    const std::string cell = printable(row[i]);
    line += cell;
    if (i + 1 < row.size()) line.append(cell.size() < widths[i] ? widths[i] - cell.size() : 0, ' ').append("  ");
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line;
}

class Following {
 public:
  Following(Api& api, const Terminal& terminal, const std::string& id, std::uint32_t after, Microseconds at_most)
      : api_(api),
        terminal_(terminal),
        id_(id),
        until_(Steady::now() + std::min(at_most, Microseconds(std::chrono::hours(24 * 365)))),
        events_(after == 0 ? "" : std::to_string(after)) {}

  int follow() {
    while (!ended_) {
      const auto end = api_.follow(run_target(id_) + "/stream", events_, interruption_.descriptor(), until_,
                                   [this](const http::ServerSentEvent& event) { return take(event); });
      if (!end) {
        if (!is_away(end.error()) || Steady::now() > seen_ + without_server) {
          return terminal_.problem(about(end.error(), id_));
        }
        if (!std::exchange(told_, true)) terminal_.note("pawl: the server does not answer: trying again");
      } else if (*end == http::StreamEnd::interrupted) {
        give_up();
      } else if (*end == http::StreamEnd::out_of_time) {
        break;
      }
      if (!ended_ && interruption_.within(between_tries)) give_up();
    }
    return show_end();
  }

 private:
  static bool is_away(const Problem& problem) {
    return problem.code == "unreachable" || problem.code == "no-answer" || problem.status == 503 ||
           problem.status == 429;
  }

  bool take(const http::ServerSentEvent& event) {
    seen_ = Steady::now();
    told_ = false;
    if (event.type == "end") {
      ended_ = true;
      return false;
    }
    if (terminal_.ids()) return true;
    if (terminal_.json()) {
      terminal_.line(event.data);
      return true;
    }
    const auto document = json::parse(event.data);
    if (!document) return true;
    const Row row = event_row(terminal_, *document);
    if (terminal_.is_for_people()) {
      terminal_.line(aligned_line(row));
    } else {
      terminal_.line(tab_separated_line(row));
    }
    return true;
  }

  static std::string tab_separated_line(const Row& row) {
    std::string line = tab_separated({row});
    line.pop_back();  // its line break
    return line;
  }

  [[noreturn]] void give_up() {
    terminal_.note("pawl: not followed any more, the run goes on; follow it again with: pawl runs follow " + id_);
    interruption_.end_process();
  }

  int show_end() {
    const auto run = api_.get(run_target(id_));
    if (!run) return terminal_.problem(about(run.error(), id_));
    if (ended_ && (terminal_.is_for_people() || terminal_.ids())) show_outcome(terminal_, *run);
    return exit_of_waiting(terminal_, *run);
  }

  Api& api_;
  const Terminal& terminal_;
  const std::string id_;
  const Steady::time_point until_;
  http::EventStream events_;
  Interruption interruption_;
  Steady::time_point seen_ = Steady::now();  // when the server last said something
  bool ended_ = false;
  bool told_ = false;  // that the server is away
};

}  // namespace

int follow_run(Api& api, const Terminal& terminal, const std::string& id, std::uint32_t after, Microseconds at_most) {
  return Following(api, terminal, id, after, at_most).follow();
}

}  // namespace pawl::cli
