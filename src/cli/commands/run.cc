#include <algorithm>
#include <chrono>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/time.h"
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "cli/following.h"
#include "cli/waiting.h"
#include "json/builder.h"
#include "json/parse.h"

namespace pawl::cli {
namespace {

// As long the start itself waits: a run that ends by then costs one request. On a terminal whoever looks on should see
// soon that there is a run.
constexpr std::chrono::milliseconds start_waits{30'000}, start_waits_on_terminal{1'000};

Result<json::Value> read_input(const std::string& given) {
  std::string text = given;
  if (given == "-" || given.starts_with("@")) {
    auto file = read_file(given == "-" ? "-" : std::string_view(given).substr(1), limits::input_bytes);
    if (!file) return fail(file.error());
    text = std::move(*file);
  }
  auto value = json::parse(text);
  if (!value) {
    return fail({.status = 400,
                 .code = "usage",
                 .title = "--input is not JSON",
                 .detail = value.error().detail,
                 .instance = {},
                 .hint = "--input '{\"id\": 1}', --input @FILE, or --input -"});
  }
  return value;
}

// A start always carries a key, so that sending it again after a lost answer starts nothing twice.
std::string random_key() {
  std::array<std::uint8_t, 16> bytes{};
  fill_secret(bytes);
  return "cli-" + base64url(bytes);
}

Result<json::Value> request_of(const Run& options) {
  json::ObjectBuilder body;
  body.add("definition", options.definition);
  if (!options.version.empty()) body.add("version", options.version);
  if (!options.queue.empty()) body.add("queue", options.queue);
  if (!options.input.empty()) {
    auto input = read_input(options.input);
    if (!input) return fail(input.error());
    body.add("input", std::move(*input));
  }
  body.add("idempotencyKey", options.key.empty() ? random_key() : options.key);
  return body.finish();
}

int start_and_follow(Api& api, const Terminal& terminal, const json::Value& request, Microseconds at_most) {
  const auto run = api.post("/v1/runs", request);
  if (!run) return terminal.problem(run.error());
  const std::string id = text_of(*run, "id");
  terminal.note("started " + id + "; Ctrl-C ends the following, not the run");
  return follow_run(api, terminal, id, 0, at_most);
}

}  // namespace

int run(const Run& options, const Terminal& terminal) {
  const auto at_most = read_patience("--wait-at-most", options.wait_at_most);
  if (!at_most) return terminal.problem(at_most.error());
  const auto request = request_of(options);
  if (!request) return terminal.problem(request.error());
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  const bool is_watched = terminal.surroundings().draws();
  const auto waits = std::min(is_watched ? start_waits_on_terminal : start_waits,
                              std::chrono::ceil<std::chrono::milliseconds>(*at_most));
  const auto until = std::chrono::steady_clock::now() + *at_most;
  if (options.follow) return start_and_follow(*api, terminal, *request, *at_most);
  auto run = api->post(options.wait ? "/v1/runs?wait=" + std::to_string(waits.count()) + "ms" : "/v1/runs", *request);
  if (run && options.wait && !has_ended(*run)) {
    if (is_watched) terminal.note("started " + text_of(*run, "id") + "; Ctrl-C ends the waiting, not the run");
    const auto left = std::chrono::duration_cast<Microseconds>(until - std::chrono::steady_clock::now());
    run = wait_until_ended(*api, terminal, *run, left);
  }
  if (!run) return terminal.problem(run.error());
  show_outcome(terminal, *run);
  return options.wait ? exit_of_waiting(terminal, *run) : Exit::done;
}

}  // namespace pawl::cli
