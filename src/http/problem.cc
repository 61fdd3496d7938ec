#include "http/problem.h"

#include <vector>

namespace pawl::http {

namespace {

std::string retry_after_seconds(std::optional<std::chrono::milliseconds> wait) {
  const auto seconds = std::chrono::ceil<std::chrono::seconds>(wait.value_or(std::chrono::seconds(1)));
  return std::to_string(std::max<long long>(seconds.count(), 1));
}

json::Value document(const Problem& problem, const json::Value& diagnostics) {
  std::vector<json::Member> members;
  const auto add = [&](std::string_view name, std::string_view text) {
    if (!text.empty()) members.push_back({name, json::Value::string(text)});
  };
  add("code", problem.code);
  add("detail", problem.detail);
  add("hint", problem.hint);
  add("instance", problem.instance);
  add("title", problem.title.empty() ? reason_phrase(problem.status) : std::string_view(problem.title));
  members.push_back({"status", json::Value::integer(problem.status)});
  members.push_back({"type", problem.code.empty() ? "about:blank" : "/problems/" + problem.code});
  if (!diagnostics.is_null()) members.push_back({"diagnostics", diagnostics});
  return json::Value::object(std::move(members));
}

}  // namespace

json::Value problem_document(const Problem& problem) { return document(problem, {}); }

Response problem_response(const Problem& problem, std::optional<std::chrono::milliseconds> retry_after,
                          const json::Value& diagnostics) {
  Response response;
  response.status = problem.status;
  response.content_type = "application/problem+json";
  response.body = json::to_text(document(problem, diagnostics));
  if (problem.status == 429 || problem.status == 503) {
    response.headers.emplace_back("Retry-After", retry_after_seconds(retry_after));
  }
  if (problem.status == 401) response.headers.emplace_back("WWW-Authenticate", "Bearer");
  return response;
}

}  // namespace pawl::http
