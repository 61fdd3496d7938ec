// /v1/runs: start, read, steer.
#include "base/limits.h"
#include "engine/node.h"
#include "http/arguments.h"
#include "http/authenticated.h"
#include "http/await_end.h"
#include "http/cursor.h"
#include "http/documents.h"
#include "http/problem.h"
#include "http/run_requests.h"

namespace pawl::http {

namespace {

using json::Value;

// Of a start: 200 when the run has ended, 202 while it has not.
Response run_response(const engine::RunView& run) {
  Response response = json_response(core::has_ended(run.status) ? 200 : 202, run_document(run));
  response.headers.emplace_back("Location", "/v1/runs/" + run.id.text());
  return response;
}

void start(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  auto read = read_start(tenant, request);
  if (!read) return respond(problem_response(read.error()));
  const Microseconds wait = read->wait;
  parts.node.start(std::move(read->run),
                   [&parts, wait, respond = std::move(respond)](Result<engine::RunView> run) mutable {
                     if (!run) return respond(problem_response(run.error()));
                     if (wait <= Microseconds(0) || core::has_ended(run->status)) return respond(run_response(*run));
                     await_end(parts, {run->tenant, run->id}, wait, std::move(respond));
                   });
}

void list(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  auto read = read_run_list(request);
  if (!read) return respond(problem_response(read.error()));
  parts.reads.runs(tenant, std::move(read->filter), read->page,
                   [respond = std::move(respond)](Result<store::Page<store::RunRow>> found) mutable {
                     if (!found) return respond(problem_response(found.error()));
                     std::vector<Value> items;
                     for (const auto& each : found->items) items.push_back(run_document(each));
                     const auto& next = found->next;
                     respond(list_response(std::move(items), next ? format_cursor({next->time, next->id}) : ""));
                   });
}

void show(Parts& parts, const Uuid& tenant, const Uuid& run, const Request& request, Responder respond) {
  if (auto known = only_parameters(request, {"wait"}); !known) return respond(problem_response(known.error()));
  const auto wait = duration_parameter(request, "wait", limits::wait_longest);
  if (!wait) return respond(problem_response(wait.error()));
  const ports::RunKey key{tenant, run};
  if (!*wait || **wait <= Microseconds(0)) return answer_with_run(parts, key, 200, std::move(respond));
  // First whether it is there at all, and the usual case, that it has ended: the engine need not load it for that.
  parts.reads.run(tenant, run,
                  [&parts, key, wait = **wait,
                   respond = std::move(respond)](Result<std::optional<store::RunDetail>> found) mutable {
                    if (!found) return respond(problem_response(found.error()));
                    if (!*found) return respond(problem_response(run_not_found()));
                    if (core::has_ended((*found)->row.status))
                      return respond(json_response(200, run_document(**found)));
                    await_end(parts, key, wait, std::move(respond));
                  });
}

void events(Parts& parts, const Uuid& tenant, const Uuid& run, const Request& request, Responder respond) {
  const auto page = read_numbered_page(request);
  if (!page) return respond(problem_response(page.error()));
  parts.reads.events(tenant, run, page->after, page->limit,
                     [respond = std::move(respond)](Result<std::optional<store::EventPage>> found) mutable {
                       if (!found) return respond(problem_response(found.error()));
                       if (!*found) return respond(problem_response(run_not_found()));
                       std::vector<Value> items;
                       for (const auto& each : (*found)->events) items.push_back(event_document(each));
                       const auto next = (*found)->next_after;
                       respond(list_response(std::move(items), next ? std::to_string(*next) : ""));
                     });
}

void steps(Parts& parts, const Uuid& tenant, const Uuid& run, const Request& request, Responder respond) {
  const auto page = read_numbered_page(request);
  if (!page) return respond(problem_response(page.error()));
  parts.reads.steps(tenant, run,
                    [page = *page, respond = std::move(respond)](Result<std::optional<store::Steps>> found) mutable {
                      if (!found) return respond(problem_response(found.error()));
                      if (!*found) return respond(problem_response(run_not_found()));
                      // Steps are folded from the whole history, so a page is a part of it, by number.
                      const std::vector<store::Step>& all = (*found)->steps;
                      const std::size_t begin = std::min<std::size_t>(page.after, all.size());
                      const std::size_t most = std::min(begin + page.limit, all.size());
                      std::vector<Value> items;
                      std::size_t end = begin;
                      for (std::size_t bytes = 0; end < most && bytes <= store::page_bytes; ++end) {
                        items.push_back(step_document(all[end]));
                        bytes += items.back().size_bytes();
                      }
                      const bool last = end == all.size();
                      respond(list_response(std::move(items), last ? "" : std::to_string(end), last && (*found)->cut));
                    });
}

void cancel(Parts& parts, const Uuid& tenant, const Uuid& run, const Request& request, Responder respond) {
  auto reason = read_cancel(request);
  if (!reason) return respond(problem_response(reason.error()));
  parts.node.cancel(tenant, run, std::move(*reason),
                    [respond = std::move(respond)](Result<engine::RunView> view) mutable {
                      if (!view) return respond(problem_response(view.error()));
                      respond(json_response(core::has_ended(view->status) ? 200 : 202, run_document(*view)));
                    });
}

using RunHandler = void (*)(Parts&, const Uuid& tenant, const Uuid& run, const Request&, Responder);

// What is no id names no run.
RouteHandler of_run(Parts& parts, RunHandler handler) {
  return authenticated(parts,
                       [&parts, handler](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
                         const auto run = Uuid::parse(path["id"]);
                         if (!run) return respond(problem_response(run_not_found()));
                         handler(parts, tenant, *run, request, std::move(respond));
                       });
}

}  // namespace

void add_run_routes(Router& router, Parts& parts) {
  router.add("POST", "/v1/runs",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               start(parts, tenant, request, std::move(respond));
             }));
  router.add("GET", "/v1/runs",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               list(parts, tenant, request, std::move(respond));
             }));
  router.add("GET", "/v1/runs/{id}", of_run(parts, show));
  router.add("GET", "/v1/runs/{id}/events", of_run(parts, events));
  router.add("GET", "/v1/runs/{id}/steps", of_run(parts, steps));
  router.add("POST", "/v1/runs/{id}:cancel", of_run(parts, cancel));
}

}  // namespace pawl::http
