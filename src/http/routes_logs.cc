// What workers log: /v1/tasks:log, /v1/runs/{id}/logs.
#include "http/arguments.h"
#include "http/authenticated.h"
#include "http/await_end.h"
#include "http/documents.h"
#include "http/problem.h"
#include "http/run_requests.h"
#include "http/worker_requests.h"
#include "store/task_logs.h"

namespace pawl::http {

namespace {

using json::Value;

std::string_view result_name(store::TaskLogAnswer::Token token) {
  switch (token) {
    case store::TaskLogAnswer::Token::current:
      return name(engine::Accepted::done);
    case store::TaskLogAnswer::Token::stale:
      return name(engine::Accepted::stale);
    case store::TaskLogAnswer::Token::unknown:
      break;
  }
  return name(engine::Accepted::unknown_token);
}

Value answer_document(const store::TaskLogAnswer& answer) {
  if (answer.dropped == 0) return Value::object({{"result", result_name(answer.token)}});
  return Value::object(
      {{"result", result_name(answer.token)}, {"dropped", Value::integer(static_cast<std::int64_t>(answer.dropped))}});
}

// Tokens of other tenants do not reach the store: their places in the answer are kept.
void log(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  auto read = read_log_lines(tenant, request);
  if (!read) return respond(problem_response(read.error()));
  std::vector<store::TaskLog> known;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < read->size(); ++i) {
    if (!(*read)[i]) continue;
    LogLines& item = *(*read)[i];
    known.push_back({.invocation = item.token.invocation,
                     .attempt = item.token.attempt,
                     .lease = item.token.lease,
                     .lines = std::move(item.lines)});
    places.push_back(i);
  }
  parts.logs.append(tenant, std::move(known),
                    [count = read->size(), places = std::move(places),
                     respond = std::move(respond)](Result<std::vector<store::TaskLogAnswer>> answers) mutable {
                      if (!answers) return respond(problem_response(answers.error()));
                      std::vector<Value> items(count, answer_document({}));
                      for (std::size_t i = 0; i < places.size(); ++i) {
                        items[places[i]] = answer_document((*answers)[i]);
                      }
                      respond(list_response(std::move(items), ""));
                    });
}

void lines(Parts& parts, const Uuid& tenant, const Uuid& run, const Request& request, Responder respond) {
  const auto page = read_numbered_page(request);
  if (!page) return respond(problem_response(page.error()));
  parts.reads.logs(tenant, run, page->after, page->limit,
                   [respond = std::move(respond)](Result<std::optional<store::LogPage>> found) mutable {
                     if (!found) return respond(problem_response(found.error()));
                     if (!*found) return respond(problem_response(run_not_found()));
                     respond(log_response(**found));
                   });
}

}  // namespace

void add_log_routes(Router& router, Parts& parts) {
  router.add("POST", "/v1/tasks:log",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               log(parts, tenant, request, std::move(respond));
             }));
  router.add(
      "GET", "/v1/runs/{id}/logs",
      authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
        const auto run = Uuid::parse(path["id"]);
        if (!run) return respond(problem_response(run_not_found()));
        lines(parts, tenant, *run, request, std::move(respond));
      }));
}

}  // namespace pawl::http
