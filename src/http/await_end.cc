#include "http/await_end.h"

#include <algorithm>
#include <memory>
#include <optional>

#include "engine/node.h"
#include "http/documents.h"
#include "http/problem.h"
#include "ports/clock.h"
#include "store/reads.h"

namespace pawl::http {

namespace {

// What the watch, the timer and the client's going have in common: the first of them takes the responder.
struct Waiting {
  Parts& parts;
  const ports::RunKey run;
  std::optional<Responder> respond;
  engine::WatchId watch = 0;
  ports::TimerId timer = 0;
  Microseconds pause{0};

  std::optional<Responder> take() {
    std::optional<Responder> taken = std::move(respond);
    respond.reset();
    return taken;
  }
};

// What an application has asked for in its own transaction is there within milliseconds.
constexpr Microseconds first_look_again = std::chrono::milliseconds(20), last_look_again = std::chrono::seconds(1);

void watch(const std::shared_ptr<Waiting>& waiting);

void ended(const std::shared_ptr<Waiting>& shared, const Result<engine::RunView>& run) {
  Waiting& waiting = *shared;
  if (!run && run.error().code == "run-not-found") {  // the caller has seen it: it is pending
    waiting.pause = std::clamp(2 * waiting.pause, first_look_again, last_look_again);
    waiting.parts.clock.call_after(waiting.pause, [shared] {
      if (shared->respond) watch(shared);
    });
    return;
  }
  auto respond = waiting.take();
  if (!respond) return;
  waiting.parts.clock.cancel(waiting.timer);
  if (run) return (*respond)(json_response(200, run_document(*run)));
  // The engine cannot tell (it stops, or is too busy to watch); the database can, though perhaps not the end.
  answer_with_run(waiting.parts, waiting.run, 202, std::move(*respond));
}

void watch(const std::shared_ptr<Waiting>& waiting) {
  waiting->watch =
      waiting->parts.node.when_ended(waiting->run, [waiting](Result<engine::RunView> view) { ended(waiting, view); });
}

void time_over(Waiting& waiting) {
  auto respond = waiting.take();
  if (!respond) return;
  waiting.parts.node.cancel_watch(waiting.watch);
  answer_with_run(waiting.parts, waiting.run, 202, std::move(*respond));
}

void client_gone(Waiting& waiting) {
  const auto respond = waiting.take();
  if (!respond) return;
  waiting.parts.node.cancel_watch(waiting.watch);
  waiting.parts.clock.cancel(waiting.timer);
}

}  // namespace

Problem run_not_found() {
  return {.status = 404,
          .code = "run-not-found",
          .title = "There is no such run",
          .detail = {},
          .instance = {},
          .hint = {}};
}

void answer_with_run(Parts& parts, ports::RunKey run, int open_status, Responder respond) {
  parts.reads.run(run.tenant, run.run,
                  [open_status, respond = std::move(respond)](Result<std::optional<store::RunDetail>> found) mutable {
                    if (!found) return respond(problem_response(found.error()));
                    if (!*found) return respond(problem_response(run_not_found()));
                    const int status = core::has_ended((*found)->row.status) ? 200 : open_status;
                    respond(json_response(status, run_document(**found)));
                  });
}

void await_end(Parts& parts, ports::RunKey run, Microseconds wait, Responder respond) {
  const auto waiting = std::make_shared<Waiting>(Waiting{.parts = parts, .run = run, .respond = std::move(respond)});
  watch(waiting);
  waiting->timer = parts.clock.call_after(wait, [waiting] { time_over(*waiting); });
  // The connection holds this one, and is held by the responder within: so it must not hold what holds that.
  waiting->respond->when_closed([weak = std::weak_ptr(waiting)] {
    if (const auto still = weak.lock()) client_gone(*still);
  });
}

}  // namespace pawl::http
