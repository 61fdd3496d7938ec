#include "cli/history.h"

#include "base/encoding.h"
#include "cli/api.h"
#include "http/message.h"

namespace pawl::cli {
namespace {

// What an event says beyond its type and path.
std::string summary(const Terminal& terminal, const json::Value& payload) {
  std::string text = json::to_text(payload);
  constexpr std::size_t longest = 100;
  if (text == "{}") return {};
  if (terminal.is_for_people() && text.size() > longest) text = text.substr(0, utf8_cut(text, longest)) + "…";
  return text;
}

}  // namespace

std::string moment(const json::Value& value, std::string_view key) {
  std::string text = text_of(value, key);
  if (text.size() < 20) return text;
  text[10] = ' ';
  text.pop_back();
  return text;
}

Row event_row(const Terminal& terminal, const json::Value& event) {
  const json::Value* payload = event.find("payload");
  return {text_of(event, "seq"), moment(event, "ts"), text_of(event, "type"), text_of(event, "path"),
          payload == nullptr ? "" : summary(terminal, *payload)};
}

std::string run_target(const std::string& id) { return "/v1/runs/" + http::percent_encode(id); }

Problem about(Problem problem, const std::string& id) {
  if (problem.code == "run-not-found" && problem.detail.empty()) {
    problem.detail = id;
    problem.hint = "pawl runs list shows those that are there";
  }
  return problem;
}

}  // namespace pawl::cli
