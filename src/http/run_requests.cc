#include "http/run_requests.h"

#include <charconv>

#include "base/hash.h"
#include "base/limits.h"
#include "http/arguments.h"
#include "http/cursor.h"
#include "json/value.h"

namespace pawl::http {

namespace {

constexpr std::size_t members_bytes = 4 << 10;  // of a start's body, besides the input
constexpr std::size_t reason_bytes = 1 << 10;
constexpr std::int64_t priority_most = 9;

Problem bad(std::string_view place, std::string detail, std::string hint = {}) {
  return {.status = 400,
          .code = "member-invalid",
          .title = "A part of the request is not what it should be",
          .detail = std::move(detail),
          .instance = std::string(place),
          .hint = std::move(hint)};
}

Problem as_parameter(Problem problem) {
  problem.code = "parameter-invalid";
  return problem;
}

std::optional<std::uint32_t> number_of(std::string_view text) {
  std::uint32_t number = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return number;
}

}  // namespace

Result<std::pair<std::string, std::string>> split_definition(std::string_view text, std::string_view place) {
  const std::size_t slash = text.find('/');
  const bool whole = slash != std::string_view::npos && slash > 0 && slash + 1 < text.size() &&
                     text.find('/', slash + 1) == std::string_view::npos;
  if (!whole) return fail(bad(place, "a definition is named by its namespace and name", "such as shop/order"));
  return std::pair(std::string(text.substr(0, slash)), std::string(text.substr(slash + 1)));
}

Result<void> check_queue(std::string_view queue, std::string_view place) {
  if (queue.size() > limits::name_bytes) return fail(limit_exceeded(place, limits::name_bytes, "bytes"));
  if (!queue.starts_with('@')) return {};
  return fail({.status = 400,
               .code = "queue-reserved",
               .title = "Queues that begin with @ are the server's own",
               .detail = {},
               .instance = std::string(place),
               .hint = "choose another name"});
}

Result<StartRequest> read_start(const Uuid& tenant, const Request& request) {
  if (auto known = only_parameters(request, {"wait"}); !known) return fail(known.error());
  const auto wait = duration_parameter(request, "wait", limits::wait_longest);
  if (!wait) return fail(wait.error());
  const auto body =
      object_body(request, limits::input_bytes + members_bytes, "input",
                  {"definition", "version", "input", "idempotencyKey", "queue", "priority", "correlationId"});
  if (!body) return fail(body.error());
  const auto definition = required_text(*body, "", "definition", 2 * limits::name_bytes + 1);
  if (!definition) return fail(definition.error());
  auto names = split_definition(*definition, "/definition");
  if (!names) return fail(names.error());

  StartRequest start;
  engine::StartRun& run = start.run;
  run.tenant = tenant;
  std::tie(run.namespace_, run.name) = std::move(*names);
  const auto take = [&](std::string_view member, std::size_t most, std::string& into) -> Result<void> {
    auto text = optional_text(*body, "", member, most);
    if (!text) return fail(text.error());
    into = std::move(*text);
    return {};
  };
  if (auto taken = take("version", limits::name_bytes, run.version); !taken) return fail(taken.error());
  if (auto taken = take("queue", limits::name_bytes, run.queue); !taken) return fail(taken.error());
  if (auto taken = take("idempotencyKey", limits::idempotency_key_bytes, run.idempotency_key); !taken) {
    return fail(taken.error());
  }
  if (auto taken = take("correlationId", limits::name_bytes, run.correlation_id); !taken) return fail(taken.error());
  if (auto allowed = check_queue(run.queue, "/queue"); !allowed) return fail(allowed.error());
  const auto priority = optional_integer(*body, "", "priority", 0, priority_most);
  if (!priority) return fail(priority.error());
  if (*priority) run.priority = static_cast<std::uint8_t>(**priority);
  if (const json::Value* input = body->find("input")) run.input = *input;
  // Only a body that is larger than the limit can hold an input that is.
  if (request.body.size() > limits::input_bytes && json::to_text(run.input).size() > limits::input_bytes) {
    return fail(limit_exceeded("input", limits::input_bytes, "bytes"));
  }
  run.request_sha256 = sha256(request.body);
  start.wait = wait->value_or(Microseconds(0));
  return start;
}

Result<store::PageOptions> read_page(const Request& request) {
  store::PageOptions page;
  const auto limit = limit_parameter(request);
  if (!limit) return fail(limit.error());
  page.limit = static_cast<std::uint32_t>(*limit);
  if (const auto text = request.parameter("cursor"); text && !text->empty()) {
    const auto cursor = parse_cursor(*text);
    if (!cursor) return fail(cursor.error());
    page.after = store::ListPlace{cursor->time, cursor->id};
  }
  return page;
}

Result<RunListRequest> read_run_list(const Request& request) {
  if (auto known =
          only_parameters(request, {"status", "definition", "startedFrom", "startedBefore", "limit", "cursor"});
      !known) {
    return fail(known.error());
  }
  RunListRequest list;
  auto page = read_page(request);
  if (!page) return fail(page.error());
  list.page = *page;
  if (const auto text = request.parameter("status")) {
    list.filter.status = core::parse_run_status(*text);
    if (!list.filter.status) {
      return fail(as_parameter(bad("status", "there is no such status", "such as running or completed")));
    }
  }
  if (const auto text = request.parameter("definition")) {
    auto names = split_definition(*text, "definition");
    if (!names) return fail(as_parameter(std::move(names.error())));
    list.filter.definition = std::move(*names);
  }
  const auto from = time_parameter(request, "startedFrom");
  if (!from) return fail(from.error());
  const auto before = time_parameter(request, "startedBefore");
  if (!before) return fail(before.error());
  list.filter.started_from = *from;
  list.filter.started_before = *before;
  return list;
}

Result<std::string> read_cancel(const Request& request) {
  if (auto known = only_parameters(request, {}); !known) return fail(known.error());
  if (request.body.empty()) return std::string();
  const auto body = object_body(request, 2 * reason_bytes, "body", {"reason"});
  if (!body) return fail(body.error());
  return optional_text(*body, "", "reason", reason_bytes);
}

Result<std::uint32_t> read_stream_place(const Request& request) {
  if (auto known = only_parameters(request, {"after"}); !known) return fail(known.error());
  const auto header = request.headers.find("Last-Event-ID");
  const auto given = header && !header->empty() ? header : request.parameter("after");
  if (!given || given->empty()) return 0u;
  if (const auto number = number_of(*given)) return *number;
  const bool is_header = given == header;
  return fail({.status = 400,
               .code = "parameter-invalid",
               .title = "A part of the request is not what it should be",
               .detail = "a stream goes on behind the seq of an event",
               .instance = is_header ? "Last-Event-ID" : "after",
               .hint = "send the id of the last event that came"});
}

Result<std::uint32_t> number_cursor(const Request& request) {
  const auto text = request.parameter("cursor");
  if (!text || text->empty()) return 0u;
  if (const auto number = number_of(*text)) return *number;
  return fail({.status = 400,
               .code = "cursor-invalid",
               .title = "The cursor is not one that this server gave",
               .detail = {},
               .instance = "cursor",
               .hint = "send nextCursor of the page before, unchanged, or none for the first page"});
}

Result<NumberedPage> read_numbered_page(const Request& request) {
  if (auto known = only_parameters(request, {"limit", "cursor"}); !known) return fail(known.error());
  const auto limit = limit_parameter(request);
  if (!limit) return fail(limit.error());
  const auto after = number_cursor(request);
  if (!after) return fail(after.error());
  return NumberedPage{.after = *after, .limit = static_cast<std::uint32_t>(*limit)};
}

}  // namespace pawl::http
