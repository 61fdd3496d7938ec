// What workers log for their tasks: appended on a connection of its own, never through the engine's commits, so that no
// talkative worker delays a decision. Reading is Reads::logs.
#pragma once

#include <boost/asio/io_context.hpp>
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/problem.h"
#include "base/time.h"
#include "base/uuid.h"
#include "pg/pool.h"

namespace pawl::store {

struct TaskLogLine {
  std::optional<Time> ts;  // none: when it arrives
  std::string level;       // debug, info, warning, error
  std::string message;     // at most limits::log_line_bytes
  bool cut = false;        // it was longer
};

// The lines of one task, under the token that its worker got.
struct TaskLog {
  Uuid invocation;
  std::uint32_t attempt = 1, lease = 1;
  std::vector<TaskLogLine> lines;
};

struct TaskLogAnswer {
  enum class Token : std::uint8_t { current, stale, unknown } token = Token::unknown;
  std::uint64_t dropped = 0;  // of these lines, beyond limits::log_lines_of_task or log_lines_of_run
};

struct TaskLogSettings {
  std::string conninfo;  // of a login that may become pawl_engine
  std::size_t connections = 1;
  Microseconds timeout = std::chrono::seconds(10);
};

// One thread, that of the io_context; destroying it drops what is unanswered without a call.
class TaskLogs {
 public:
  TaskLogs(boost::asio::io_context& io, TaskLogSettings settings);

  // Appends in one transaction; the answers in the order of the items. Lines under a token that has become stale are
  // kept: what a worker did before it was replaced is what its reader looks for. Those under an unknown one are not.
  // Errors: 429 `overloaded` when too many requests of this tenant, or of all, are being written; those of the
  // database.
  void append(Uuid tenant, std::vector<TaskLog> items, Done<std::vector<TaskLogAnswer>> then);

  static constexpr std::size_t requests_at_once = 64, requests_of_tenant_at_once = 16;

 private:
  void done(const Uuid& tenant);

  TaskLogSettings settings_;
  std::size_t writing_ = 0;
  std::unordered_map<Uuid, std::size_t> writing_of_;  // by tenant
  pg::Pool pool_;
};

}  // namespace pawl::store
