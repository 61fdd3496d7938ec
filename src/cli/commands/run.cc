#include <chrono>

#include "base/encoding.h"
#include "base/limits.h"
#include "base/random.h"
#include "base/time.h"
#include "cli/api.h"
#include "cli/commands.h"
#include "cli/files.h"
#include "http/message.h"
#include "json/builder.h"
#include "json/parse.h"

namespace pawl::cli {
namespace {

Problem wrong(std::string title, std::string detail, std::string hint) {
  return {.status = 400,
          .code = "usage",
          .title = std::move(title),
          .detail = std::move(detail),
          .instance = {},
          .hint = std::move(hint)};
}

Result<json::Value> read_input(const std::string& given) {
  std::string text = given;
  if (given == "-" || given.starts_with("@")) {
    auto file = read_file(given == "-" ? "-" : std::string_view(given).substr(1), limits::input_bytes);
    if (!file) return fail(file.error());
    text = std::move(*file);
  }
  auto value = json::parse(text);
  if (!value)
    return fail(
        wrong("--input is not JSON", value.error().detail, "--input '{\"id\": 1}', --input @FILE, or --input -"));
  return value;
}

// A start always carries a key, so that sending it again after a lost answer starts nothing twice.
std::string random_key() {
  std::array<std::uint8_t, 16> bytes{};
  fill_secret(bytes);
  return "cli-" + base64url(bytes);
}

bool has_ended(const json::Value& run) { return run.find("endedAt") != nullptr; }

// Asks again until the run has ended; each request waits at the server.
Result<json::Value> wait_for(Api& api, json::Value run, Microseconds at_most) {
  const auto until = std::chrono::steady_clock::now() + at_most;
  const std::string target = "/v1/runs/" + text_of(run, "id") + "?wait=30s";
  while (!has_ended(run) && std::chrono::steady_clock::now() < until) {
    auto next = api.get(target);
    if (!next) return next;
    run = std::move(*next);
  }
  return run;
}

void show(const Terminal& terminal, const json::Value& run) {
  if (terminal.json()) return terminal.value(run);
  terminal.line(text_of(run, "id") + "  " + terminal.status(text_of(run, "status")));
  if (const json::Value* output = run.find("output")) terminal.value(*output);
  if (const json::Value* error = run.find("error")) terminal.value(*error);
}

}  // namespace

int run(const Run& options, const Terminal& terminal) {
  const auto at_most = parse_duration(options.wait_at_most);
  if (!at_most)
    return terminal.problem(wrong("--wait-at-most is not a duration", options.wait_at_most, "30s, 5m, PT1H"));
  auto api = Api::find(options.server);
  if (!api) return terminal.problem(api.error());
  json::ObjectBuilder body;
  body.add("definition", options.definition);
  if (!options.version.empty()) body.add("version", options.version);
  if (!options.queue.empty()) body.add("queue", options.queue);
  if (!options.input.empty()) {
    auto input = read_input(options.input);
    if (!input) return terminal.problem(input.error());
    body.add("input", std::move(*input));
  }
  body.add("idempotencyKey", options.key.empty() ? random_key() : options.key);
  auto started = api->post(options.wait ? "/v1/runs?wait=30s" : "/v1/runs", body.finish());
  if (started && options.wait) started = wait_for(*api, *started, *at_most);
  if (!started) return terminal.problem(started.error());
  show(terminal, *started);
  if (!options.wait || text_of(*started, "status") == "completed") return Exit::done;
  return Exit::failed;
}

}  // namespace pawl::cli
