#include "cli/api.h"

#include "cli/server_address.h"
#include "json/parse.h"

namespace pawl::cli {
namespace {

Problem problem_of(const json::Value& document, int status) {
  const auto text = [&](std::string_view key) {
    const json::Value* found = document.find(key);
    return found == nullptr ? std::string() : std::string(found->text());
  };
  Problem problem{status, text("code"), text("title"), text("detail"), text("instance"), text("hint")};
  if (problem.code.empty()) problem.code = "http-" + std::to_string(status);
  if (problem.title.empty()) problem.title = "the server answered " + std::to_string(status);
  return problem;
}

}  // namespace

std::string text_of(const json::Value& value, std::string_view key) {
  const json::Value* found = value.find(key);
  if (found == nullptr) return {};
  return found->is_string() ? std::string(found->text()) : json::to_text(*found);
}

Result<Api> Api::find(const ServerAddress& server) {
  auto found = find_server(server);
  if (!found) return fail(found.error());
  return Api(std::move(*found));
}

Api::Api(FoundServer server)
    : server_(std::move(server)), client_({.url = server_.url.value, .token = server_.token.value}) {}

Problem Api::in_our_words(Problem problem) const {
  if (problem.status == 401) {
    problem.hint = server_.token.value.empty()
                       ? "give --token or PAWL_TOKEN; one is made by: pawl token create NAME"
                       : "pawl env says where the token comes from; another is made by: pawl token create NAME";
  } else if (problem.code == "unreachable") {
    problem.hint = server_.url.value.starts_with("https:")
                       ? "does it speak TLS? pawl itself speaks plain HTTP, at http://…"
                       : "is it running? pawl env says where the address comes from";
  }
  return problem;
}

Result<json::Value> Api::get(std::string_view target) { return send("GET", target, {}, {}); }

Result<json::Value> Api::post(std::string_view target, const json::Value& body) {
  return send("POST", target, json::to_text(body), "application/json");
}

Result<json::Value> Api::post_text(std::string_view target, std::string_view body, std::string_view content_type) {
  return send("POST", target, body, content_type);
}

Result<http::StreamEnd> Api::follow(std::string_view target, http::EventStream& stream, int interruption,
                                    std::chrono::steady_clock::time_point until,
                                    const std::function<bool(const http::ServerSentEvent&)>& then) {
  diagnostics_ = {};
  const http::EventSourceOptions options{
      .url = server_.url.value, .token = server_.token.value, .interruption = interruption, .until = until};
  const auto outcome = http::read_events(options, target, stream, then);
  if (!outcome) return fail(in_our_words(outcome.error()));
  if (outcome->refusal.status == 200) return outcome->end;
  const auto document = json::parse(outcome->refusal.body);
  return fail(in_our_words(problem_of(document.value_or(json::Value{}), outcome->refusal.status)));
}

Result<json::Value> Api::send(std::string_view method, std::string_view target, std::string_view body,
                              std::string_view content_type) {
  diagnostics_ = {};
  const auto answer = client_.send(method, target, body, content_type);
  if (!answer) return fail(in_our_words(answer.error()));
  auto document = json::parse(answer->body, {.bytes = 64 << 20, .depth = json::deepest, .nodes = 16 << 20});
  if (answer->status < 400) return document;
  if (!document) return fail(problem_of({}, answer->status));
  if (const json::Value* diagnostics = document->find("diagnostics")) diagnostics_ = *diagnostics;
  return fail(in_our_words(problem_of(*document, answer->status)));
}

}  // namespace pawl::cli
