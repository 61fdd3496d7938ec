#include "store/reads/fold_steps.h"

#include <algorithm>
#include <array>
#include <unordered_map>

#include "json/pointer.h"

namespace pawl::store {

namespace {

using core::Event;
using core::EventType;

bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Removes "<mark><number>" from the end, and says whether it was there. A visit's number begins at 2, so that it never
// meets the ~0 and ~1 of a pointer.
bool drop_number(std::string_view& name, char mark) {
  std::size_t digits = 0;
  while (digits < name.size() && is_digit(name[name.size() - 1 - digits])) ++digits;
  if (digits == 0 || digits == name.size() || name[name.size() - 1 - digits] != mark) return false;
  const std::string_view number = name.substr(name.size() - digits);
  if (mark == '~' && (number == "0" || number == "1")) return false;
  name.remove_suffix(digits + 1);
  return true;
}

bool drop_iteration(std::string_view& name) {
  if (!name.ends_with(']')) return false;
  std::string_view rest = name.substr(0, name.size() - 1);
  if (!drop_number(rest, '[')) return false;
  name = rest;
  return true;
}

int hexadecimal(char c) {
  if (is_digit(c)) return c - '0';
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  return -1;
}

void append_decoded(std::string_view name, std::string& out) {
  for (std::size_t i = 0; i < name.size(); ++i) {
    const int high = name[i] == '%' && i + 2 < name.size() ? hexadecimal(name[i + 1]) : -1;
    const int low = high >= 0 ? hexadecimal(name[i + 2]) : -1;
    if (low < 0) {
      out += name[i];
      continue;
    }
    out += static_cast<char>(high * 16 + low);
    i += 2;
  }
}

class StepFold {
 public:
  void apply(const Event& event) {
    switch (event.type) {
      case EventType::task_started:
        begin(event);
        break;
      case EventType::invocation_requested:
        request(event);
        break;
      case EventType::wait_opened:
        open_wait(event);
        break;
      case EventType::wait_closed:
        close_wait(event);
        break;
      case EventType::task_retrying:
        retry(event);
        break;
      case EventType::task_completed:
        end(event, StepStatus::completed);
        break;
      case EventType::task_skipped:
        end(event, StepStatus::skipped);
        break;
      case EventType::task_faulted:
        end(event, StepStatus::faulted);
        break;
      case EventType::task_cancelled:
        end(event, StepStatus::cancelled);
        break;
      default:
        break;
    }
  }

  std::vector<Step> finish() && { return std::move(steps_); }

 private:
  // The step of that path; a new one, or another attempt of one that has ended.
  Step& begin(const Event& event) {
    const auto [found, added] = places_.try_emplace(event.path, steps_.size());
    if (added) {
      Step step;
      step.path = event.path;
      step.reference = reference_of(event.path);
      step.task = task_name_of(step.reference);
      step.started_at = event.ts;
      steps_.push_back(std::move(step));
    } else if (Step& again = steps_[found->second]; again.ended_at) {
      ++again.attempt;
      again.ended_at.reset();
      again.output.reset();
      again.error.reset();
    }
    Step& step = steps_[found->second];
    if (const json::Value* input = event.payload.find("input")) step.input = *input;
    step.status = StepStatus::running;
    return step;
  }

  void request(const Event& event) {
    Step& step = begin(event);
    if (const json::Value* id = event.payload.find("invocation")) step.invocation_id = Uuid::parse(id->text());
    if (const json::Value* attempt = event.payload.find("attempt"))
      step.attempt = static_cast<std::uint32_t>(attempt->integer());
  }

  // A timer begins its task, a retry holds a try that has begun; a timeout around a task changes nothing of it.
  void open_wait(const Event& event) {
    const json::Value* kind = event.payload.find("kind");
    const json::Value* number = event.payload.find("wait");
    if (kind == nullptr || number == nullptr) return;
    if (kind->text() == "timer") {
      begin(event);
    } else if (kind->text() != "retry") {
      return;
    }
    const auto found = places_.find(event.path);
    if (found == places_.end()) return;
    steps_[found->second].status = StepStatus::waiting;
    waits_[number->integer()] = found->second;
  }

  void close_wait(const Event& event) {
    const json::Value* number = event.payload.find("wait");
    if (number == nullptr) return;
    const auto found = waits_.find(number->integer());
    if (found == waits_.end()) return;
    Step& step = steps_[found->second];
    if (step.status == StepStatus::waiting) step.status = StepStatus::running;
    waits_.erase(found);
  }

  void retry(const Event& event) {
    const auto found = places_.find(event.path);
    const json::Value* attempt = event.payload.find("attempt");
    if (found == places_.end() || attempt == nullptr) return;
    steps_[found->second].attempt = static_cast<std::uint32_t>(attempt->integer()) + 1;
  }

  // Many tasks begin and end in one event.
  void end(const Event& event, StepStatus status) {
    const auto found = places_.find(event.path);
    Step& step = found != places_.end() && !steps_[found->second].ended_at ? steps_[found->second] : begin(event);
    step.status = status;
    step.ended_at = event.ts;
    if (const json::Value* output = event.payload.find("output")) step.output = *output;
    if (const json::Value* error = event.payload.find("error")) step.error = *error;
  }

  std::vector<Step> steps_;
  std::unordered_map<std::string, std::size_t> places_;  // by path
  std::unordered_map<std::int64_t, std::size_t> waits_;  // the step that an open wait holds, by its number
};

}  // namespace

std::string_view name(StepStatus status) {
  constexpr std::array<std::string_view, 6> names = {"running", "waiting", "completed",
                                                     "skipped", "faulted", "cancelled"};
  return names[static_cast<std::size_t>(status)];
}

std::string reference_of(std::string_view path) {
  // A function's tasks are named from the function on.
  if (const std::size_t function = path.rfind('>'); function != std::string_view::npos)
    path.remove_prefix(function + 1);
  std::string reference;
  while (!path.empty()) {
    path.remove_prefix(1);  // the slash
    const std::size_t end = std::min(path.find('/'), path.size());
    std::string_view segment = path.substr(0, end);
    drop_number(segment, '!');
    drop_number(segment, '~');
    drop_iteration(segment);
    reference += '/';
    append_decoded(segment, reference);
    path.remove_prefix(end);
  }
  return reference;
}

std::string task_name_of(std::string_view reference) {
  const auto tokens = json::parse_pointer(reference);
  return tokens && !tokens->empty() ? tokens->back() : std::string(reference);
}

std::vector<Step> fold_steps(std::span<const Event> events) {
  StepFold fold;
  for (const Event& event : events) fold.apply(event);
  return std::move(fold).finish();
}

}  // namespace pawl::store
