// ?wait=: an answer that comes when the run has ended, or when the time is over.
#pragma once

#include "base/problem.h"
#include "base/time.h"
#include "http/routes.h"
#include "ports/batch.h"

namespace pawl::http {

// 200 with the run when it has ended within `wait`, whatever its status; else 202 with the run as it is then. Nothing
// is kept of it once the client has gone.
void await_end(Parts& parts, ports::RunKey run, Microseconds wait, Responder respond);

// The run as it is committed: 200 when it has ended, else `open_status`; 404 `run-not-found`.
void answer_with_run(Parts& parts, ports::RunKey run, int open_status, Responder respond);

Problem run_not_found();

}  // namespace pawl::http
