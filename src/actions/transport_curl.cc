#include "actions/transport_curl.h"

#include <algorithm>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <unordered_map>
#include <utility>

#include "actions/http_call.h"
#include "actions/redirect.h"
#include "core/errors.h"
#include "json/value.h"

namespace pawl::actions {

namespace {

namespace asio = boost::asio;
using SteadyTime = std::chrono::steady_clock::time_point;

Time wall_time() { return std::chrono::floor<Microseconds>(std::chrono::system_clock::now()); }

ports::CallFailure unknown_action(const std::string& action) {
  const auto error = core::make_error(core::StandardError::configuration, 500,
                                      "the engine itself does not do the action " + action, "");
  return {
      .error = json::without_member(error, "instance"), .effect = core::Effect::not_done, .retry_after = std::nullopt};
}

CurlOptions counting(CurlOptions options, Metrics& metrics) {
  options.sent_again =
      &metrics.counter("pawl_http_calls_sent_again_total", "Requests of tasks' HTTP calls that were sent twice.");
  return options;
}

HttpFailure too_many_redirects(int status) {
  return {.kind = HttpFailure::Kind::redirects,
          .sent = true,
          .status = status,
          .detail = "more than " + std::to_string(redirects_most) + " redirections"};
}

}  // namespace

struct CurlTransport::State : std::enable_shared_from_this<CurlTransport::State> {
  struct Running {
    HttpCall call;
    std::move_only_function<void(ports::CallOutcome)> then;
    SteadyTime begun, deadline;
    unsigned redirects = 0;
    ExchangeId exchange = 0;
  };

  State(asio::io_context& io_context, TransportOptions transport_options, Metrics& metrics)
      : context(io_context),
        call_time(transport_options.call_time),
        client(io_context, counting(std::move(transport_options.http), metrics)),
        succeeded(metrics.counter("pawl_http_calls_total", "HTTP calls of tasks, by outcome.", "outcome=\"success\"")),
        failed(metrics.counter("pawl_http_calls_total", "HTTP calls of tasks, by outcome.", "outcome=\"failure\"")),
        seconds(metrics.histogram("pawl_http_call_seconds", "Time of HTTP calls of tasks.", latency_bounds())) {}

  void send(ports::CallId id, HttpRequest request);
  void answered(ports::CallId id, const HttpRequest& sent, HttpOutcome outcome);
  void finish(ports::CallId id, ports::CallOutcome outcome);
  void finish_soon(ports::CallId id, ports::CallOutcome outcome);

  asio::io_context& context;
  const std::chrono::milliseconds call_time;
  CurlClient client;
  std::unordered_map<ports::CallId, Running> running;
  ports::CallId last_id = 0;
  Counter& succeeded;
  Counter& failed;
  Histogram& seconds;
};

void CurlTransport::State::send(ports::CallId id, HttpRequest request) {
  Running& one = running.at(id);
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(one.deadline - std::chrono::steady_clock::now());
  request.time = std::max(left, std::chrono::milliseconds(0));
  one.exchange = client.send(request, [weak = weak_from_this(), id, request](HttpOutcome outcome) {
    if (const auto self = weak.lock()) self->answered(id, request, std::move(outcome));
  });
}

void CurlTransport::State::answered(ports::CallId id, const HttpRequest& sent, HttpOutcome outcome) {
  Running& one = running.at(id);
  if (!outcome) {
    // What came before a redirection may have had an effect, though the last request never left.
    outcome.error().sent = outcome.error().sent || one.redirects > 0;
    return finish(id, failure_of(outcome.error()));
  }
  if (one.call.follow_redirects && is_redirection(outcome->status)) {
    if (auto next = redirected(sent, *outcome)) {
      if (one.redirects == redirects_most) return finish(id, failure_of(too_many_redirects(outcome->status)));
      ++one.redirects;
      return send(id, std::move(*next));
    }
  }
  finish(id, outcome_of(one.call, *outcome, wall_time()));
}

void CurlTransport::State::finish(ports::CallId id, ports::CallOutcome outcome) {
  const auto found = running.find(id);
  if (found == running.end()) return;
  auto then = std::move(found->second.then);
  seconds.observe(std::chrono::duration<double>(std::chrono::steady_clock::now() - found->second.begun).count());
  running.erase(found);
  (std::holds_alternative<json::Value>(outcome) ? succeeded : failed).add();
  then(std::move(outcome));
}

void CurlTransport::State::finish_soon(ports::CallId id, ports::CallOutcome outcome) {
  asio::post(context, [weak = weak_from_this(), id, outcome = std::move(outcome)]() mutable {
    if (const auto self = weak.lock()) self->finish(id, std::move(outcome));
  });
}

CurlTransport::CurlTransport(asio::io_context& context, TransportOptions options, Metrics& metrics)
    : state_(std::make_shared<State>(context, std::move(options), metrics)) {}

CurlTransport::~CurlTransport() = default;

ports::CallId CurlTransport::call(ports::Call call, std::move_only_function<void(ports::CallOutcome)> then) {
  State& state = *state_;
  const ports::CallId id = ++state.last_id;
  const SteadyTime now = std::chrono::steady_clock::now();
  State::Running& one = state.running[id];
  one.then = std::move(then);
  one.begun = now;
  one.deadline = now + state.call_time;
  if (call.action != "http") {
    state.finish_soon(id, unknown_action(call.action));
    return id;
  }
  auto made = make_http_call(call.with, call.idempotency_key);
  if (!made) {
    state.finish_soon(id, std::move(made.error()));
    return id;
  }
  one.call = std::move(*made);
  state.send(id, one.call.request);
  return id;
}

void CurlTransport::abort(ports::CallId call) {
  const auto found = state_->running.find(call);
  if (found == state_->running.end()) return;
  const ExchangeId exchange = found->second.exchange;
  state_->running.erase(found);
  if (exchange != 0) state_->client.abort(exchange);
}

}  // namespace pawl::actions
