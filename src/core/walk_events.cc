#include <cstdlib>

#include "base/log.h"
#include "core/fold.h"
#include "core/walker.h"
#include "json/builder.h"

namespace pawl::core {

using json::Value;

void Walker::emit(EventType type, std::string path, Value payload) {
  bytes_ += payload.size_bytes();
  events_.push_back({.seq = 0, .type = type, .ts = now_, .path = std::move(path), .payload = std::move(payload)});
  taken_back_.push_back(false);
  const auto folded = fold(program_, frames_, events_.back());
  if (!folded) {
    // The walker made an event that its own replay refuses: going on would write a history that cannot be read.
    log_error("a decision does not fold", {{"run", frames_.run.text()}, {"detail", folded.error().detail}});
    std::abort();
  }
}

Execution& Walker::begin(Activation& at, EventType type, json::ObjectBuilder payload) {
  emit(type, at.path, payload.finish());
  Execution& execution = *at.scope->active;
  at.execution = &execution;
  beginnings_.push_back({&execution, events_.size() - 1});
  if (at.timeout_due) execution.timeout_wait = open_wait(&execution, WaitKind::timeout, at.path, *at.timeout_due);
  return execution;
}

void Walker::emit_with(Execution& execution, EventType type, std::string path, Value payload) {
  bool begun_here = false;
  for (const Beginning& beginning : beginnings_) begun_here = begun_here || beginning.execution == &execution;
  emit(type, std::move(path), std::move(payload));
  if (begun_here) beginnings_.push_back({&execution, events_.size() - 1});
}

bool Walker::take_back_beginning(const Execution& execution) {
  bool any = false;
  std::erase_if(beginnings_, [&](const Beginning& beginning) {
    if (beginning.execution != &execution) return false;
    taken_back_[beginning.event] = true;
    any = true;
    return true;
  });
  return any;
}

std::uint32_t Walker::open_wait(Execution* execution, WaitKind kind, std::string path, Time due,
                                std::uint32_t attempt) {
  const std::uint32_t wait_no = frames_.next_wait;
  json::ObjectBuilder payload(4);
  payload.add("wait", Value::integer(wait_no));
  payload.add("kind", name(kind));
  payload.add("dueAt", format_time(due));
  if (attempt != 0) payload.add("attempt", Value::integer(attempt));
  if (execution != nullptr) {
    emit_with(*execution, EventType::wait_opened, std::move(path), payload.finish());
  } else {
    emit(EventType::wait_opened, std::move(path), payload.finish());
  }
  return wait_no;
}

void Walker::ignore(std::string_view code, std::string_view detail) {
  ignored_ = Problem{.status = 409,
                     .code = std::string(code),
                     .title = "The stimulus has no effect",
                     .detail = std::string(detail),
                     .instance = {},
                     .hint = {}};
}

}  // namespace pawl::core
