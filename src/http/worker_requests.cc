#include "http/worker_requests.h"

#include <algorithm>
#include <array>

#include "base/encoding.h"
#include "base/limits.h"
#include "http/arguments.h"
#include "http/run_requests.h"
#include "json/parse.h"
#include "json/pointer.h"
#include "json/value.h"

namespace pawl::http {

namespace {

using json::Value;

constexpr std::size_t poll_body_bytes = 1 << 20;
constexpr std::size_t token_bytes = 256;
constexpr std::array<std::string_view, 4> log_levels{"debug", "info", "warning", "error"};
constexpr std::size_t error_text_bytes = 16 << 10;  // of a title or a detail

Problem bad_member(std::string pointer, std::string detail) {
  return {.status = 400,
          .code = "member-invalid",
          .title = "A member of the body is not what it should be",
          .detail = std::move(detail),
          .instance = std::move(pointer),
          .hint = {}};
}

std::optional<engine::TaskToken> own_token(const Uuid& tenant, std::string_view text) {
  auto token = engine::TaskToken::parse(text);
  return token && token->tenant == tenant ? token : std::nullopt;
}

Result<std::optional<Microseconds>> optional_duration(const Value& object, std::string_view pointer,
                                                      std::string_view name) {
  const auto text = optional_text(object, pointer, name, limits::name_bytes);
  if (!text) return fail(text.error());
  if (text->empty()) return std::nullopt;
  const auto duration = parse_duration(*text);
  if (!duration)
    return fail(bad_member(json::append_pointer(pointer, name), "a duration such as 30s or PT30S is expected"));
  return duration;
}

Result<std::vector<std::string>> read_actions(const Value& body) {
  const auto items = required_array(body, "", "actions", limits::batch_items);
  if (!items) return fail(items.error());
  if (items->empty()) return fail(bad_member("/actions", "at least one action is expected"));
  std::vector<std::string> actions;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const Value& each = (*items)[i];
    const std::string place = json::append_pointer("/actions", i);
    if (!each.is_string() || each.text().empty()) return fail(bad_member(place, "an action's name is expected"));
    if (each.text().size() > limits::name_bytes) return fail(limit_exceeded(place, limits::name_bytes, "bytes"));
    actions.emplace_back(each.text());
  }
  return actions;
}

Result<std::optional<std::vector<engine::TaskToken>>> read_holding(const Uuid& tenant, const Value& body) {
  if (body.find("holding") == nullptr) return std::nullopt;
  const auto items = required_array(body, "", "holding", limits::batch_items);
  if (!items) return fail(items.error());
  std::vector<engine::TaskToken> tokens;
  for (std::size_t i = 0; i < items->size(); ++i) {
    const auto token = own_token(tenant, (*items)[i].text());
    if (!token) return fail(bad_member(json::append_pointer("/holding", i), "a task's token is expected"));
    tokens.push_back(*token);
  }
  return tokens;
}

// The error as the workflow will see it: nothing but its four members, of the right kinds; `effect` goes beside it.
Result<void> read_error(const Value& error, const std::string& place, engine::TaskResult& result) {
  if (auto known = only_members(error, place, {"type", "status", "title", "detail", "effect"}); !known) return known;
  for (const std::string_view name : {"type", "title", "detail"}) {
    const auto text = optional_text(error, place, name, error_text_bytes);
    if (!text) return fail(text.error());
  }
  const auto status = optional_integer(error, place, "status", 100, 599);
  if (!status) return fail(status.error());
  const auto effect = optional_text(error, place, "effect", limits::name_bytes);
  if (!effect) return fail(effect.error());
  if (!effect->empty() && *effect != "unknown" && *effect != "none") {
    return fail(bad_member(json::append_pointer(place, "effect"), "it is \"none\" or \"unknown\""));
  }
  result.effect = *effect == "unknown" ? core::Effect::unknown : core::Effect::not_done;
  result.error = json::without_member(error, "effect");
  return {};
}

Result<void> read_result(const Value& item, const std::string& place, bool may_be_large, engine::TaskResult& result) {
  if (auto known = only_members(item, place, {"token", "output", "error", "retryAfter"}); !known) return known;
  const Value* output = item.find("output");
  const Value* error = item.find("error");
  if ((output == nullptr) == (error == nullptr))
    return fail(bad_member(place, "either `output` or `error` is expected"));
  if (output != nullptr) {
    if (may_be_large && json::to_text(*output).size() > limits::output_bytes) {
      return fail(limit_exceeded("output", limits::output_bytes, "bytes"));
    }
    result.output = *output;
    return {};
  }
  result.failed = true;
  const auto wait = optional_duration(item, place, "retryAfter");
  if (!wait) return fail(wait.error());
  result.retry_after = *wait;
  return read_error(*error, json::append_pointer(place, "error"), result);
}

Result<store::TaskLogLine> read_log_line(const Value& line, const std::string& place) {
  if (auto known = only_members(line, place, {"message", "level", "ts"}); !known) return fail(known.error());
  store::TaskLogLine read{.ts = std::nullopt, .level = "info", .message = {}, .cut = false};
  const Value* message = line.find("message");
  if (message == nullptr || !message->is_string()) {
    return fail(bad_member(json::append_pointer(place, "message"), "a text is expected"));
  }
  const std::string_view text = message->text();
  read.cut = text.size() > limits::log_line_bytes;
  read.message = text.substr(0, read.cut ? utf8_cut(text, limits::log_line_bytes) : text.size());
  auto level = optional_text(line, place, "level", limits::name_bytes);
  if (!level) return fail(level.error());
  if (!level->empty()) read.level = std::move(*level);
  if (std::ranges::find(log_levels, read.level) == log_levels.end()) {
    return fail(bad_member(json::append_pointer(place, "level"), "it is debug, info, warning or error"));
  }
  const auto ts = optional_text(line, place, "ts", limits::name_bytes);
  if (!ts) return fail(ts.error());
  if (ts->empty()) return read;
  read.ts = parse_time(*ts);
  if (!read.ts) return fail(bad_member(json::append_pointer(place, "ts"), "a time of RFC 3339 is expected"));
  return read;
}

// The items of a batch; `read` takes each but its token.
template <class T, class Read>
Result<Batch<T>> read_batch(const Uuid& tenant, const Request& request, Read read) {
  if (auto known = only_parameters(request, {}); !known) return fail(known.error());
  const auto body = object_body(request, limits::body_bytes, "body", {"items"});
  if (!body) return fail(body.error());
  const auto items = required_array(*body, "", "items", limits::batch_items);
  if (!items) return fail(items.error());
  Batch<T> batch;
  batch.reserve(items->size());
  for (std::size_t i = 0; i < items->size(); ++i) {
    const std::string place = json::append_pointer("/items", i);
    T one;
    if (auto done = read((*items)[i], place, one); !done) return fail(done.error());
    const auto text = required_text((*items)[i], place, "token", token_bytes);
    if (!text) return fail(text.error());
    const auto token = own_token(tenant, *text);
    if (token) one.token = *token;
    batch.push_back(token ? std::optional(std::move(one)) : std::nullopt);
  }
  return batch;
}

}  // namespace

