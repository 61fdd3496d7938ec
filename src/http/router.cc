#include "http/router.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/encoding.h"
#include "http/problem.h"

namespace pawl::http {

namespace {

constexpr std::size_t segments_most = 16;  // of a path that can match anything

std::vector<std::string_view> split(std::string_view path) {
  std::vector<std::string_view> segments;
  segments.reserve(8);
  path.remove_prefix(1);
  for (;;) {
    const std::size_t slash = path.find('/');
    segments.push_back(path.substr(0, slash));
    if (slash == std::string_view::npos || segments.size() > segments_most) return segments;
    path.remove_prefix(slash + 1);
  }
}

Problem not_found() {
  return {.status = 404,
          .code = "not-found",
          .title = "There is nothing at this path",
          .detail = {},
          .instance = {},
          .hint = "/openapi.json lists the paths"};
}

Problem bad_parameter(std::string_view name) {
  return {.status = 400,
          .code = "malformed-request",
          .title = "A part of the path is not percent-encoded UTF-8",
          .detail = {},
          .instance = std::string(name),
          .hint = {}};
}

}  // namespace

const std::string& PathParameters::operator[](std::string_view name) const {
  const auto found = std::ranges::find(values_, name, &std::pair<std::string_view, std::string>::first);
  if (found == values_.end()) std::abort();
  return found->second;
}

void Router::add(std::string_view method, std::string_view pattern, RouteHandler handler) {
  Entry entry{.route = {std::string(method), std::string(pattern)}, .segments = {}, .handler = std::move(handler)};
  for (const std::string_view text : split(pattern)) {
    Segment segment;
    if (text.starts_with('{')) {
      const std::size_t end = text.find('}');
      if (end == std::string_view::npos || end == 1) std::abort();
      segment = {.literal = std::string(text.substr(end + 1)), .parameter = std::string(text.substr(1, end - 1))};
    } else {
      segment.literal = text;
    }
    entry.literal_bytes += segment.literal.size();
    entry.segments.push_back(std::move(segment));
  }
  for (const Entry& other : entries_) {
    if (other.route.method == method && other.route.pattern == pattern) std::abort();
  }
  entries_.push_back(std::move(entry));
}

bool Router::matches(const Entry& entry, const std::vector<std::string_view>& path) {
  return std::ranges::equal(entry.segments, path, [](const Segment& segment, std::string_view text) {
    if (segment.parameter.empty()) return text == segment.literal;
    return text.size() > segment.literal.size() && text.ends_with(segment.literal);
  });
}

// The patterns of the most literal text that match the path, one for each of its methods.
std::vector<const Router::Entry*> Router::candidates(const std::vector<std::string_view>& path) const {
  std::vector<const Entry*> found;
  for (const Entry& entry : entries_) {
    if (!matches(entry, path)) continue;
    if (!found.empty() && entry.literal_bytes > found.front()->literal_bytes) found.clear();
    if (found.empty() || entry.literal_bytes == found.front()->literal_bytes) found.push_back(&entry);
  }
  return found;
}

void Router::operator()(Request request, Responder respond) const {
  const std::string raw_path = request.path;
  const std::vector<std::string_view> path = split(raw_path);
  const std::vector<const Entry*> found = candidates(path);
  if (found.empty()) return respond(problem_response(not_found()));
  const std::string_view method = request.method == "HEAD" ? "GET" : std::string_view(request.method);
  const auto chosen = std::ranges::find(found, method, [](const Entry* entry) { return entry->route.method; });
  if (chosen == found.end()) {
    std::string allowed;
    for (const Entry* entry : found) {
      allowed += (allowed.empty() ? "" : ", ") + entry->route.method;
      if (entry->route.method == "GET") allowed += ", HEAD";
    }
    Response response = problem_response({.status = 405,
                                          .code = "method-not-allowed",
                                          .title = "This path does not have that method",
                                          .detail = "it has " + allowed,
                                          .instance = {},
                                          .hint = {}});
    response.headers.emplace_back("Allow", allowed);
    return respond(std::move(response));
  }
  PathParameters parameters;
  const Entry& entry = **chosen;
  for (std::size_t i = 0; i < path.size(); ++i) {
    const Segment& segment = entry.segments[i];
    if (segment.parameter.empty()) continue;
    auto value = percent_decode(path[i].substr(0, path[i].size() - segment.literal.size()), false);
    if (!value || !is_utf8(*value) || value->contains('\0')) {
      return respond(problem_response(bad_parameter(segment.parameter)));
    }
    parameters.add(segment.parameter, std::move(*value));
  }
  entry.handler(std::move(request), std::move(parameters), std::move(respond));
}

std::vector<Router::Route> Router::routes() const {
  std::vector<Route> all;
  for (const Entry& entry : entries_) all.push_back(entry.route);
  return all;
}

}  // namespace pawl::http
