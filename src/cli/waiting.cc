#include "cli/waiting.h"

#include <algorithm>
#include <chrono>
#include <thread>

#include "cli/progress.h"
#include "http/message.h"

namespace pawl::cli {
namespace {

using std::chrono::milliseconds;
using Steady = std::chrono::steady_clock;

constexpr milliseconds longest_request{30'000};  // the server takes up to limits::wait_longest
constexpr milliseconds between_looks{2'000};     // when somebody looks on, and wants to see where the run is
constexpr milliseconds without_server{60'000};   // that long a server may be away
constexpr milliseconds between_tries{500};

bool is_away(const Problem& problem) { return problem.code == "unreachable" || problem.code == "no-answer"; }

std::string wait_parameter(milliseconds time) { return "?wait=" + std::to_string(time.count()) + "ms"; }

// The path of the last task that has begun and not ended; empty when there is none, or too many to look through.
std::string open_task(Api& api, const std::string& target) {
  const auto page = api.get(target + "/steps?limit=200");
  if (!page || page->find("nextCursor") != nullptr || page->find("items") == nullptr) return {};
  std::string path;
  for (const json::Value& step : page->find("items")->items()) {
    if (step.find("endedAt") == nullptr) path = text_of(step, "path");
  }
  return path;
}

class Waiting {
 public:
  Waiting(Api& api, const Terminal& terminal, json::Value run, Microseconds at_most)
      : api_(api),
        run_(std::move(run)),
        target_("/v1/runs/" + http::percent_encode(text_of(run_, "id"))),
        until_(Steady::now() + at_most),
        progress_(terminal.surroundings(), "waiting for " + text_of(run_, "id")) {}

  Result<json::Value> wait() {
    for (Steady::time_point now = Steady::now(); !has_ended(run_) && now < until_; now = Steady::now()) {
      if (progress_.is_drawn()) say_where();
      auto next = api_.get(target_ + wait_parameter(patience_now(now)));
      if (next) {
        run_ = std::move(*next);
        seen_ = Steady::now();
        continue;
      }
      if (!is_away(next.error()) || Steady::now() > seen_ + without_server) return next;
      progress_.say("the server does not answer: trying again");
      std::this_thread::sleep_for(between_tries);
    }
    return std::move(run_);
  }

 private:
  milliseconds patience_now(Steady::time_point now) const {
    const milliseconds most = progress_.is_drawn() ? between_looks : longest_request;
    return std::clamp(std::chrono::duration_cast<milliseconds>(until_ - now), milliseconds(1), most);
  }

  // To look where a run is costs the server a walk through its history: only when something has happened.
  void say_where() {
    const std::string updated = text_of(run_, "updatedAt");
    if (updated == looked_at_) return progress_.say(where_);
    looked_at_ = updated;
    const std::string path = open_task(api_, target_);
    where_ = printable(text_of(run_, "id") + " is " + text_of(run_, "status") + (path.empty() ? "" : " at " + path));
    progress_.say(where_);
  }

  Api& api_;
  json::Value run_;
  const std::string target_;
  const Steady::time_point until_;
  Steady::time_point seen_ = Steady::now();  // when the server last answered
  std::string looked_at_ = "never", where_;
  Progress progress_;
};

}  // namespace

bool has_ended(const json::Value& run) { return run.find("endedAt") != nullptr; }

Result<Microseconds> read_patience(const std::string& option, const std::string& text) {
  if (const auto time = parse_duration(text)) return *time;
  return fail({.status = 400,
               .code = "usage",
               .title = option + " is not a duration",
               .detail = text,
               .instance = {},
               .hint = "30s, 5m, PT1H"});
}

Result<json::Value> wait_until_ended(Api& api, const Terminal& terminal, json::Value run, Microseconds at_most) {
  return Waiting(api, terminal, std::move(run), at_most).wait();
}

void show_outcome(const Terminal& terminal, const json::Value& run) {
  if (terminal.json()) return terminal.value(run);
  if (terminal.ids()) return terminal.line(text_of(run, "id"));
  terminal.cells({text_of(run, "id"), terminal.status(text_of(run, "status"))});
  if (const json::Value* output = run.find("output")) terminal.value(*output);
  if (const json::Value* error = run.find("error")) terminal.value(*error);
}

int exit_of_waiting(const Terminal& terminal, const json::Value& run) {
  const std::string status = text_of(run, "status");
  if (status == "completed") return Exit::done;
  const std::string id = text_of(run, "id");
  if (!has_ended(run)) {
    terminal.note("pawl: gave up waiting, the run goes on; wait again with: pawl runs wait " + id);
  } else if (terminal.is_for_people()) {
    terminal.note("hint: its history is shown by: pawl runs events " + id);
  }
  return Exit::failed;
}

}  // namespace pawl::cli
