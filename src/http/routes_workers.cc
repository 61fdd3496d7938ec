// Workers: poll, complete, heartbeat.
#include <memory>
#include <optional>

#include "engine/node.h"
#include "http/authenticated.h"
#include "http/documents.h"
#include "http/problem.h"
#include "http/worker_requests.h"

namespace pawl::http {

namespace {

using json::Value;

// A poll that waits ends with its client: what were claimed for it would wait for a lease to lapse.
struct Polling {
  engine::Node& node;
  std::optional<Responder> respond;
  engine::PollId poll = 0;
};

void poll(Parts& parts, const Uuid& tenant, std::string queue, const Request& request, Responder respond) {
  auto read = read_poll(tenant, std::move(queue), request);
  if (!read) return respond(problem_response(read.error()));
  const auto polling = std::make_shared<Polling>(Polling{.node = parts.node, .respond = std::move(respond)});
  polling->poll = parts.node.poll(std::move(*read), [polling](Result<std::vector<engine::Assignment>> found) {
    if (!polling->respond) return;
    Responder answer = std::move(*polling->respond);
    polling->respond.reset();
    if (!found) return answer(problem_response(found.error()));
    std::vector<Value> items;
    for (const auto& each : *found) items.push_back(assignment_document(each));
    answer(list_response(std::move(items), ""));
  });
  polling->respond->when_closed([weak = std::weak_ptr(polling)] {
    const auto still = weak.lock();
    if (!still || !still->respond) return;
    still->node.cancel_poll(still->poll);
    still->respond.reset();
  });
}

// The answers of a batch's items, which come in any order; the request is answered with the last of them.
struct Gathering {
  Responder respond;
  std::vector<Value> items;
  std::size_t open = 0;
  std::optional<Problem> again;  // an item that was too early for the server: the whole batch is to be sent again
};

// Completions and heartbeats may be sent again without harm, so one item that got 429 or 503 makes it the answer to
// all: then clients need no rule of their own for parts of a batch.
void one_less(Gathering& gathering) {
  if (--gathering.open > 0) return;
  if (gathering.again) return gathering.respond(problem_response(*gathering.again));
  gathering.respond(list_response(std::move(gathering.items), ""));
}

void put(Gathering& gathering, std::size_t index, Value item) {
  gathering.items[index] = std::move(item);
  one_less(gathering);
}

void put_problem(Gathering& gathering, std::size_t index, const Problem& problem) {
  if (problem.status == 429 || problem.status == 503) gathering.again = problem;
  put(gathering, index, Value::object({{"problem", problem_document(problem)}}));
}

// `send(item, index, gathering)` asks the engine for each item that has a token of this tenant's.
template <class T, class Send>
void answer_batch(Batch<T> batch, Responder respond, Send send) {
  const auto gathering =
      std::make_shared<Gathering>(Gathering{.respond = std::move(respond), .items = {}, .open = 0, .again = {}});
  gathering->items.resize(batch.size());
  gathering->open = batch.size() + 1;  // one more, so that the last answer is not given before the last question
  for (std::size_t i = 0; i < batch.size(); ++i) {
    if (batch[i]) {
      send(std::move(*batch[i]), i, gathering);
    } else {
      put(*gathering, i, Value::object({{"result", name(engine::Accepted::unknown_token)}}));
    }
  }
  one_less(*gathering);
}

void complete(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  auto read = read_results(tenant, request);
  if (!read) return respond(problem_response(read.error()));
  answer_batch(std::move(*read), std::move(respond),
               [&parts](engine::TaskResult result, std::size_t index, const std::shared_ptr<Gathering>& gathering) {
                 parts.node.complete(std::move(result), [index, gathering](Result<engine::Accepted> accepted) {
                   if (!accepted) return put_problem(*gathering, index, accepted.error());
                   put(*gathering, index, Value::object({{"result", name(*accepted)}}));
                 });
               });
}

void heartbeat(Parts& parts, const Uuid& tenant, const Request& request, Responder respond) {
  auto read = read_heartbeats(tenant, request);
  if (!read) return respond(problem_response(read.error()));
  answer_batch(std::move(*read), std::move(respond),
               [&parts](engine::Heartbeat beat, std::size_t index, const std::shared_ptr<Gathering>& gathering) {
                 parts.node.heartbeat(beat, [index, gathering](Result<engine::HeartbeatAnswer> told) {
                   if (!told) return put_problem(*gathering, index, told.error());
                   Value item = Value::object({{"result", name(told->result)}});
                   if (told->deadline)
                     item = json::with_member(std::move(item), "deadline", format_time(*told->deadline));
                   put(*gathering, index, std::move(item));
                 });
               });
}

}  // namespace

void add_worker_routes(Router& router, Parts& parts) {
  router.add(
      "POST", "/v1/queues/{queue}/tasks:poll",
      authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters path, Responder respond) {
        poll(parts, tenant, path["queue"], request, std::move(respond));
      }));
  router.add("POST", "/v1/tasks:complete",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               complete(parts, tenant, request, std::move(respond));
             }));
  router.add("POST", "/v1/tasks:heartbeat",
             authenticated(parts, [&parts](const Uuid& tenant, Request request, PathParameters, Responder respond) {
               heartbeat(parts, tenant, request, std::move(respond));
             }));
}

}  // namespace pawl::http
