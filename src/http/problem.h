// Errors as RFC 9457 problem documents.
#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/problem.h"
#include "http/message.h"
#include "json/value.h"

namespace pawl::http {

// {type, title, status, detail, instance, code, hint}; members that are empty are left out. `type` is /problems/<code>,
// relative to the server: a stable name, which docs/errors.md explains.
json::Value problem_document(const Problem& problem);

// The problem as an answer, application/problem+json. 429 and 503 always carry Retry-After: `retry_after`, rounded up
// to whole seconds, or 1 s. 401 carries WWW-Authenticate. `diagnostics` stands beside the other members unless null.
Response problem_response(const Problem& problem, std::optional<std::chrono::milliseconds> retry_after = std::nullopt,
                          const json::Value& diagnostics = {});

}  // namespace pawl::http
