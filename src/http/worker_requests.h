// What the requests of workers say.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/problem.h"
#include "engine/api.h"
#include "http/message.h"
#include "store/task_logs.h"

namespace pawl::http {

// {worker, actions, max?, wait?} for the queue of the path.
Result<engine::PollTasks> read_poll(const Uuid& tenant, std::string queue, const Request& request);

// One of a batch; nullopt where the token is not one of this tenant's, which is answered `unknown-token`.
template <class T>
using Batch = std::vector<std::optional<T>>;

// {items: [{token, output} or {token, error: {type?, status?, title?, detail?, effect?}, retryAfter?}]}
Result<Batch<engine::TaskResult>> read_results(const Uuid& tenant, const Request& request);

// {items: [{token, lines: [{message, level?, ts?}]}]}, at most limits::batch_items lines in all. What is too long is
// cut.
struct LogLines {
  engine::TaskToken token;
  std::vector<store::TaskLogLine> lines;
};
Result<Batch<LogLines>> read_log_lines(const Uuid& tenant, const Request& request);

// {items: [{token, progress?}]}
Result<Batch<engine::Heartbeat>> read_heartbeats(const Uuid& tenant, const Request& request);

}  // namespace pawl::http
