// pawl runs logs: what workers said while they worked.
#include <chrono>

#include "cli/api.h"
#include "cli/commands.h"
#include "cli/history.h"
#include "cli/interruption.h"
#include "cli/waiting.h"
#include "json/builder.h"

namespace pawl::cli {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds first_look{250}, longest_look{2'000};  // between looks for more, while nothing comes

class Logs {
 public:
  Logs(Api& api, const Terminal& terminal, const std::string& id) : api_(api), terminal_(terminal), id_(id) {}

  // Prints what there is behind what was printed; how many lines that was.
  Result<std::size_t> print_new() {
    std::size_t count = 0;
    for (bool more = true; more;) {
      const auto page = api_.get(run_target(id_) + "/logs?limit=200&cursor=" + last_);
      if (!page) return fail(about(page.error(), id_));
      for (const json::Value& line : page->find("items")->items()) {
        print(line);
        last_ = text_of(line, "line");
        ++count;
      }
      more = page->find("nextCursor") != nullptr;
      dropped_ = text_of(*page, "dropped");
    }
    printed_ += count;
    return count;
  }

  void print_end() const {
    if (printed_ == 0) terminal_.note("no lines");
    if (!dropped_.empty()) terminal_.note("pawl: " + dropped_ + " lines were dropped: there were more than are kept");
  }

 private:
  void print(const json::Value& line) const {
    if (terminal_.json()) return terminal_.line(json::to_text(line));
    const std::string level = text_of(line, "level"), path = text_of(line, "path");
    const std::string message = text_of(line, "message") + (line.find("cut") == nullptr ? "" : "…");
    if (terminal_.is_for_people()) {
      terminal_.cells({moment(line, "ts"), level, printable(path), printable(message)});
    } else {
      std::string row = tab_separated({{moment(line, "ts"), level, path, message}});
      row.pop_back();  // its line break
      terminal_.line(row);
    }
  }

  Api& api_;
  const Terminal& terminal_;
  const std::string id_;
  std::string last_ = "0", dropped_;
  std::size_t printed_ = 0;
};

int follow(Api& api, const Terminal& terminal, Logs& logs, const std::string& id) {
  const Interruption interruption;
  for (milliseconds pause = first_look;;) {
    // The run first: what was logged before it ended is then seen.
    const auto run = api.get(run_target(id));
    if (!run) return terminal.problem(about(run.error(), id));
    const auto count = logs.print_new();
    if (!count) return terminal.problem(count.error());
    if (has_ended(*run)) break;
    pause = *count > 0 ? first_look : std::min(pause * 2, longest_look);
    if (interruption.within(pause)) interruption.end_process();
  }
  logs.print_end();
  return Exit::done;
}

}  // namespace

int run(const RunsLogs& options, const Terminal& terminal) {
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  Logs logs(*api, terminal, options.id);
  if (options.follow) return follow(*api, terminal, logs, options.id);
  const auto count = logs.print_new();
  if (!count) return terminal.problem(count.error());
  logs.print_end();
  return Exit::done;
}

}  // namespace pawl::cli
