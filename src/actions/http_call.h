// `call: http` (language-semantics.md section 4, "http"): from a task's evaluated arguments to a request, and from the
// answer to the task's raw output or error. Pure functions; what goes over the wire is transport_curl's.
#pragma once

#include <cstdint>
#include <expected>
#include <string_view>

#include "actions/http_exchange.h"
#include "base/time.h"
#include "json/value.h"
#include "ports/transport.h"

namespace pawl::actions {

struct HttpCall {
  enum class Output : std::uint8_t { content, response, raw };
  HttpRequest request;
  Output output = Output::content;
  bool follow_redirects = false;
};

// `with` is {method, endpoint, headers?, body?, query?, output?, redirect?}. A text as body is sent as it is; anything
// else as JSON, or as a form when the Content-Type says so. `query` is appended to what the endpoint has; a list
// repeats its name, null is left out. Arguments that cannot be sent are a `validation` error 400, with effect not done.
std::expected<HttpCall, ports::CallFailure> make_http_call(const json::Value& with, std::string_view idempotency_key);

// 2xx is success, and 3xx when redirects are followed (then this is one that could not be). All else is a
// `communication` error with the answer's status; so is, with status 500, an answer that says it is JSON or text and is
// not, or holds U+0000 or a lone surrogate, which could not be stored.
ports::CallOutcome outcome_of(const HttpCall& call, const HttpResponse& response, Time now);

// No answer, or not all of one: a `communication` error 500. The effect is not done when nothing was sent.
ports::CallFailure failure_of(const HttpFailure& failure);

// As header names are written in an output: Content-Type, Www-Authenticate.
std::string header_style(std::string_view name);

}  // namespace pawl::actions