Result<engine::PollTasks> read_poll(const Uuid& tenant, std::string queue, const Request& request) {
  if (auto known = only_parameters(request, {}); !known) return fail(known.error());
  if (auto allowed = check_queue(queue, "queue"); !allowed) return fail(allowed.error());
  const auto body = object_body(request, poll_body_bytes, "body", {"worker", "actions", "max", "wait", "holding"});
  if (!body) return fail(body.error());
  engine::PollTasks poll;
  poll.tenant = tenant;
  poll.queue = std::move(queue);
  auto worker = required_text(*body, "", "worker", limits::name_bytes);
  if (!worker) return fail(worker.error());
  poll.worker = std::move(*worker);
  auto actions = read_actions(*body);
  if (!actions) return fail(actions.error());
  poll.actions = std::move(*actions);
  auto holding = read_holding(tenant, *body);
  if (!holding) return fail(holding.error());
  poll.holding = std::move(*holding);
  const auto max = optional_integer(*body, "", "max", 1, limits::batch_items);
  if (!max) return fail(max.error());
  poll.max = static_cast<std::uint32_t>(max->value_or(1));
  const auto wait = optional_duration(*body, "", "wait");
  if (!wait) return fail(wait.error());
  poll.wait = std::min<Microseconds>(wait->value_or(Microseconds(0)), limits::wait_longest);
  return poll;
}

Result<Batch<engine::TaskResult>> read_results(const Uuid& tenant, const Request& request) {
  const bool may_be_large = request.body.size() > limits::output_bytes;
  return read_batch<engine::TaskResult>(tenant, request,
                                        [&](const Value& item, const std::string& place, engine::TaskResult& result) {
                                          return read_result(item, place, may_be_large, result);
                                        });
}

Result<Batch<LogLines>> read_log_lines(const Uuid& tenant, const Request& request) {
  std::size_t left = limits::batch_items;
  return read_batch<LogLines>(
      tenant, request, [&left](const Value& item, const std::string& place, LogLines& log) -> Result<void> {
        if (auto known = only_members(item, place, {"token", "lines"}); !known) return known;
        const auto lines = required_array(item, place, "lines", left);
        if (!lines) return fail(lines.error());
        left -= lines->size();
        for (std::size_t i = 0; i < lines->size(); ++i) {
          const std::string line_place = json::append_pointer(json::append_pointer(place, "lines"), i);
          auto line = read_log_line((*lines)[i], line_place);
          if (!line) return fail(line.error());
          log.lines.push_back(std::move(*line));
        }
        return {};
      });
}

Result<Batch<engine::Heartbeat>> read_heartbeats(const Uuid& tenant, const Request& request) {
  return read_batch<engine::Heartbeat>(
      tenant, request, [](const Value& item, const std::string& place, engine::Heartbeat& heartbeat) -> Result<void> {
        if (auto known = only_members(item, place, {"token", "progress"}); !known) return known;
        if (const Value* progress = item.find("progress")) heartbeat.progress = progress->boolean();
        return {};
      });
}

}  // namespace pawl::http
